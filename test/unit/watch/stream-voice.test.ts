import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IncidentWatchEvent, WatchedSeconds } from '../../../monitor/watch/watch-event.ts';
import { type Defect, Reader, wallMs } from './moving-stream.ts';

/** Defects apart by at least `gap` s, each long enough to be an incident. */
const defects = (gap: number) =>
  fc
    .array(fc.tuple(fc.integer({ min: gap, max: gap + 60 }), fc.integer({ min: 4, max: 50 })), {
      minLength: 1,
      maxLength: 6,
    })
    .map((pairs) => {
      let at = 0;
      return pairs.map(([pause, length]): Defect => {
        const from = at + pause;
        at = from + length;
        return { from, to: at };
      });
    });

/** Every change that somebody was told, by incident. */
function tellings(...readers: readonly Reader[]): Map<string, IncidentWatchEvent[]> {
  const all = readers.flatMap(({ incidents }) => incidents).filter(({ handedOver }) => !handedOver);
  return Map.groupBy(all, ({ incident }) => incident.id);
}

function expectToldOnce(told: Map<string, IncidentWatchEvent[]>): void {
  for (const changes of told.values()) {
    expect(changes.map(({ change }) => change)).toEqual(['opened', 'closed']);
    const [opened, closed] = changes;
    expect(closed!.incident.revision).toBeGreaterThan(opened!.incident.revision);
    expect(closed!.incident.startTime).toBe(opened!.incident.startTime);
    expect(Date.parse(closed!.incident.endTime!)).toBeGreaterThanOrEqual(
      Date.parse(opened!.incident.startTime),
    );
  }
}

function seconds(kind: 'monitored' | 'blind', ...readers: readonly Reader[]): number {
  return readers
    .flatMap(({ told }) => told)
    .reduce((sum, event) => {
      if (event.type !== 'seconds') return sum;
      return sum + (kind === 'monitored' ? event.seconds.monitored : (event.seconds.blind.Connecting ?? 0));
    }, 0);
}

const lag = fc.integer({ min: 0, max: 56 }).map((quarters) => quarters / 4);
const share = fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000);

interface Move {
  readonly lags: readonly [number, number];
  /** Where between the beginning and the end the old owner is demoted. */
  readonly demotion: number;
  /** Seconds that the new owner warms up before, and that pass until it is promoted. */
  readonly warming: number;
  readonly delay: number;
}

/** Moves a stream from one reader to another; how long all was watched comes with them. */
function moved(list: readonly Defect[], { lags, demotion, warming, delay }: Move) {
  const last = list.at(-1)!.to;
  const demoted = 21 + Math.round(demotion * (last + 60));
  const end = Math.max(last, demoted + delay) + 60;
  const before = new Reader('s', list, lags[0], 0);
  const after = new Reader('t', list, lags[1], demoted - warming);
  before.voice.speak();
  before.watchUntil(demoted);
  const handOver = before.handOver();
  after.watchUntil(demoted + delay);
  after.takeOver(handOver);
  after.watchUntil(end);
  return { before, after, demoted, end };
}

describe('StreamVoice', () => {
  it('tells each defect once, opened and closed, across a move at any time between readers of any lag', () => {
    fc.assert(
      fc.property(
        defects(36),
        fc.tuple(lag, lag),
        share,
        fc.integer({ min: 20, max: 60 }),
        fc.integer({ min: 0, max: 20 }),
        (list, lags, demotion, warming, delay) => {
          const { before, after, end } = moved(list, { lags, demotion, warming, delay });
          const told = tellings(before, after);
          expectToldOnce(told);
          expect(told.size).toBe(list.length);
          expect(seconds('monitored', before, after)).toBeCloseTo(end, 6);
          expect(seconds('blind', before, after)).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('tells each defect once when defects follow on one another and readers agree to 2 s', () => {
    const small = fc.integer({ min: 0, max: 8 }).map((quarters) => quarters / 4);
    fc.assert(
      fc.property(
        defects(8),
        fc.tuple(small, small),
        share,
        fc.integer({ min: 0, max: 20 }),
        (list, lags, demotion, delay) => {
          // It has watched for as long as what was closed is told of.
          const { before, after } = moved(list, { lags, demotion, warming: 150, delay });
          const told = tellings(before, after);
          expectToldOnce(told);
          expect(told.size).toBe(list.length);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('closes what a lost shard left open, and counts the time without it as blind', () => {
    fc.assert(
      fc.property(defects(36), share, fc.integer({ min: 0, max: 300 }), (list, demotion, away) => {
        const move = { lags: [0, 0] as const, demotion, warming: -away, delay: away };
        const { before, after, demoted, end } = moved(list, move);
        const told = tellings(before, after);
        expectToldOnce(told);
        expect(told.size).toBeLessThanOrEqual(list.length);
        expect(seconds('blind', after)).toBeCloseTo(away, 6);
        expect(seconds('monitored', before, after)).toBeCloseTo(end - away, 6);
        expect(seconds('monitored', before)).toBeCloseTo(demoted, 6);
      }),
      { numRuns: 100 },
    );
  });

  it('counts of the period that the take-over falls into only what comes after the owner before', () => {
    const reader = new Reader('t', [], 0, 0);
    const period = (from: number, to: number, monitored: number, blind: number): WatchedSeconds => ({
      ...{ from: new Date(wallMs(from)).toISOString(), to: new Date(wallMs(to)).toISOString() },
      ...{ monitored, blind: { Connecting: blind }, defect: [], frames: 20, evidence: {}, cpu: 0.4 },
    });
    reader.watchUntil(9);
    reader.takeOver({ from: 's', watermarkTime: new Date(wallMs(9.5)).toISOString(), incidents: [] });
    expect(reader.told).toEqual([]);
    const during = reader.voice.receive({ type: 'seconds', seconds: period(9, 11, 1, 1) }, wallMs(11));
    expect(during).toEqual([
      {
        type: 'seconds',
        seconds: { ...period(9.5, 11, 0.75, 0.75), frames: 15, cpu: expect.closeTo(0.3, 9) },
      },
    ]);
    const next = { type: 'seconds', seconds: period(11, 12, 1, 0) } as const;
    expect(reader.voice.receive(next, wallMs(12))).toEqual([next]);
  });

  it('is silent until it takes over', () => {
    const reader = new Reader('t', [{ from: 5, to: 20 }], 0, 0);
    reader.watchUntil(60);
    expect(reader.told).toEqual([]);
    expect(reader.voice.openIncidents).toEqual([]);
  });

  it('tells all that it held where nobody is known to have told anything', () => {
    const reader = new Reader('t', [{ from: 5, to: 20 }], 0, 0);
    reader.watchUntil(60);
    reader.takeOver(undefined);
    expectToldOnce(tellings(reader));
    expect(tellings(reader).size).toBe(1);
    expect(seconds('monitored', reader)).toBe(60);
  });

  it('holds a quarter of an hour; what is older counts as blind', () => {
    const reader = new Reader('t', [], 0, 0);
    reader.watchUntil(1200);
    reader.takeOver({ from: 's', watermarkTime: new Date(wallMs(100)).toISOString(), incidents: [] });
    expect(seconds('monitored', reader)).toBeCloseTo(900, 0);
    expect(seconds('monitored', reader) + seconds('blind', reader)).toBeCloseTo(1100, 6);
  });

  it('tells an incident that looked like one told before, once it has lasted for longer', () => {
    const [from, lasting] = [new Reader('s', [{ from: 30, to: 50 }], 0, 0), [{ from: 40, to: 120 }]];
    from.voice.speak();
    from.watchUntil(56);
    const after = new Reader('t', lasting, 0, 10);
    after.watchUntil(58);
    after.takeOver(from.handOver());
    expect(after.incidents).toEqual([]);
    after.watchUntil(64.5);
    expect(after.incidents).toEqual([]);
    after.watchUntil(66);
    expect(after.incidents).toMatchObject([{ change: 'opened' }]);
    after.watchUntil(130);
    expect(after.incidents.map(({ change }) => change)).toEqual(['opened', 'closed']);
  });

  it('closes an incident that was left open too long ago as no longer watched', () => {
    const before = new Reader('s', [{ from: 30, to: 1000 }], 0, 0);
    before.voice.speak();
    before.watchUntil(60);
    const after = new Reader('t', [], 0, 900);
    after.takeOver(before.handOver());
    after.watchUntil(930);
    expect(after.incidents).toMatchObject([
      { change: 'opened', handedOver: true },
      { change: 'closed', incident: { closeReason: 'watch-stopped' } },
    ]);
  });

  it('goes on with an incident of long ago that is still there', () => {
    const freeze = [{ from: 30, to: 1000 }];
    const before = new Reader('s', freeze, 0, 0);
    before.voice.speak();
    before.watchUntil(60);
    const after = new Reader('t', freeze, 0, 900);
    after.takeOver(before.handOver());
    after.watchUntil(1010);
    expectToldOnce(tellings(before, after));
    expect(tellings(before, after).size).toBe(1);
    expect(after.incidents.at(-1)!.incident).toMatchObject({ closeReason: 'recovered' });
  });
});
