import { describe, expect, it } from 'vitest';
import type { IngressEvidence } from '../../../monitor/ingress/ingress.ts';
import { TsTap } from '../../../monitor/ingress/ts-tap.ts';
import {
  association,
  audioPid,
  map,
  packet,
  pes,
  picture,
  stuffing,
  tables,
  videoPid,
} from './transport-stream.ts';

const ticksPerSecond = 27_000_000;

interface Frame {
  readonly index: number;
  /** Stream time in seconds. */
  readonly time: number;
  readonly counter: number;
}

/** A stream of 25 pictures a second, each with a clock reference, and a sound packet; tables every 0.2 s. */
function stream(
  seconds: number,
  change: (frame: Frame) => {
    readonly clock?: number | undefined;
    readonly pts?: number;
    readonly tables?: Buffer;
    readonly sound?: boolean;
    readonly announced?: boolean;
    readonly lost?: boolean;
  } = () => ({}),
): Buffer[] {
  const packets: Buffer[] = [];
  for (let index = 0; index < seconds * 25; index++) {
    const time = index / 25;
    const counter = index & 0x0f;
    const changed = change({ index, time, counter });
    const clock = 'clock' in changed ? changed.clock : time;
    if (changed.lost) continue;
    if (index % 5 === 0) packets.push(changed.tables ?? tables(0x1b, tableCounter(index)));
    packets.push(
      packet({
        ...{ pid: videoPid, counter, starts: true, payload: pes(changed.pts ?? time + 1, picture(1)) },
        ...(clock !== undefined && { clock: Math.round(clock * ticksPerSecond) }),
        ...(changed.announced && { discontinuity: true }),
      }),
    );
    if (changed.sound !== false) {
      const payload = pes(time + 1, undefined, 0xc0);
      packets.push(packet({ pid: audioPid, counter, starts: true, payload }));
    }
  }
  return packets;
}

function tableCounter(index: number): number {
  return Math.floor(index / 5) & 0x0f;
}

function told(packets: readonly Buffer[], options?: { readonly broadcast: boolean }): IngressEvidence[] {
  const seen: IngressEvidence[] = [];
  const tap = new TsTap({ onEvidence: (evidence) => seen.push(evidence) }, options);
  tap.write(Buffer.concat(packets));
  return seen;
}

const faults = (seen: readonly IngressEvidence[]) => seen.map(({ evidence, fault }) => fault ?? evidence);

it('says nothing of a stream that keeps to the rules, over the wrap of its clock', () => {
  expect(told(stream(6))).toEqual([]);
  const wrap = (2 ** 33 * 300) / ticksPerSecond;
  expect(told(stream(6, ({ time }) => ({ clock: (wrap - 3 + time) % wrap })))).toEqual([]);
});

describe('tables', () => {
  const without = (kept: (counter: number) => Buffer, from: number, to: number) =>
    stream(6, ({ time, index }) => (time >= from && time < to ? { tables: kept(tableCounter(index)) } : {}));

  it('are late after half a second, and told once a second while they are', () => {
    const seen = told(without(map, 2, 4));
    expect(faults(seen)).toEqual(['pat', 'pat']);
    expect(seen[0]).toMatchObject({ evidence: 'transport-fault', pts: expect.closeTo(3.4, 0) });
    expect(seen[0]!.value).toBeGreaterThan(0.5);
    expect(faults(told(without(association, 2, 3)))).toEqual(['pmt']);
  });

  it('are not late when the clock is only read between them', () => {
    expect(told(without(map, 2, 2.1))).toEqual([]);
  });

  it('need not repeat in files and segments, but each segment brings its own', () => {
    expect(told(without(map, 1, 5), { broadcast: false })).toEqual([]);
    const seen: IngressEvidence[] = [];
    const tap = new TsTap({ onEvidence: (evidence) => seen.push(evidence) }, { broadcast: false });
    for (const [index, bytes] of [tables(), map(1), tables(0x1b, 2), tables(0x1b, 3)].entries()) {
      tap.startSegment({ afterLoss: index === 1, ownTables: index !== 3 });
      tap.write(bytes);
    }
    expect(faults(seen)).toEqual(['pat']);
  });

  it('that do not match their checksum are told and not used', () => {
    const damaged = Buffer.from(tables());
    damaged[188 + 20]! ^= 1;
    const video = packet({ pid: videoPid, counter: 0, starts: true, payload: pes(1) });
    expect(faults(told([damaged, video]))).toEqual(['crc']);
  });

  it('are put together when their sections share packets', () => {
    const [pat, pmt] = [association(), map(0)].map((table) => table.subarray(5, 188));
    const length = 3 + (((pmt![1]! & 0x0f) << 8) | pmt![2]!);
    const first = Buffer.concat([Buffer.alloc(1), pmt!.subarray(0, length), pmt!.subarray(0, 8)]);
    const second = Buffer.concat([Buffer.from([length - 8]), pmt!.subarray(8, length)]);
    const packets = [
      packet({ pid: 0, counter: 0, starts: true, payload: Buffer.concat([Buffer.alloc(1), pat!]) }),
      packet({ pid: 0x1000, counter: 0, starts: true, payload: first }),
      packet({ pid: 0x1000, counter: 1, starts: true, payload: second }),
    ];
    expect(told(packets)).toEqual([]);
    second[3]! ^= 1;
    packets[2] = packet({ pid: 0x1000, counter: 1, starts: true, payload: second });
    expect(faults(told(packets))).toEqual(['crc']);
  });
});

describe('the clock', () => {
  it('is too rarely told beyond 100 ms, to receivers that run by it', () => {
    const every = (frames: number, broadcast = true) =>
      told(
        stream(4, ({ index, time }) => ({ clock: index % frames === 0 ? time : undefined })),
        { broadcast },
      );
    expect(every(2)).toEqual([]);
    const seen = every(4);
    expect(new Set(faults(seen))).toEqual(new Set(['pcr-repetition']));
    expect(seen.length).toBeLessThanOrEqual(4);
    expect(seen[0]!.value).toBeCloseTo(0.16, 6);
    expect(every(4, false)).toEqual([]);
  });

  it('is told to be gone while pictures go on', () => {
    const seen = told(stream(6, ({ time }) => ({ clock: time < 2 || time > 5 ? time : undefined })));
    expect(new Set(faults(seen))).toEqual(new Set(['pcr-repetition']));
  });

  it('may jump where it says so, and nowhere else', () => {
    const jumping = (to: number, announced: boolean) =>
      told(
        stream(4, ({ index, time }) => ({
          clock: index < 50 ? time : time + to,
          announced: announced && index === 50,
        })),
      );
    for (const to of [3600, -1.5]) {
      expect(jumping(to, true)).toEqual([]);
      const seen = jumping(to, false);
      expect(faults(seen)).toEqual(['pcr-discontinuity']);
      expect(seen[0]!.value).toBeCloseTo(Math.abs(to + 0.04), 3);
    }
  });

  it('is not judged over lost packets, which are told already', () => {
    const seen = told(stream(4, ({ index }) => ({ lost: index > 50 && index < 60 })));
    expect(new Set(faults(seen))).toEqual(new Set(['continuity-gap']));
  });
});

describe('the accuracy of the clock', () => {
  /** A reference in each 20th packet of a constant rate: 40 ms apart. */
  function constant(error: (index: number) => number, fill = stuffing): Buffer[] {
    const packets: Buffer[] = [];
    for (let index = 0; index < 100; index++) {
      const clock = Math.round((index * 40e-3 + error(index)) * ticksPerSecond);
      packets.push(packet({ pid: videoPid, counter: 0, withoutPayload: true, clock }));
      if (index % 4 === 0) packets.push(tables(0x1b, (index / 4) & 0x0f));
      for (let left = index % 4 === 0 ? 17 : 19; left > 0; left--) packets.push(fill());
    }
    return packets;
  }
  const errors = (limit: number) => (index: number) => (index % 7 === 3 ? limit : 0);

  it('is within 500 ns of a constant rate', () => {
    expect(told(constant(() => 0))).toEqual([]);
    expect(told(constant(errors(400e-9)))).toEqual([]);
    const seen = told(constant(errors(900e-9)));
    expect(new Set(faults(seen))).toEqual(new Set(['pcr-accuracy']));
    expect(seen[0]!.value).toBeGreaterThan(600e-9);
  });

  it('is not judged where the rate varies, or is not filled up', () => {
    expect(told(constant((index) => (index % 2) * 10e-3))).toEqual([]);
    const filled = () => packet({ pid: 400, counter: 0, withoutPayload: true });
    expect(told(constant(errors(900e-9), filled))).toEqual([]);
  });
});

describe('what the map refers to', () => {
  it('is lacking after five seconds without a packet', () => {
    const seen = told(stream(9, ({ time }) => ({ sound: time < 1 })));
    expect(new Set(faults(seen))).toEqual(new Set(['pid']));
    expect(seen[0]).toMatchObject({ track: 'audio' });
    expect(told(stream(5, ({ time }) => ({ sound: time < 1 })))).toEqual([]);
  });

  it('has presentation times no further apart than 700 ms', () => {
    const late = (seconds: number) =>
      told(stream(3, ({ index, time }) => ({ pts: time + 1 + (index >= 30 ? seconds : 0) })));
    expect(late(0.6)).toEqual([]);
    expect(late(0.9)).toEqual([
      {
        ...{ evidence: 'transport-fault', fault: 'pts', track: 'video' },
        ...{ value: expect.closeTo(0.94, 3), pts: expect.closeTo(3.1, 3) },
      },
    ]);
  });
});

describe('sync', () => {
  const broken = (...indices: number[]) => {
    const packets = stream(2).map((bytes) => Buffer.from(bytes));
    for (const index of indices) packets[index]![0] = 0x12;
    return Buffer.concat(packets);
  };
  const cut = (bytes: Buffer, size: number) => {
    const seen: IngressEvidence[] = [];
    const tap = new TsTap({ onEvidence: (evidence) => seen.push(evidence) });
    for (let at = 0; at < bytes.length; at += size) tap.write(bytes.subarray(at, at + size));
    return seen.filter(({ evidence }) => evidence === 'transport-error');
  };

  it.each([188, 1316, 1000, 77, 1_000_000])('bears one wrong byte, in chunks of %i bytes', (size) => {
    expect(faults(cut(broken(20), size))).toEqual(['sync-byte']);
  });

  it('is lost with two', () => {
    expect(faults(cut(broken(20, 21), 1_000_000))).toEqual(['sync-loss']);
    expect(faults(cut(broken(20, 21), 188)).at(-1)).toBe('sync-loss');
  });
});
