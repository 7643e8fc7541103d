import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadFaults } from '../../../faults/catalogue.ts';
import { orderOf } from '../../../faults/run.ts';

const faults = await loadFaults();

test('every file is a fault that says what holds', () => {
  expect(faults).toHaveLength(readdirSync(new URL('../../../faults/faults', import.meta.url)).length);
  for (const { breaks, promise, bound } of faults) {
    expect(breaks).toMatch(/^[a-z].{10,}/);
    expect(promise).toMatch(/^[A-Z].{10,}\.$/);
    expect(bound).toBeLessThanOrEqual(60);
  }
});

test('an order has all faults before one comes again, and is the same for a seed', () => {
  const names = (seed: number) => orderOf(faults, 2 * faults.length, seed).map(({ name }) => name);
  expect(new Set(names(1).slice(0, faults.length)).size).toBe(faults.length);
  expect(new Set(names(1).slice(faults.length)).size).toBe(faults.length);
  expect(names(1)).toEqual(names(1));
  expect(names(1)).not.toEqual(names(2));
});
