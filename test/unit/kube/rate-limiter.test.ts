import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RateLimiter } from '../../../operator/kube/rate-limiter.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** Notes when each of so many calls, made at once, may go; ms since now. */
function passes(limiter: RateLimiter, calls: number): number[] {
  const start = performance.now();
  const times: number[] = [];
  for (let call = 0; call < calls; call++)
    void limiter.acquire().then(() => times.push(performance.now() - start));
  return times;
}

describe('a rate limiter', () => {
  it('lets a burst through and then the rate', async () => {
    const times = passes(new RateLimiter(10, 2), 5);
    await vi.advanceTimersByTimeAsync(1000);
    expect(times).toEqual([0, 0, 100, 200, 300]);
  });

  it('lets nothing through while it is held, and then goes on at the rate', async () => {
    const limiter = new RateLimiter(10, 5);
    limiter.hold(3);
    const times = passes(limiter, 4);
    expect(limiter.waiting).toBe(4);
    await vi.advanceTimersByTimeAsync(5000);
    expect(times).toEqual([3000, 3100, 3200, 3300]);
    expect(limiter.waiting).toBe(0);
  });

  it('holds those who wait already', async () => {
    const limiter = new RateLimiter(10, 1);
    const times = passes(limiter, 2);
    limiter.hold(2);
    await vi.advanceTimersByTimeAsync(3000);
    expect(times).toEqual([0, 2000]);
  });

  it('is held as long as the longest pause asked for, and never above a minute', async () => {
    const limiter = new RateLimiter(10, 1);
    limiter.hold(86_400);
    limiter.hold(1);
    const times = passes(limiter, 1);
    await vi.advanceTimersByTimeAsync(59_999);
    expect(times).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(times).toEqual([60_000]);
  });

  it('lets those who wait give up, and the next one take their turn', async () => {
    const limiter = new RateLimiter(1, 1);
    const patience = new AbortController();
    await limiter.acquire();
    const given = limiter.acquire(patience.signal);
    const times = passes(limiter, 1);
    patience.abort(new Error('no longer wanted'));
    await expect(given).rejects.toThrow('no longer wanted');
    await vi.advanceTimersByTimeAsync(1000);
    expect(times).toEqual([1000]);
    await expect(limiter.acquire(patience.signal)).rejects.toThrow('no longer wanted');
  });
});
