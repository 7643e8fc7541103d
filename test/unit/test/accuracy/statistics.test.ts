import { expect, test } from 'vitest';
import { poissonUpperBound, qualityOf } from '../../../accuracy/statistics.ts';

const tally = (events: number, found: number, falseAlarms: number) => ({
  ...{ events, found, falseAlarms, eventSeconds: events * 4, coveredSeconds: found * 3, seconds: 60 },
});

test('shares of all events', () => {
  expect(qualityOf([tally(10, 9, 1), tally(10, 9, 0)], 1)).toMatchObject({
    precision: { value: 18 / 19 },
    recall: { value: 0.9, low: 0.9, high: 0.9 },
    f1: { value: 36 / 39 },
    coverage: { value: 54 / 80 },
  });
});

test('clips that differ make wide bounds, however many events they hold', () => {
  const { recall } = qualityOf([tally(1000, 1000, 0), tally(1000, 500, 0), tally(1000, 900, 0)], 1);
  expect(recall).toMatchObject({ low: 0.5, high: 1 });
});

test('the same seed gives the same bounds', () => {
  const clips = [tally(10, 9, 1), tally(12, 6, 0), tally(7, 7, 2)];
  expect(qualityOf(clips, 4)).toEqual(qualityOf(clips, 4));
});

test('of nothing there is no share', () => {
  expect(qualityOf([], 1)).toEqual({});
  expect(qualityOf([tally(0, 0, 0)], 1)).toEqual({});
  expect(qualityOf([tally(0, 0, 2)], 1)).toEqual({
    precision: { value: 0, low: 0, high: 0 },
    f1: { value: 0, low: 0, high: 0 },
  });
});

test.for([
  [0, 2.996],
  [1, 4.744],
  [5, 10.513],
])('the upper bound of %d events is %d (half the quantile of χ² of 2n + 2 at 0.95)', ([count = 0, bound]) => {
  expect(poissonUpperBound(count)).toBeCloseTo(bound ?? 0, 2);
});
