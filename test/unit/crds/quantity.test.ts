import { describe, expect, it } from 'vitest';
import { bytesQuantity, coresQuantity, quantityValue } from '../../../crds/quantity.ts';

describe('quantityValue', () => {
  it.each([
    ['500m', 0.5],
    ['2', 2],
    [2, 2],
    ['1.5', 1.5],
    ['3Gi', 3 * 2 ** 30],
    ['0.5Gi', 2 ** 29],
    ['2G', 2e9],
  ])('reads %j as %d', (quantity, value) => {
    expect(quantityValue(quantity)).toBe(value);
  });

  it.each(['', '2 Gi', '2gi', '-1', '1e3', 'm'])('refuses %j', (quantity) => {
    expect(() => quantityValue(quantity)).toThrow('is no quantity; write it like 500m, 2 or 512Mi');
  });
});

describe('quantities as the API server gives them back', () => {
  it('writes cores whole or in thousandths, rounded up', () => {
    expect([2, 0.5, 1.25, 16.1, 0.0001].map(coresQuantity)).toEqual(['2', '500m', '1250m', '16100m', '1m']);
  });

  it('writes bytes in the largest unit that leaves nothing over', () => {
    expect([2 ** 31, 1280 * 2 ** 20, 2e9, 1000, 0].map(bytesQuantity)).toEqual([
      '2Gi',
      '1280Mi',
      '1953125Ki',
      '1000',
      '0',
    ]);
  });
});
