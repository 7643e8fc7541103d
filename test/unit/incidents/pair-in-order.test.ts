import { describe, expect, it } from 'vitest';
import { pairInOrder } from '../../../monitor/incidents/pair-in-order.ts';

const apart = (limit: number) => (a: number, b: number) =>
  Math.abs(a - b) <= limit ? Math.abs(a - b) : undefined;

describe('pairInOrder', () => {
  it('pairs nothing with nothing', () => {
    expect(pairInOrder([], [1], apart(5))).toEqual([]);
    expect(pairInOrder([1], [], apart(5))).toEqual([]);
  });

  it('takes the nearest where there is a choice', () => {
    expect(pairInOrder([10], [3, 9, 14], apart(15))).toEqual([[10, 9]]);
  });

  it('pairs as many as possible before it looks at distances: a constant lag shifts all', () => {
    expect(pairInOrder([0, 7], [8, 15], apart(10))).toEqual([
      [0, 8],
      [7, 15],
    ]);
  });

  it('leaves alone what is too far apart', () => {
    expect(pairInOrder([0, 100], [50, 99], apart(10))).toEqual([[100, 99]]);
  });
});
