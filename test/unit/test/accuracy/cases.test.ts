import { expect, test } from 'vitest';
import { casesOf } from '../../../accuracy/cases.ts';

test('clips and variants take turns', () => {
  const first = [...casesOf(['a', 'b', 'c'], ['x', 'y'])].slice(0, 6);
  expect(first.map(({ clip, variant }) => clip + variant)).toEqual(['ax', 'by', 'cx', 'ay', 'bx', 'cy']);
  expect(first.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
});

test('every clip meets every variant', () => {
  const pairs = [...casesOf(['a', 'b', 'c', 'd'], ['x', 'y'])]
    .slice(0, 8)
    .map(({ clip, variant }) => clip + variant);
  expect(new Set(pairs).size).toBe(8);
});

test('nothing to damage, no case', () => {
  expect([...casesOf([], ['x'])]).toEqual([]);
});
