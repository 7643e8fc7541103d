import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IngressEvidence } from '../../../monitor/ingress/ingress.ts';
import { sectionChecksum } from '../../../monitor/ingress/section-checksum.ts';
import { TsTap } from '../../../monitor/ingress/ts-tap.ts';
import { association, audioPid, map, packet, pes, picture, tables, videoPid } from './transport-stream.ts';

function tapped(parts: readonly Buffer[], chunkBytes = 1316): IngressEvidence[] {
  const seen: IngressEvidence[] = [];
  const tap = new TsTap({ onEvidence: (evidence) => seen.push(evidence) });
  const stream = Buffer.concat(parts);
  for (let at = 0; at < stream.length; at += chunkBytes) tap.write(stream.subarray(at, at + chunkBytes));
  return seen;
}

const video = (counter: number, more: object = {}) => packet({ pid: videoPid, counter, ...more });
const start = (counter: number, pts: number, unitType = 1) =>
  video(counter, { starts: true, payload: pes(pts, picture(unitType)) });

describe('continuity counters (ISO/IEC 13818-1 §2.4.3.3)', () => {
  it('says nothing of a whole stream, whatever the cut', () => {
    const stream = [tables(), start(15, 1), ...[0, 1, 2, 3].map((counter) => video(counter)), start(4, 1.04)];
    for (const bytes of [1, 7, 187, 188, 189, 500, 10_000]) expect(tapped(stream, bytes)).toEqual([]);
  });

  it('counts the packets missing from each track, at the PTS in progress', () => {
    const audio = (counter: number) =>
      packet({ pid: audioPid, counter, starts: true, payload: pes(2.5, undefined, 0xc0) });
    const stream = [tables(), start(0, 1), video(1), audio(3), video(4), audio(7), start(5, 1.04), video(4)];
    expect(tapped(stream)).toEqual([
      { evidence: 'continuity-gap', track: 'video', pts: 1, count: 2 },
      { evidence: 'continuity-gap', track: 'audio', pts: 2.5, count: 3 },
      { evidence: 'continuity-gap', track: 'video', pts: 1.04, count: 14 },
    ]);
  });

  it('takes one duplicate, and takes a second one for a loss', () => {
    expect(tapped([tables(), video(1), video(1), video(2)])).toEqual([]);
    expect(tapped([tables(), video(1), video(1), video(1), video(2)])).toMatchObject([{ count: 15 }]);
  });

  it('does not take another packet with the same counter for a duplicate', () => {
    const other = video(1, { payload: Buffer.alloc(184, 0xaa) });
    expect(tapped([tables(), video(1), other, video(2)])).toMatchObject([{ count: 15 }]);
  });

  it('lets packets without payload and announced jumps pass', () => {
    const idle = (counter: number) => video(counter, { withoutPayload: true });
    expect(tapped([tables(), video(1), idle(1), idle(1), video(2)])).toEqual([]);
    expect(tapped([tables(), video(1), video(9, { discontinuity: true }), video(10)])).toEqual([]);
    expect(tapped([tables(), video(1), idle(1), video(9)])).toHaveLength(1);
  });

  it('tells damage marked upstream and trusts no counter of such a packet', () => {
    const stream = [tables(), start(1, 1), video(7, { damaged: true }), video(12), video(13)];
    expect(tapped(stream)).toEqual([
      { evidence: 'transport-error', fault: 'transport-error', track: 'video', pts: 1 },
    ]);
  });

  it('leaves out PIDs that are neither picture nor sound', () => {
    const subtitle = (counter: number) => packet({ pid: 400, counter });
    expect(tapped([tables(), subtitle(0), subtitle(9), packet({ pid: 0x1fff, counter: 3 })])).toEqual([]);
  });
});

describe('segments', () => {
  const inSegments = (afterLoss: boolean, ...segments: Buffer[][]): IngressEvidence[] => {
    const seen: IngressEvidence[] = [];
    const tap = new TsTap({ onEvidence: (evidence) => seen.push(evidence) });
    for (const segment of segments) {
      tap.startSegment({ afterLoss });
      tap.write(Buffer.concat(segment));
    }
    return seen;
  };

  it('takes counters from 0 for a packager that opens each segment anew', () => {
    expect(inSegments(false, [tables(), video(3), video(4)], [tables(), video(0), video(1)])).toEqual([]);
  });

  it('sees a loss across the boundary', () => {
    expect(inSegments(false, [tables(), video(3)], [tables(), video(6)])).toMatchObject([{ count: 2 }]);
  });

  it('does not tell a loss twice that is known already', () => {
    expect(inSegments(true, [tables(), video(3)], [tables(), video(9)])).toEqual([]);
  });
});

describe('random access points', () => {
  it('finds IDR slices and parameter sets of H.264 with their PTS', () => {
    const stream = [tables(), start(0, 1, 5), start(1, 1.04, 1), start(2, 1.08, 7)];
    expect(tapped(stream)).toEqual([
      { evidence: 'random-access', track: 'video', pts: 1 },
      { evidence: 'random-access', track: 'video', pts: 1.08 },
    ]);
  });

  it('finds IRAP pictures of HEVC and sequence headers of MPEG-2', () => {
    const hevc = (type: number) => Buffer.from([0, 0, 0, 1, 0x46, 1, 0x50, 0, 0, 1, type << 1, 1, 0]);
    const starting = (counter: number, content: Buffer) =>
      video(counter, { starts: true, payload: pes(counter / 25, content) });
    expect(tapped([tables(0x24), starting(0, hevc(20)), starting(1, hevc(1))])).toMatchObject([{ pts: 0 }]);
    const mpeg2 = (code: number) => Buffer.from([0, 0, 1, code, 0, 0]);
    expect(tapped([tables(0x02), starting(0, mpeg2(0xb3)), starting(1, mpeg2(0))])).toMatchObject([
      { pts: 0 },
    ]);
  });

  it('takes the indicator for it, and finds units cut by packets', () => {
    const marked = video(0, { starts: true, randomAccess: true, payload: pes(3, picture(1)) });
    expect(tapped([tables(), marked])).toMatchObject([{ evidence: 'random-access', pts: 3 }]);
    const cut = picture(5);
    const first = video(0, { starts: true, payload: pes(4, cut.subarray(0, 9)) });
    expect(tapped([tables(), first, video(1, { payload: cut.subarray(9) })])).toMatchObject([{ pts: 4 }]);
  });

  it('reads all 33 bits of a PTS', () => {
    const nearWrap = (2 ** 33 - 900) / 90_000;
    expect(tapped([tables(), start(0, nearWrap, 5)])[0]!.pts).toBeCloseTo(nearWrap, 6);
  });

  it('needs no tables: PES stream ids tell the tracks', () => {
    expect(tapped([start(0, 1, 5), video(4)])).toEqual([
      { evidence: 'random-access', track: 'video', pts: 1 },
      { evidence: 'continuity-gap', track: 'video', pts: 1, count: 3 },
    ]);
  });
});

describe('sync', () => {
  it('is found in a stream that is joined in the middle of a packet', () => {
    const stream = Buffer.concat([tables(), start(0, 1, 5), video(1), video(2)]);
    expect(tapped([stream.subarray(100)])).toMatchObject([{ evidence: 'random-access' }]);
  });

  it('is found again after foreign bytes, and the loss is told once', () => {
    const stream = [tables(), start(0, 1), video(1), Buffer.alloc(77, 0x12), video(2), video(3)];
    expect(tapped(stream)).toEqual([
      { evidence: 'transport-error', fault: 'sync-loss', track: 'unknown', pts: 1 },
    ]);
  });
});

it('takes any bytes', () => {
  const bytes = fc.uint8Array({ maxLength: 2000 });
  const packets = fc.array(fc.uint8Array({ minLength: 187, maxLength: 187 }), { maxLength: 12 });
  fc.assert(
    fc.property(bytes, packets, fc.integer({ min: 1, max: 600 }), (noise, bodies, cut) => {
      const framed = bodies.map((body) => Buffer.concat([Buffer.from([0x47]), body]));
      tapped([Buffer.from(noise), tables(), ...framed, Buffer.from(noise)], cut);
    }),
    { numRuns: 300 },
  );
});

describe('the programme', () => {
  const changes = (parts: readonly Buffer[], chunkBytes: number) => {
    const tap = new TsTap({ onEvidence: () => {} });
    const stream = Buffer.concat(parts);
    const found: { at: number; goesOn: number; tables: Buffer }[] = [];
    for (let at = 0; at < stream.length; at += chunkBytes) {
      tap.write(stream.subarray(at, at + chunkBytes));
      const change = tap.programChange;
      if (change) found.push({ at: at + change.before, goesOn: at + change.after, tables: change.tables });
    }
    return found;
  };
  const hevc = tables(0x24);

  it('changes with its tracks and codecs, where the map says so', () => {
    const stream = [tables(), video(1), video(2), tables(), video(3), hevc, video(4)];
    for (const bytes of [188, 1000, 10_000]) {
      const [change, ...others] = changes(stream, bytes);
      expect(others).toEqual([]);
      expect(change!.goesOn).toBe(9 * 188);
      expect(change!.tables).toEqual(hevc);
    }
  });

  it('stays the same when a map comes damaged', () => {
    const damaged = Buffer.from(hevc);
    damaged[188 + 20]! ^= 0x01;
    expect(changes([tables(), video(1), damaged, video(2)], 500)).toEqual([]);
    expect(changes([tables(), video(1), damaged, hevc, video(2)], 500)).toHaveLength(1);
  });

  it('stays the same through repeated tables', () => {
    expect(changes([tables(), video(1), tables(), video(2), tables()], 500)).toEqual([]);
  });

  /** A packet with one section, some of whose bytes are others. */
  const altered = (table: Buffer, bytes: Readonly<Record<number, number>>) => {
    const packet = Buffer.from(table);
    const section = packet.subarray(5, 8 + packet[7]!);
    for (const [at, byte] of Object.entries(bytes)) section[Number(at)] = byte;
    section.writeInt32BE(sectionChecksum(section.subarray(0, -4)), section.length - 4);
    return packet;
  };
  const [of, ofAnother] = [map(0), altered(map(1, 0x24), { 4: 2 })];

  it('is not yet the one that is announced to come', () => {
    const next = altered(map(1, 0x24), { 5: 0xc0 });
    expect(changes([tables(), video(1), next, video(2), of, next, of], 500)).toEqual([]);
    expect(changes([tables(), video(1), next, video(2), map(2, 0x24)], 500)).toHaveLength(1);
  });

  it('is the first of those that have their maps on one PID', () => {
    expect(changes([tables(), video(1), ofAnother, of, video(2), ofAnother, of], 500)).toEqual([]);
  });

  it('changes to another one that has its place', () => {
    const listed = altered(association(1), { 9: 2 });
    expect(changes([tables(), video(1), listed, ofAnother, video(2), listed, ofAnother], 500)).toHaveLength(
      1,
    );
  });
});
