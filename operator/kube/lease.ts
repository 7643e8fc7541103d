import { microTime } from './micro-time.ts';
import type { KubeObject } from './resource.ts';

/** A Lease (coordination.k8s.io/v1), as far as elections use it. Any field may be missing in what others made. */
export interface Lease extends KubeObject {
  spec?: {
    /** Who leads; none after a release. */
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    /** MicroTime, by the holder's clock: for people to read. */
    acquireTime?: string;
    /** MicroTime, by the holder's clock: only that it changes counts. */
    renewTime?: string;
    /** How often the holder changed; a 32-bit number. */
    leaseTransitions?: number;
  };
}

const largestInteger = 2 ** 31 - 1;

/** The lease as `identity` holds it from now on, or goes on to. */
export function heldBy(lease: Lease, identity: string, leaseDuration: number, now: Date): Lease {
  const { acquireTime, leaseTransitions = 0, ...rest } = lease.spec ?? {};
  const renewed = rest.holderIdentity === identity;
  const transitions = renewed ? leaseTransitions : leaseTransitions + 1;
  return {
    ...lease,
    spec: {
      ...rest,
      holderIdentity: identity,
      leaseDurationSeconds: leaseDuration,
      acquireTime: (renewed ? acquireTime : undefined) ?? microTime(now),
      renewTime: microTime(now),
      leaseTransitions: transitions > largestInteger ? 0 : transitions,
    },
  };
}

/** The lease without a holder: anybody may take it at once. */
export function released(lease: Lease): Lease {
  const { holderIdentity, ...spec } = lease.spec ?? {};
  return { ...lease, spec };
}
