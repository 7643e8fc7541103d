import { IngressError } from '../ingress.ts';
import { allBoxes, boxes, find } from '../mp4-boxes.ts';
import { blank, type ProtectedTrack, type Protection } from './protected-movie.ts';
import { decryptCounter, decryptPattern, type Subsample } from './sample-cipher.ts';

/** PIFF's form of `senc`, of the time before the standard. */
const piffSampleEncryption = 'a2394f525a9b4f14a2446c427c648df4';
/** A hostile count of samples would never run out of bytes that it does not take. */
const mostSamples = 100_000;

/**
 * Decrypts a fragment in place: a movie fragment box at its start, and the media data after it.
 * @param moofSize bytes of the movie fragment box, header included
 * @throws IngressError WrongKey, UnsupportedStream; RangeError on a malformed box
 */
export function decryptFragment(
  fragment: Buffer,
  moofSize: number,
  tracks: ReadonlyMap<number, ProtectedTrack>,
  keyFor: (protection: Protection) => Buffer,
): void {
  for (const traf of boxes(fragment.subarray(8, moofSize), 'traf')) {
    const header = fragmentHeader(traf, tracks);
    if (!header?.protection) continue;
    const { protection, defaultSize } = header;
    const key = keyFor(protection);
    const vectors = sampleVectors(traf, protection);
    let left = fragment.length;
    for (const [index, { at, size }] of samplesOf(traf, moofSize + 8, defaultSize).entries()) {
      const sample = fragment.subarray(Math.max(0, at), Math.max(0, at + size));
      left -= sample.length;
      if (left < 0) throw new IngressError('UnsupportedStream', 'encrypted samples lie upon each other');
      const { iv, subsamples } = vectors[index] ?? { iv: protection.constantIv, subsamples: [] };
      if (!iv) throw new IngressError('UnsupportedStream', 'encrypted samples have no initialisation vector');
      if (protection.scheme === 'cenc') decryptCounter(sample, subsamples, key, iv);
      else decryptPattern(sample, subsamples, key, iv, protection.pattern);
    }
    for (const type of ['senc', 'saiz', 'saio']) blank(traf, type);
  }
}

/** Fields in the order in which their flags say they are there (ISO/IEC 14496-12 §8.8.7). */
function fragmentHeader(traf: Buffer, tracks: ReadonlyMap<number, ProtectedTrack>) {
  const tfhd = find(traf, 'tfhd');
  const track = tfhd && tracks.get(tfhd.readUInt32BE(4));
  if (!tfhd || !track) return undefined;
  const flags = tfhd.readUIntBE(1, 3);
  let at = 8 + (flags & 0x01 ? 8 : 0);
  const description = flags & 0x02 ? tfhd.readUInt32BE(at) : track.defaultDescription;
  if (flags & 0x02) at += 4;
  if (flags & 0x08) at += 4;
  const defaultSize = flags & 0x10 ? tfhd.readUInt32BE(at) : track.defaultSize;
  return { protection: track.descriptions[description - 1], defaultSize };
}

/** Where the samples lie, from the start of the fragment; without an offset they follow one another. */
function samplesOf(traf: Buffer, mediaStart: number, defaultSize: number): { at: number; size: number }[] {
  const samples: { at: number; size: number }[] = [];
  let place = mediaStart;
  for (const trun of boxes(traf, 'trun')) {
    const flags = trun.readUIntBE(1, 3);
    const count = trun.readUInt32BE(4);
    let at = 8;
    if (flags & 0x001) {
      place = trun.readInt32BE(at);
      at += 4;
    }
    if (flags & 0x004) at += 4;
    for (let index = 0; index < count && samples.length < mostSamples; index++) {
      if (flags & 0x100) at += 4;
      const size = flags & 0x200 ? trun.readUInt32BE(at) : defaultSize;
      samples.push({ at: place, size });
      place += size;
      for (const flag of [0x200, 0x400, 0x800]) if (flags & flag) at += 4;
    }
  }
  return samples;
}

/** Initialisation vector and subsamples of each sample (`senc`, ISO/IEC 23001-7 §7.2). */
function sampleVectors(
  traf: Buffer,
  { ivSize, constantIv }: Protection,
): { iv: Buffer | undefined; subsamples: Subsample[] }[] {
  const senc = find(traf, 'senc') ?? piff(traf);
  if (!senc) return [];
  const hasSubsamples = (senc[3]! & 0x02) !== 0;
  const count = Math.min(senc.readUInt32BE(4), mostSamples);
  const vectors: { iv: Buffer | undefined; subsamples: Subsample[] }[] = [];
  let at = 8;
  for (let index = 0; index < count; index++) {
    const iv = ivSize > 0 ? senc.subarray(at, at + ivSize) : constantIv;
    at += ivSize;
    const subsamples: Subsample[] = [];
    if (hasSubsamples) {
      const parts = senc.readUInt16BE(at);
      at += 2;
      for (let part = 0; part < parts; part++, at += 6) {
        subsamples.push({ clear: senc.readUInt16BE(at), encrypted: senc.readUInt32BE(at + 2) });
      }
    }
    vectors.push({ iv, subsamples });
  }
  return vectors;
}

function piff(traf: Buffer): Buffer | undefined {
  for (const { type, content } of allBoxes(traf)) {
    if (type === 'uuid' && content.toString('hex', 0, 16) === piffSampleEncryption)
      return content.subarray(16);
  }
  return undefined;
}
