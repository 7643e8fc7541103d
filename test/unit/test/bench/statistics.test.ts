import { expect, test } from 'vitest';
import { interleaved, rotated } from '../../../bench/rounds.ts';
import { median, pairedRatio, percentile, spreadOf } from '../../../bench/statistics.ts';

test('the median is the middle value, or between the two middle ones', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 2, 9])).toBe(3);
  expect(() => median([])).toThrow(RangeError);
});

test('a spread has the least and the most', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, spread: [1, 3] });
});

test('a paired ratio is taken within each round, not of the medians', () => {
  expect(pairedRatio([2, 30, 4], [1, 10, 4])).toEqual({ median: 2, spread: [1, 3] });
  expect(() => pairedRatio([1], [1, 2])).toThrow('1 rounds beside 2');
  expect(() => pairedRatio([1], [0])).toThrow('a cost of nothing');
});

test('a percentile is a value that was measured', () => {
  const values = Array.from({ length: 20 }, (_, index) => 20 - index);
  expect(percentile(values, 0.95)).toBe(19);
  expect(percentile([7], 0.5)).toBe(7);
  expect(() => percentile([], 0.5)).toThrow(RangeError);
});

test('each round begins one place later', async () => {
  const order: string[] = [];
  const measure = (name: string) => async () => order.push(name);
  const values = await interleaved({ a: measure('a'), b: measure('b'), c: measure('c') }, 2);
  expect(order.join('')).toBe('abcbca');
  expect(values).toEqual({ a: [1, 6], b: [2, 4], c: [3, 5] });
  expect(rotated([], 3)).toEqual([]);
});
