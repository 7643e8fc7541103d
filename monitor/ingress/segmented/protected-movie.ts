import { IngressError } from '../ingress.ts';
import { allBoxes, boxes, find } from '../mp4-boxes.ts';
import type { Pattern } from './sample-cipher.ts';

/** How the samples of one sample description are encrypted: its `tenc` box (ISO/IEC 23001-7 §8.2). */
export interface Protection {
  readonly scheme: 'cenc' | 'cbcs';
  /** In hexadecimal digits. */
  readonly keyId: string;
  /** Bytes of each sample's own initialisation vector; 0 where `constantIv` serves all. */
  readonly ivSize: number;
  readonly constantIv: Buffer | undefined;
  readonly pattern: Pattern;
}

export interface ProtectedTrack {
  /** By index of the sample description, from 1; `undefined` where samples are clear. */
  readonly descriptions: readonly (Protection | undefined)[];
  readonly defaultDescription: number;
  readonly defaultSize: number;
}

/** Bytes of a sample entry before the boxes in it (ISO/IEC 14496-12 §12.1.3, §12.2.3). */
const entryBytes: Readonly<Record<string, number>> = { encv: 78, enca: 28 };

/**
 * Reads how the tracks of a movie box are encrypted, and rewrites the box, in place, into that of a clear movie.
 * @returns the tracks by id; those that are all clear are left out
 * @throws IngressError UnsupportedStream for a scheme that is not `cenc` or `cbcs`; RangeError on a malformed box
 */
export function clearMovie(moov: Buffer): Map<number, ProtectedTrack> {
  const tracks = new Map<number, ProtectedTrack>();
  const defaults = new Map<number, { description: number; size: number }>();
  for (const trex of boxes(find(moov, 'mvex'), 'trex')) {
    defaults.set(trex.readUInt32BE(4), { description: trex.readUInt32BE(8), size: trex.readUInt32BE(16) });
  }
  for (const trak of boxes(moov, 'trak')) {
    const tkhd = find(trak, 'tkhd');
    const stsd = find(find(find(find(trak, 'mdia'), 'minf'), 'stbl'), 'stsd');
    if (!tkhd || !stsd) continue;
    const id = tkhd.readUInt32BE(tkhd[0] === 1 ? 20 : 12);
    const descriptions = [...allBoxes(stsd.subarray(8))].map(clearEntry);
    const { description, size } = defaults.get(id) ?? { description: 1, size: 0 };
    if (descriptions.some((protection) => protection)) {
      tracks.set(id, { descriptions, defaultDescription: description, defaultSize: size });
    }
  }
  if (tracks.size > 0) blank(moov, 'pssh');
  return tracks;
}

/** Boxes of a type directly within another, turned into free space. */
export function blank(parent: Buffer, type: string): void {
  for (const { type: found, name } of allBoxes(parent)) if (found === type) name.write('free', 'latin1');
}

function clearEntry({
  type,
  name,
  content,
}: {
  type: string;
  name: Buffer;
  content: Buffer;
}): Protection | undefined {
  const start = entryBytes[type];
  if (start === undefined) return undefined;
  const inner = content.subarray(start);
  const sinf = find(inner, 'sinf');
  const original = find(sinf, 'frma');
  const scheme = find(sinf, 'schm')?.toString('latin1', 4, 8);
  const tenc = find(find(sinf, 'schi'), 'tenc');
  if (!original || !tenc || (scheme !== 'cenc' && scheme !== 'cbcs')) {
    const told = scheme !== undefined && /^\w{4}$/.test(scheme) ? scheme : 'unknown';
    throw new IngressError(
      'UnsupportedStream',
      `the segments are encrypted with the scheme ${told}: only cenc and cbcs are decrypted`,
    );
  }
  original.copy(name);
  blank(inner, 'sinf');
  return protection(scheme, tenc);
}

function protection(scheme: Protection['scheme'], tenc: Buffer): Protection | undefined {
  const isProtected = tenc[6] === 1;
  if (!isProtected) return undefined;
  const ivSize = tenc[7]!;
  const hasPattern = tenc[0]! > 0;
  const constantSize = ivSize === 0 ? tenc[24]! : 0;
  return {
    scheme,
    keyId: tenc.toString('hex', 8, 24),
    ivSize,
    constantIv: constantSize > 0 ? Buffer.from(tenc.subarray(25, 25 + constantSize)) : undefined,
    pattern: hasPattern ? { crypt: tenc[5]! >> 4, skip: tenc[5]! & 0x0f } : { crypt: 0, skip: 0 },
  };
}
