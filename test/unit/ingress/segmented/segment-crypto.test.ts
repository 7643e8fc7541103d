import { createCipheriv, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SegmentMethod } from '../../../../monitor/ingress/segmented/media-playlist.ts';
import {
  DamagedSegment,
  decrypted,
  keyLength,
} from '../../../../monitor/ingress/segmented/segment-crypto.ts';

const ciphers = { 'AES-128': 'aes-128-cbc', 'AES-256': 'aes-256-cbc', 'AES-256-CTR': 'aes-256-ctr' } as const;

async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

async function* inPieces(data: Buffer, bytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < data.length; at += bytes) yield data.subarray(at, at + bytes);
}

function encrypted(method: SegmentMethod, clear: Buffer) {
  const secret = randomBytes(keyLength(method));
  const key = { method, iv: randomBytes(16) };
  const cipher = createCipheriv(ciphers[method], secret, key.iv);
  return { key, secret, data: Buffer.concat([cipher.update(clear), cipher.final()]) };
}

describe('segment decryption', () => {
  it.each(['AES-128', 'AES-256', 'AES-256-CTR'] as const)(
    'gives the clear bytes back: %s',
    async (method) => {
      for (const size of [0, 1, 15, 16, 17, 1880]) {
        const clear = randomBytes(size);
        const { key, secret, data } = encrypted(method, clear);
        expect(await collect(decrypted(inPieces(data, 7), key, secret))).toEqual(clear);
      }
    },
  );

  it('says that a cut segment is damaged, after its clear part', async () => {
    const clear = randomBytes(1880);
    const { key, secret, data } = encrypted('AES-128', clear);
    const parts: Buffer[] = [];
    const read = async () => {
      for await (const chunk of decrypted(inPieces(data.subarray(0, 1000), 100), key, secret))
        parts.push(chunk);
    };
    await expect(read()).rejects.toThrow(DamagedSegment);
    expect(Buffer.concat(parts)).toEqual(clear.subarray(0, Buffer.concat(parts).length));
    expect(Buffer.concat(parts).length).toBeGreaterThan(900);
  });

  it('implements NIST SP 800-38A F.2.1 (CBC-AES128)', async () => {
    const key = {
      method: 'AES-128',
      iv: Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex'),
    } as const;
    const secret = Buffer.from('2b7e151628aed2a6abf7158809cf4f3c', 'hex');
    const data = Buffer.from('7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2', 'hex');
    const parts: Buffer[] = [];
    // The vector has no padding, so only the blocks before the last come out.
    await expect(
      (async () => {
        for await (const chunk of decrypted(inPieces(data, 32), key, secret)) parts.push(chunk);
      })(),
    ).rejects.toThrow(DamagedSegment);
    expect(Buffer.concat(parts).toString('hex')).toBe('6bc1bee22e409f96e93d7e117393172a');
  });
});
