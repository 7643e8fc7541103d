import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DetectorManifest } from '../../../crds/detector-manifest.ts';
import type { IncidentChange } from '../../../monitor/incidents/incident-changes.ts';
import { IncidentTracker } from '../../../monitor/incidents/incident-tracker.ts';
import type { Expects } from '../../../monitor/incidents/suppression.ts';

const manifest: DetectorManifest = {
  type: 'black',
  title: '',
  description: '',
  kinds: { full: { description: '' } },
  needs: ['reduced'],
  cost: { fixed: 1, perMegapixel: 0 },
  defaults: { enabled: true, severity: 'critical', minDuration: '2s' },
  thresholds: { enter: 0.5, exit: 0.4 },
  parameters: {},
};
const minDuration = 2;
const mergeGap = 5;

type Span = readonly [from: number, to: number];

function expecting(...windows: Span[]): Expects {
  return (detector, from, to) => {
    const met = windows.filter((window) => window[0] <= to && window[1] > from);
    if (detector !== 'black' || met.length === 0) return undefined;
    return {
      reason: 'schedule',
      from: Math.min(...met.map((window) => window[0])),
      until: Math.max(...met.map((window) => window[1])),
    };
  };
}

function tracker(expects: Expects) {
  let ids = 0;
  return new IncidentTracker(
    {
      namespace: 'live',
      monitor: 'sports',
      stream: 'one',
      newId: () => `id-${++ids}`,
      wallTime: (time) => new Date(time * 1000).toISOString(),
      now: () => '2026-01-01T00:00:00.000Z',
    },
    [{ manifest, settings: { enabled: true, severity: 'critical', minDuration, mergeGap } }],
    expects,
  );
}

/** Judges every 0.1 s of [from, to): black where a span says so. */
function watch(subject: IncidentTracker, black: readonly Span[], from: number, to: number): IncidentChange[] {
  const changes: IncidentChange[] = [];
  for (let step = Math.round(from * 10); step < Math.round(to * 10); step++) {
    const time = step / 10;
    const score = black.some((span) => time >= span[0] && time < span[1]) ? 1 : 0;
    changes.push(...subject.judge('black', { time, kind: 'full', score }), ...subject.advance(time));
  }
  return changes;
}

const told = (changes: readonly IncidentChange[]) =>
  changes.map(({ change, incident: { id, suppressed, start, end } }) => ({
    change,
    id,
    suppressed,
    start,
    end,
  }));

describe('a defect that was to be expected', () => {
  it('is recorded as suppressed and is no defect', () => {
    const subject = tracker(expecting([10, 30]));
    const changes = watch(subject, [[12, 28]], 0, 40);
    expect(told(changes)).toEqual([
      { change: 'opened', id: 'id-1', suppressed: 'schedule', start: 12, end: undefined },
      { change: 'closed', id: 'id-1', suppressed: 'schedule', start: 12, end: 28 },
    ]);
    expect(subject.takeDefectSeconds()).toEqual([]);
    expect(subject.takeSuppressedSeconds().schedule).toBeCloseTo(16, 0);
    expect(subject.takeSuppressedSeconds()).toEqual({});
  });

  it('alarms where it outlasts that, from its end on, and refers to its beginning', () => {
    const subject = tracker(expecting([10, 30]));
    const changes = watch(subject, [[12, 40]], 0, 50);
    expect(told(changes)).toEqual([
      { change: 'opened', id: 'id-1', suppressed: 'schedule', start: 12, end: undefined },
      { change: 'closed', id: 'id-1', suppressed: 'schedule', start: 12, end: 30 },
      { change: 'opened', id: 'id-2', suppressed: undefined, start: 30, end: undefined },
      { change: 'closed', id: 'id-2', suppressed: undefined, start: 30, end: 40 },
    ]);
    expect(changes[2]!.incident.outlasts).toBe('id-1');
    const [defect] = subject.takeDefectSeconds();
    expect(defect!.seconds).toBeCloseTo(10, 0);
    expect(subject.takeSuppressedSeconds().schedule).toBeCloseTo(18, 0);
  });

  it('does not alarm for the edges of what was expected', () => {
    const early = watch(tracker(expecting([10, 30])), [[9, 20]], 0, 30);
    expect(early.map(({ incident }) => incident.suppressed)).toEqual(['schedule', 'schedule']);
    const late = watch(tracker(expecting([10, 30])), [[20, 31.5]], 0, 40);
    expect(late.map(({ incident }) => incident.suppressed)).toEqual(['schedule', 'schedule']);
  });

  it('leaves an alarm that was there before as it is', () => {
    const changes = watch(tracker(expecting([10, 30])), [[4, 20]], 0, 30);
    expect(told(changes)).toEqual([
      { change: 'opened', id: 'id-1', suppressed: undefined, start: 4, end: undefined },
      { change: 'closed', id: 'id-1', suppressed: undefined, start: 4, end: 20 },
    ]);
  });

  it('is not merged with an alarm just before or after', () => {
    const after = watch(
      tracker(expecting([10, 20])),
      [
        [12, 19],
        [21, 25],
      ],
      0,
      40,
    );
    expect(told(after).map(({ id, suppressed }) => [id, suppressed])).toEqual([
      ['id-1', 'schedule'],
      ['id-1', 'schedule'],
      ['id-2', undefined],
      ['id-2', undefined],
    ]);
    const before = watch(
      tracker(expecting([10, 20])),
      [
        [5, 9],
        [11, 15],
      ],
      0,
      40,
    );
    expect(told(before).map(({ id, suppressed, start, end }) => [id, suppressed, start, end])).toEqual([
      ['id-1', undefined, 5, undefined],
      ['id-1', undefined, 5, 9],
      ['id-2', 'schedule', 11, undefined],
      ['id-2', 'schedule', 11, 15],
    ]);
  });

  it('stays suppressed through a restart, and alarms if it lasts', () => {
    const before = tracker(expecting([10, 30]));
    watch(before, [[12, 60]], 0, 20);
    const after = tracker(expecting([10, 30]));
    after.adopt(before.open, 22);
    const changes = watch(after, [[12, 60]], 22, 40);
    expect(told(changes)).toEqual([
      { change: 'closed', id: 'id-1', suppressed: 'schedule', start: 12, end: 30 },
      { change: 'opened', id: 'id-1', suppressed: undefined, start: 30, end: undefined },
    ]);
  });

  it('alarms after a restart that what was expected did not outlive', () => {
    const before = tracker(expecting([10, 21]));
    watch(before, [[12, 60]], 0, 20);
    const after = tracker(expecting([10, 21]));
    after.adopt(before.open, 25);
    const changes = watch(after, [[12, 60]], 25, 40);
    expect(told(changes)).toMatchObject([
      { change: 'closed', id: 'id-1', suppressed: 'schedule', end: 25 },
      { change: 'opened', suppressed: undefined, start: 25 },
    ]);
  });

  it('alarms after all when the expectation is taken back', () => {
    let windows: Span[] = [[10, 30]];
    const subject = tracker((detector, from, to) => expecting(...windows)(detector, from, to));
    watch(subject, [[12, 60]], 0, 20);
    windows = [[10, 15]];
    expect(told(watch(subject, [[12, 60]], 20, 21))).toEqual([
      { change: 'closed', id: 'id-1', suppressed: 'schedule', start: 12, end: 15 },
      { change: 'opened', id: 'id-2', suppressed: undefined, start: 15, end: undefined },
    ]);
  });
});

const tenths = (from: number, to: number) => fc.integer({ min: from * 10, max: to * 10 }).map((n) => n / 10);
const spans = fc
  .array(fc.tuple(tenths(0, 60), tenths(0.2, 20)), { maxLength: 4 })
  .map((drawn) => drawn.map(([from, length]): Span => [from, from + length]));

describe('whatever is expected and whatever happens', () => {
  it('nothing is lost, invented or hidden', () => {
    fc.assert(
      fc.property(spans, spans, (black, windows) => {
        const subject = tracker(expecting(...windows));
        const changes = watch(subject, black, 0, 110);
        const without = tracker(() => undefined);
        watch(without, black, 0, 110);

        expect(subject.open).toEqual([]);
        const isBlack = (time: number) =>
          black.some((span) => time >= span[0] - 0.15 && time <= span[1] + 0.15);
        for (const { incident } of changes) {
          if (incident.state === 'open') continue;
          expect(incident.end!).toBeGreaterThanOrEqual(incident.start);
          expect(isBlack(incident.start) && isBlack(incident.end!)).toBe(true);
          // An alarm has lasted, and never lies in what was expected altogether.
          if (incident.suppressed !== undefined) continue;
          expect(incident.end! - incident.start).toBeGreaterThan(minDuration - 0.15);
          const hidden = windows.some((window) => incident.start > window[0] && incident.end! < window[1]);
          expect(hidden).toBe(false);
        }
        const seconds = (of: IncidentTracker) =>
          of.takeDefectSeconds().reduce((sum, one) => sum + one.seconds, 0);
        const suppressed = subject.takeSuppressedSeconds().schedule ?? 0;
        const [defect, all] = [seconds(subject), seconds(without)];
        expect(defect).toBeLessThanOrEqual(all + 0.2);
        if (windows.length === 0) expect([suppressed, defect]).toEqual([0, all]);
      }),
      { numRuns: 150 },
    );
  });
});
