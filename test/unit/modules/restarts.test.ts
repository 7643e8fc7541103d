import { expect, it } from 'vitest';
import { Restarts } from '../../../monitor/modules/restarts.ts';

it('waits longer after each failure in a row, and then gives up', () => {
  const restarts = new Restarts();
  const pauses = [0, 1, 2, 3, 4].map((minute) => {
    restarts.started(minute * 60_000);
    return restarts.failed(minute * 60_000 + 1000);
  });
  expect(pauses).toEqual([1, 5, 30, 120, undefined]);
});

it('forgives what lies before ten minutes without a failure', () => {
  const restarts = new Restarts();
  restarts.started(0);
  restarts.failed(1000);
  restarts.started(2000);
  expect(restarts.failed(2000 + 601_000)).toBe(1);
});
