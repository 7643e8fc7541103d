import { describe, expect, it } from 'vitest';
import { retryDelay } from '../../../monitor/spool/retry-delay.ts';

const policy = { initialSeconds: 1, maximumSeconds: 30 };

describe('retryDelay', () => {
  it('doubles up to the maximum, between half of it and all', () => {
    expect([1, 2, 3, 6, 60].map((failures) => retryDelay(policy, failures, 1))).toEqual([1, 2, 4, 30, 30]);
    expect([1, 2, 3, 6, 60].map((failures) => retryDelay(policy, failures, 0))).toEqual([0.5, 1, 2, 15, 15]);
  });

  it('waits at least as long as the receiver asks, but no longer than an hour', () => {
    expect(retryDelay(policy, 1, 0, 20)).toBe(20);
    expect(retryDelay(policy, 6, 1, 20)).toBe(30);
    expect(retryDelay(policy, 1, 0, 1e9)).toBe(3600);
  });
});
