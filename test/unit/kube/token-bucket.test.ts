import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenBucket } from '../../../operator/kube/token-bucket.ts';

describe('a token bucket', () => {
  it('gives its stock at once and then one per interval', () => {
    const bucket = new TokenBucket(10, 3, 0);
    expect([1, 2, 3, 4].map(() => bucket.take(0))).toEqual([true, true, true, false]);
    expect(bucket.wait(0)).toBe(100);
    expect(bucket.take(99)).toBe(false);
    expect(bucket.take(100)).toBe(true);
  });

  it('keeps no more than its stock', () => {
    const bucket = new TokenBucket(10, 2, 0);
    expect([1, 2, 3].map(() => bucket.take(60_000))).toEqual([true, true, false]);
  });

  it('leaves one token when it is drained', () => {
    const bucket = new TokenBucket(10, 5, 0);
    bucket.drain(0);
    expect([bucket.take(0), bucket.take(0)]).toEqual([true, false]);
  });

  it('always has a token after the wait that it tells', () => {
    const rate = fc.double({ min: 0.01, max: 1000, noNaN: true });
    fc.assert(
      fc.property(rate, fc.integer({ min: 1, max: 20 }), fc.array(fc.nat(1000)), (qps, burst, pauses) => {
        const bucket = new TokenBucket(qps, burst, 0);
        let now = 0;
        for (const pause of pauses) {
          now += pause + bucket.wait(now + pause);
          expect(bucket.take(now)).toBe(true);
        }
      }),
    );
  });

  it('refuses rates that let nothing pass', () => {
    expect(() => new TokenBucket(0, 1, 0)).toThrow('rate is 0: set it above 0');
    expect(() => new TokenBucket(Number.NaN, 1, 0)).toThrow('rate');
    expect(() => new TokenBucket(1, 0.5, 0)).toThrow('burst is 0.5: set it to 1 or more');
  });
});
