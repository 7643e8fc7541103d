import { expect, test } from 'vitest';
import { parseTimes } from '../../../bench/cpu-time.ts';
import { median } from '../../../bench/median.ts';

test('reads user and system seconds of bash’s times, in any locale', () => {
  expect(parseTimes('1m1.250s 0m0.500s')).toBeCloseTo(61.75);
  expect(parseTimes('0m1,250s 0m0,500s')).toBeCloseTo(1.75);
  expect(() => parseTimes('')).toThrow(RangeError);
});

test('the median is the middle value, or between the two middle ones', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 2, 9])).toBe(3);
  expect(() => median([])).toThrow(RangeError);
});
