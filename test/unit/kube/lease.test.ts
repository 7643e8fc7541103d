import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KubeClient } from '../../../operator/kube/kube-client.ts';
import { heldBy, type Lease, released } from '../../../operator/kube/lease.ts';
import { LeaseClaim, thisMoment } from '../../../operator/kube/lease-claim.ts';
import { LeaseElection } from '../../../operator/kube/lease-election.ts';
import { LeaseObservation } from '../../../operator/kube/lease-observation.ts';

const metadata = { name: 'operator', namespace: 'default', resourceVersion: '7' };

describe('heldBy', () => {
  const first = new Date('2026-02-03T04:05:06.007Z');
  const later = new Date('2026-02-03T04:05:11.007Z');

  it('counts a change of the holder, and keeps since when it leads', () => {
    const acquired = heldBy({ metadata }, 'a', 30, first);
    expect(acquired).toEqual({
      metadata,
      spec: {
        holderIdentity: 'a',
        leaseDurationSeconds: 30,
        acquireTime: '2026-02-03T04:05:06.007000Z',
        renewTime: '2026-02-03T04:05:06.007000Z',
        leaseTransitions: 1,
      },
    });
    const renewed = heldBy(acquired, 'a', 30, later);
    expect(renewed.spec).toEqual({ ...acquired.spec, renewTime: '2026-02-03T04:05:11.007000Z' });
    expect(heldBy(renewed, 'b', 30, later).spec).toMatchObject({
      holderIdentity: 'b',
      acquireTime: '2026-02-03T04:05:11.007000Z',
      leaseTransitions: 2,
    });
  });

  it('leaves what others wrote as it is', () => {
    const spec = { strategy: 'OldestEmulationVersion', holderIdentity: 'a' };
    const lease = { metadata, spec } as Lease;
    expect(released(heldBy(lease, 'b', 30, first)).spec).toMatchObject({
      strategy: 'OldestEmulationVersion',
    });
    expect(released(lease).spec).not.toHaveProperty('holderIdentity');
  });
});

describe('LeaseClaim', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000_000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('lasts for its time from when it was asked for, and can be renewed before', () => {
    const claim = new LeaseClaim(20, thisMoment());
    vi.advanceTimersByTime(15_000);
    const sent = thisMoment();
    vi.advanceTimersByTime(4_000);
    expect(claim.remaining).toBe(1000);
    expect(claim.renew(sent)).toBe(true);
    expect(claim.remaining).toBe(16_000);
    vi.advanceTimersByTime(16_000);
    expect(claim.remaining).toBe(0);
    expect(claim.renew(thisMoment())).toBe(false);
    expect(claim.remaining).toBe(0);
  });

  it('ends while the machine sleeps, and does not come back with the wall clock', () => {
    const claim = new LeaseClaim(20, thisMoment());
    const before = Date.now();
    vi.setSystemTime(before + 21_000);
    expect(claim.remaining).toBe(0);
    vi.setSystemTime(before);
    expect(claim.remaining).toBe(0);
  });

  it('is not prolonged by a wall clock that is set back', () => {
    const claim = new LeaseClaim(20, thisMoment());
    vi.setSystemTime(Date.now() - 3_600_000);
    vi.advanceTimersByTime(20_000);
    expect(claim.remaining).toBe(0);
  });
});

describe('LeaseObservation', () => {
  const lease = (spec: Lease['spec']): Lease => ({ metadata, spec });

  it('leaves a lease to its holder until it did not change for its duration', () => {
    const observation = new LeaseObservation(30);
    expect(observation.isFree(0)).toBe(true);
    observation.observe(lease({ holderIdentity: 'a', leaseDurationSeconds: 30, renewTime: '1' }), 1000);
    observation.observe(lease({ holderIdentity: 'a', leaseDurationSeconds: 30, renewTime: '2' }), 6000);
    observation.observe(lease({ holderIdentity: 'a', leaseDurationSeconds: 30, renewTime: '2' }), 30_000);
    expect([observation.isFree(35_999), observation.isFree(36_000)]).toEqual([false, true]);
    expect(observation.holder).toBe('a');
    observation.observe(lease({ leaseDurationSeconds: 30 }), 31_000);
    expect(observation.isFree(31_000)).toBe(true);
  });

  it.each([
    ['none', undefined, 30],
    ['shorter than ours', 5, 30],
    ['longer than ours', 60, 60],
    ['of years', 2 ** 31 - 1, 300],
  ])('waits for a duration that is %s', (_, leaseDurationSeconds, seconds) => {
    const observation = new LeaseObservation(30);
    observation.observe(lease({ holderIdentity: 'a', leaseDurationSeconds }), 0);
    expect(observation.isFree(seconds * 1000 - 1)).toBe(false);
    expect(observation.isFree(seconds * 1000)).toBe(true);
  });
});

describe('LeaseElection', () => {
  it.each([
    ['leaseDuration', { leaseDuration: 30.5 }],
    ['leaseDuration', { leaseDuration: 20 }],
    ['retryPeriod', { retryPeriod: 20 }],
    ['retryPeriod', { retryPeriod: 0 }],
  ])('refuses an impossible %s by name', (name, times) => {
    const start = () =>
      new LeaseElection({} as KubeClient, {
        namespace: 'default',
        name: 'operator',
        identity: 'a',
        logger: pino({ level: 'silent' }),
        onAcquired: () => {},
        onLost: () => {},
        ...times,
      });
    expect(start).toThrow(new RegExp(`^${name} is`));
  });
});
