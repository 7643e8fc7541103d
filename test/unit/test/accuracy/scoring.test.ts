import { expect, test } from 'vitest';
import type { DefectClass, Injected } from '../../../accuracy/injection.ts';
import { scoreSpans, scoreWatched, sum } from '../../../accuracy/scoring.ts';
import type { WatchedIncident } from '../../../accuracy/watching.ts';

const silence: DefectClass = {
  name: 'silence',
  description: '',
  detector: 'silence',
  kinds: ['low-level'],
  variants: [''],
  floor: { recall: 1, precision: 1 },
  suits: () => true,
  inject: () => Promise.reject(new Error('not asked for')),
};

const injected: Injected = {
  path: '',
  seconds: 60,
  events: [
    { span: [10, 14], visible: true, facts: { channel: 'FL' } },
    { span: [20, 24], visible: false },
    { span: [30, 34], visible: true, facts: { channel: 'FR' } },
  ],
  excluded: [[40, 45]],
};

function incident(start: number, end: number, more: Partial<WatchedIncident> = {}): WatchedIncident {
  return {
    ...{ detector: 'silence', kind: 'low-level', severity: 'critical', score: 1, confidence: 1, start, end },
    ...more,
  };
}

const watched = (...incidents: readonly WatchedIncident[]) => ({
  ...{ incidents, measurements: [], unknown: {}, seconds: 60, frames: 0 },
});

test('an event is found by an incident that meets it', () => {
  expect(scoreWatched(silence, injected, watched(incident(10.5, 13)))).toMatchObject({
    ...{ events: 2, found: 1, falseAlarms: 0, eventSeconds: 8, coveredSeconds: 2.5 },
    ...{ onsets: [0.5], missed: [[30, 34]] },
  });
});

test('incident and event may miss each other by the tolerance', () => {
  const found = (tolerance: number) =>
    scoreWatched({ ...silence, tolerance }, injected, watched(incident(15.5, 16))).found;
  expect(found(1)).toBe(0);
  expect(found(2)).toBe(1);
});

test('what meets no event is a false alarm, once', () => {
  const score = scoreWatched(
    silence,
    injected,
    watched(incident(50, 52), incident(11, 13), incident(13, 14)),
  );
  expect(score).toMatchObject({ found: 1, falseAlarms: 1, wrong: [[50, 52]] });
});

test('what meets an event that nobody can see is neither right nor wrong', () => {
  expect(scoreWatched(silence, injected, watched(incident(20, 24)))).toMatchObject({
    ...{ found: 0, falseAlarms: 0 },
  });
});

test.for([
  [38, 44, 0],
  [38, 60, 1],
  [45.2, 45.2, 0],
  [47, 47, 1],
])('from %d to %d s beside an excluded span: %d false alarms', ([start = 0, end = 0, falseAlarms]) => {
  expect(scoreWatched(silence, injected, watched(incident(start, end))).falseAlarms).toBe(falseAlarms);
});

test('incidents of other detectors and kinds do not count', () => {
  const others = watched(incident(50, 52, { detector: 'black' }), incident(50, 52, { kind: 'digital-zero' }));
  expect(scoreWatched(silence, injected, others)).toMatchObject({ found: 0, falseAlarms: 0 });
});

test('an incident that says something wrong of the event is a false alarm, and finds nothing', () => {
  const byChannel: DefectClass = {
    ...silence,
    agrees: ({ channel }, { facts }) => channel === facts?.channel,
  };
  const score = scoreWatched(byChannel, injected, watched(incident(10, 14, { channel: 'FR' })));
  expect(score).toMatchObject({ found: 0, falseAlarms: 1 });
});

test('the error of what was measured is told for what was found', () => {
  const measured: DefectClass = { ...silence, error: { unit: 'ms', of: ({ score }) => score * 10 } };
  expect(scoreWatched(measured, injected, watched(incident(10, 14))).errors).toEqual([10]);
});

test('spans of a peer are scored by their times alone', () => {
  expect(
    scoreSpans(silence, injected, [
      [9, 15],
      [50, 51],
    ]),
  ).toMatchObject({ found: 1, falseAlarms: 1, coveredSeconds: 4 });
});

test('tallies add up', () => {
  const one = scoreWatched(silence, injected, watched(incident(10, 14)));
  expect(sum([one, one])).toEqual({
    ...{ events: 4, found: 2, falseAlarms: 0, eventSeconds: 16, coveredSeconds: 8, seconds: 120 },
  });
});
