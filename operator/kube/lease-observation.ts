import type { Lease } from './lease.ts';

/**
 * What a standby saw of the holder, by its own clock alone: a holder is gone when its lease did not change for its
 * whole duration, whatever the times in it say.
 */
export class LeaseObservation {
  readonly #shortest: number;
  #seen: string | undefined;
  #freeAt = Number.NEGATIVE_INFINITY;
  #holder: string | undefined;

  /** @param leaseDuration our own, in seconds: the least that is waited */
  constructor(leaseDuration: number) {
    this.#shortest = leaseDuration;
  }

  /** Who holds the lease, as far as is known. */
  get holder(): string | undefined {
    return this.#holder;
  }

  /** @param now ms, after the lease was read */
  observe(lease: Lease, now: number): void {
    const seen = JSON.stringify(lease.spec ?? {});
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.#holder = lease.spec?.holderIdentity || undefined;
    this.#freeAt =
      this.#holder === undefined ? Number.NEGATIVE_INFINITY : now + this.#wait(lease.spec) * 1000;
  }

  /** Whether it may be taken. One that was deleted stays with its holder for as long as if it were there. */
  isFree(now: number): boolean {
    return now >= this.#freeAt;
  }

  /** The holder's word counts, but a mistaken one must not keep everybody out for good. */
  #wait({ leaseDurationSeconds = 0 }: Lease['spec'] = {}): number {
    return Math.min(Math.max(leaseDurationSeconds, this.#shortest), 10 * this.#shortest);
  }
}
