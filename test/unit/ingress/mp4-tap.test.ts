import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IngressEvidence } from '../../../monitor/ingress/ingress.ts';
import { Mp4Tap } from '../../../monitor/ingress/mp4-tap.ts';

function box(type: string, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + body.length);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, body]);
}

const words = (...values: number[]) => {
  const data = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) data.writeInt32BE(value | 0, index * 4);
  return data;
};

const timescale = 1000;
const nonSync = 0x00010000;

/** One video track; its presentation starts at `start` units. */
function movie(start = 0): Buffer {
  const edits = start ? [box('edts', box('elst', words(0, 2, 500, -1, 1, 0, start, 1)))] : [];
  const media = box(
    'mdia',
    box('mdhd', words(0, 0, 0, timescale)),
    box('hdlr', words(0, 0), Buffer.from('vide')),
  );
  const track = box('trak', box('tkhd', words(0, 0, 0, 1)), ...edits, media);
  return box('moov', track, box('mvex', box('trex', words(0, 1, 1, 40, 0, nonSync))));
}

/** A fragment of `pictures` at `decode` units, the first of which decoding can start at. */
function fragment(decode: number, pictures: number, offset = 0): Buffer {
  const run = box('trun', words(0x01000804, pictures, 0, ...Array.from({ length: pictures }, () => offset)));
  const traf = box('traf', box('tfhd', words(0, 1)), box('tfdt', words(0, decode)), run);
  return Buffer.concat([box('moof', traf), box('mdat', Buffer.alloc(50, 7))]);
}

function tapped(stream: Buffer, chunkBytes = 1000): IngressEvidence[] {
  const seen: IngressEvidence[] = [];
  const tap = new Mp4Tap((evidence) => seen.push(evidence));
  for (let at = 0; at < stream.length; at += chunkBytes) tap.write(stream.subarray(at, at + chunkBytes));
  return seen;
}

describe('fragmented MP4', () => {
  it('tells where decoding can start, whatever the cut', () => {
    const stream = Buffer.concat([box('ftyp'), movie(), fragment(4000, 25), fragment(5000, 25)]);
    for (const bytes of [1, 7, 16, 100, 10_000]) {
      expect(tapped(stream, bytes)).toEqual([
        { evidence: 'random-access', track: 'video', pts: 4 },
        { evidence: 'random-access', track: 'video', pts: 5 },
      ]);
    }
  });

  it('counts composition offsets and the edit list in', () => {
    expect(tapped(Buffer.concat([movie(80), fragment(4000, 25, 120)]))).toMatchObject([{ pts: 4.04 }]);
  });

  it('goes on at the next segment after a cut one', () => {
    const seen: IngressEvidence[] = [];
    const tap = new Mp4Tap((evidence) => seen.push(evidence));
    tap.write(movie());
    tap.startSegment();
    tap.write(fragment(1000, 25).subarray(0, 60));
    tap.startSegment();
    tap.write(fragment(2000, 25));
    expect(seen).toMatchObject([{ pts: 2 }]);
    expect(tap.videoPts).toBe(2);
  });

  it.each([
    ['that take no bytes', Array.from({ length: 20_000 }, () => [0, 90_000])],
    ['with fields that are not there', [[0x200, 0x7fffffff]]],
  ])('tells nothing of pictures by the million %s', (_, runs) => {
    const times = [box('tfhd', words(0, 1)), box('tfdt', words(0, 0))];
    const traf = box('traf', ...times, ...runs.map((run) => box('trun', words(...run))));
    const began = performance.now();
    expect(tapped(Buffer.concat([movie(), box('moof', traf)]), 100_000)).toEqual([]);
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it('takes any bytes', () => {
    const noise = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    const flipped = fc
      .tuple(fc.nat(), fc.nat({ max: 255 }), fc.integer({ min: 1, max: 300 }))
      .map(([at, value, cut]) => {
        const stream = Buffer.concat([movie(80), fragment(1000, 3), fragment(2000, 3)]);
        stream[at % stream.length] = value;
        return { stream, cut };
      });
    fc.assert(fc.property(noise, (bytes) => void tapped(bytes, 13)));
    fc.assert(
      fc.property(flipped, ({ stream, cut }) => void tapped(stream, cut)),
      { numRuns: 500 },
    );
  });
});
