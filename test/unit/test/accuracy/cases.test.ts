import { expect, test } from 'vitest';
import { casesOf } from '../../../accuracy/cases.ts';

test('clips and variants take turns', () => {
  const first = [...casesOf(['a', 'b', 'c'], ['x', 'y'])].slice(0, 6);
  expect(first.map(({ clip, variant }) => clip + variant)).toEqual(['ax', 'by', 'cx', 'ay', 'bx', 'cy']);
  expect(first.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
});

test.for([
  [4, 2],
  [3, 2],
  [22, 24],
  [6, 15],
])('%d clips meet each of %d variants', ([clips = 0, variants = 0]) => {
  const cases = [...casesOf(numbers(clips), numbers(variants).map(String))];
  const pairs = cases.slice(0, clips * variants).map(({ clip, variant }) => `${clip}/${variant}`);
  expect(new Set(pairs).size).toBe(clips * variants);
});

test('no variant waits until all clips have been through all others', () => {
  const cases = [...casesOf(numbers(22), numbers(24).map(String))];
  expect(new Set(cases.slice(0, 24).map(({ variant }) => variant)).size).toBe(24);
});

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

test('what is left to no chance is there once', () => {
  expect([...casesOf(['a', 'b'], ['x'], 1)].map(({ clip }) => clip)).toEqual(['a', 'b']);
});

test('nothing to damage, no case', () => {
  expect([...casesOf([], ['x'])]).toEqual([]);
});
