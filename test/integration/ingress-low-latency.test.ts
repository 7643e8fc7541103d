import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, test } from 'vitest';
import type { IngressSession } from '../../monitor/ingress/ingress.ts';
import { framesIn, only, open, type Watched, watched } from './ingress-origin.ts';
import {
  type LowLatencyOptions,
  LowLatencyOrigin,
  type MadeParts,
  makeParts,
  partSeconds,
  partsInSegment,
} from './low-latency-origin.ts';
import { probe } from './probe-runner.ts';
import { eventually } from './run-process.ts';

const seconds = 16;
const framesInPart = 10;
let made: Record<LowLatencyOptions['container'], MadeParts>;

beforeAll(async () => {
  const [mpegts, fmp4] = await Promise.all([makeParts('mpegts', seconds), makeParts('fmp4', seconds)]);
  made = { mpegts, fmp4 };
});

interface Arrival {
  /** Bytes so far, over all sessions. */
  readonly bytes: number;
  /** ms of the process's clock. */
  readonly at: number;
}

interface Reading {
  readonly origin: LowLatencyOrigin;
  readonly seen: Watched;
  readonly sessions: readonly Buffer[];
  /** ms from when each part came out, of those that did while it was watched. */
  readonly delays: readonly number[];
}

/** Watches an origin to its end. */
async function readAll(options: LowLatencyOptions): Promise<Reading> {
  const origin = await LowLatencyOrigin.start(made[options.container], options);
  const seen = watched();
  try {
    const ingress = await open(origin.url, seen);
    const arrivals: Arrival[] = [];
    const sessions: Buffer[] = [];
    let total = 0;
    for (let session = await ingress.next(); session; session = await ingress.next()) {
      const chunks: Buffer[] = [];
      for await (const chunk of bytesOf(session)) {
        chunks.push(chunk);
        total += chunk.length;
        arrivals.push({ bytes: total, at: performance.now() });
      }
      sessions.push(Buffer.concat(chunks));
    }
    return { origin, seen, sessions, delays: delaysOf(origin, arrivals, sessions.length) };
  } finally {
    await origin.stop();
  }
}

async function* bytesOf({ inputs }: IngressSession): AsyncGenerator<Buffer> {
  yield* inputs[0]!.bytes as AsyncIterable<Buffer>;
}

/** Of the parts that came out after the start. All bytes to the end arrived, so that those of the start are known. */
function delaysOf(origin: LowLatencyOrigin, arrivals: readonly Arrival[], sessions: number): number[] {
  const repeatedInit = (sessions - 1) * origin.bytesBefore(0);
  const missing = origin.bytesBefore(origin.partCount) + repeatedInit - arrivals.at(-1)!.bytes;
  const first = arrivals[0]!.at;
  return Array.from({ length: origin.partCount }, (_, part) => part).flatMap((part) => {
    if (origin.madeAt(part) < first) return [];
    const end = origin.bytesBefore(part + 1) - missing;
    return arrivals.find(({ bytes }) => bytes >= end)!.at - origin.madeAt(part);
  });
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const asked = ({ origin }: Reading, form: RegExp) => origin.requests.filter((url) => form.test(url));
const frames = async ({ sessions }: Reading) => {
  const counts = await Promise.all(sessions.map((bytes) => framesIn(bytes)));
  return counts.reduce((sum, count) => sum + count, 0);
};
/** Whole segments, from one to the end. */
const framesFrom = (segment: number) => (seconds / partSeconds - segment * partsInSegment) * framesInPart;
const startSegment = 1;

describe.concurrent('Low-Latency HLS', () => {
  for (const container of ['mpegts', 'fmp4'] as const) {
    test(`comes part by part, and every picture of it: ${container}`, async ({ expect }) => {
      const [inParts, whole] = await Promise.all([
        readAll({ container }),
        readAll({ container, partsUntil: 0, reload: 'none' }),
      ]);
      for (const reading of [inParts, whole]) {
        expect(await frames(reading)).toBe(framesFrom(startSegment));
        expect(reading.seen.evidence.filter(({ evidence }) => evidence !== 'random-access')).toEqual([]);
        expect(reading.delays.length).toBeGreaterThan(15);
      }
      // A segment waits for its last part, and its reader for the next load.
      expect(mean(whole.delays)).toBeGreaterThan(2 * partSeconds * 1000);
      expect(mean(inParts.delays)).toBeLessThan(mean(whole.delays) / 3);
      expect(asked(inParts, /^\/segment\d/).length).toBeLessThanOrEqual(3);
      expect(inParts.seen.remarks).toEqual([]);
    });
  }

  test.for(['ignored', 'refused', 'none'] as const)(
    'is polled in the time of parts where requests are not held: %s',
    async (reload, { expect }) => {
      const reading = await readAll({ container: 'mpegts', reload });
      expect(await frames(reading)).toBe(framesFrom(startSegment));
      expect(mean(reading.delays)).toBeLessThan(2 * partSeconds * 1000);
      // A part may come out by chance while an answer is on its way.
      expect(asked(reading, /_HLS_msn/).length).toBeLessThan(10);
      expect(asked(reading, /^\/live/).length).toBeLessThan(40);
      expect(reading.seen.remarks).toEqual(
        reload === 'none' ? [] : [expect.stringContaining('does not hold requests for the playlist')],
      );
      expect(only('playlist-fault', reading.seen)).toEqual([]);
    },
  );

  test('goes on with the whole segment where a part is not there, and with parts later', async ({
    expect,
  }) => {
    const reading = await readAll({ container: 'fmp4', missingParts: [23] });
    expect(await frames(reading)).toBe(framesFrom(startSegment));
    expect(reading.seen.remarks).toEqual([expect.stringContaining('segments are read whole for a while')]);
    for (const kind of ['missing-segment', 'short-segment', 'playlist-fault'] as const)
      expect(only(kind, reading.seen)).toEqual([]);
  });

  test('goes on with whole segments where parts are no longer listed', async ({ expect }) => {
    const reading = await readAll({ container: 'mpegts', partsUntil: 27 });
    expect(await frames(reading)).toBe(framesFrom(startSegment));
    expect(reading.seen.evidence.filter(({ evidence }) => evidence !== 'random-access')).toEqual([]);
  });

  test('is read whole where segments are encrypted as a whole, with keys that change', async ({ expect }) => {
    const reading = await readAll({ container: 'mpegts', encrypted: true });
    expect(await frames(reading)).toBe(framesFrom(startSegment));
    expect(asked(reading, /^\/part/)).toEqual([]);
    expect(asked(reading, /^\/live/).length).toBeLessThan(30);
    expect(only('playlist-fault', reading.seen)).toEqual([]);
  });

  test('begins another session at a discontinuity, in parts', async ({ expect }) => {
    const reading = await readAll({ container: 'fmp4', discontinuity: 6 });
    expect(reading.sessions).toHaveLength(2);
    expect(await Promise.all(reading.sessions.map((bytes) => framesIn(bytes)))).toEqual([
      framesFrom(startSegment) - framesFrom(6),
      framesFrom(6),
    ]);
    expect(mean(reading.delays)).toBeLessThan(partSeconds * 1000);
    expect(only('playlist-fault', reading.seen)).toEqual([]);
  });

  test('is stale in the time of segments when its encoder stops, and is not asked in a loop', async ({
    expect,
  }) => {
    const origin = await LowLatencyOrigin.start(made.mpegts, { container: 'mpegts', stopsBefore: 28 });
    const seen = watched();
    const ingress = await open(origin.url, seen);
    const session = await ingress.next();
    session!.inputs[0]!.bytes.resume();
    await eventually('stale', () => only('playlist-fault', seen).length > 0);
    const newest = origin.madeAt(24);
    expect(only('playlist-fault', seen)).toMatchObject([{ fault: 'stale' }]);
    expect(performance.now() - newest).toBeLessThan(3 * partsInSegment * partSeconds * 1000);
    const asked = origin.requests.length;
    await sleep(3000);
    expect(origin.requests.length - asked).toBeLessThan(12);
    expect(only('short-segment', seen)).toEqual([]);
    ingress.close();
    await origin.stop();
  });
});

test.concurrent.for(['mpegts', 'fmp4'] as const)(
  'Low-Latency HLS has no defect to any detector: %s',
  async (container, { expect }) => {
    const origin = await LowLatencyOrigin.start(await makeParts(container, 32), { container });
    const { incidents, summary, code } = await probe(origin.url);
    const inParts = origin.requests.filter((url) => url.startsWith('/part'));
    await origin.stop();
    expect(incidents).toEqual([]);
    expect(summary.unknown).not.toHaveProperty('playlist');
    expect(summary.frames).toBeGreaterThan(400);
    expect(summary.monitoredSeconds).toBeGreaterThan(10);
    expect(inParts.length).toBeGreaterThan(20);
    expect(code).toBe(0);
  },
);
