import { createDecipheriv } from 'node:crypto';
import { IngressError } from '../ingress.ts';
import type { SegmentKey, SegmentMethod } from './media-playlist.ts';

const algorithms = {
  'AES-128': 'aes-128-cbc',
  'AES-256': 'aes-256-cbc',
  'AES-256-CTR': 'aes-256-ctr',
} as const;

/** Bytes of the key that a method takes. */
export function keyLength(method: SegmentKey['method']): number {
  return method === 'AES-256' || method === 'AES-256-CTR' ? 32 : 16;
}

/**
 * Decrypts a segment as it arrives: AES in CBC mode with PKCS #7 padding (RFC 8216 §4.3.2.4), or in CTR mode.
 * Fails with `DamagedSegment` at the end when blocks or padding are not whole.
 */
export async function* decrypted(
  chunks: AsyncIterable<Buffer>,
  { method, iv }: { readonly method: SegmentMethod; readonly iv: Buffer },
  key: Buffer,
): AsyncGenerator<Buffer> {
  const decipher = createDecipheriv(algorithms[method], key, iv);
  for await (const chunk of chunks) {
    const clear = decipher.update(chunk);
    if (clear.length > 0) yield clear;
  }
  let last: Buffer;
  try {
    last = decipher.final();
  } catch {
    throw new DamagedSegment();
  }
  if (last.length > 0) yield last;
}

/** The end of an encrypted segment is missing or broken; what came before it was clear. */
export class DamagedSegment extends IngressError {
  constructor() {
    super('WrongKey', 'the end of an encrypted segment does not decrypt');
  }
}
