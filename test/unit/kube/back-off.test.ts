import { describe, expect, it } from 'vitest';
import { BackOff } from '../../../operator/kube/back-off.ts';

describe('a back-off', () => {
  it('doubles up to its maximum and starts over', () => {
    const backOff = new BackOff(100, 500, () => 1);
    expect([1, 2, 3, 4, 5].map(() => backOff.next())).toEqual([100, 200, 400, 500, 500]);
    expect(backOff.failures).toBe(5);
    backOff.reset();
    expect(backOff.next()).toBe(100);
  });

  it('is spread over the upper half of each step', () => {
    expect(new BackOff(100, 500, () => 0).next()).toBe(50);
    expect(new BackOff(100, 500, () => 0.5).next()).toBe(75);
  });

  it('stays at its maximum however often it failed', () => {
    const backOff = new BackOff(100, 500, () => 1);
    for (let failure = 0; failure < 5000; failure++) backOff.next();
    expect(backOff.next()).toBe(500);
  });
});
