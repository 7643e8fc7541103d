import { describe, expect, it } from 'vitest';
import { OrderedWindow, select } from '../../../../monitor/detectors/freeze/order-statistics.ts';
import { Random } from '../../../accuracy/random.ts';

const random = new Random('order statistics');
const some = (count: number) =>
  Float32Array.from({ length: count }, () => Math.round(random.between(0, 12)) / 4);

describe('select', () => {
  it('finds what sorting would, at every rank, also among equal values', () => {
    for (const values of [some(1), some(2), some(7), some(50), new Float32Array(9).fill(3)]) {
      const sorted = values.slice().sort();
      for (let rank = 0; rank < values.length; rank++)
        expect(select(values.slice(), rank)).toBe(sorted[rank]);
    }
  });
});

describe('OrderedWindow', () => {
  it('has the quantiles of the values that are in it, as they come and go', () => {
    const values = some(300);
    const window = new OrderedWindow();
    for (const [index, value] of values.entries()) {
      window.add(value);
      if (index >= 100) window.remove(values[index - 100]!);
      const sorted = values.slice(Math.max(0, index - 99), index + 1).sort();
      for (const share of [0, 0.5, 0.8, 1])
        expect(window.quantile(share)).toBe(
          sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))],
        );
    }
  });
});
