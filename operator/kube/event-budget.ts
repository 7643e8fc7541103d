import { TokenBucket } from './token-bucket.ts';

/** What each object may cause to be written. Objects that are quiet for long are forgotten. */
export class EventBudget {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #capacity: number;
  /** In order of their last use. */
  readonly #buckets = new Map<string, { readonly bucket: TokenBucket; at: number }>();

  /**
   * @param burst for an object, after rest
   * @param perMinute for an object, in the long run
   * @param capacity most objects that are remembered: one that is forgotten too early begins with a full budget
   */
  constructor(burst: number, perMinute: number, capacity: number) {
    this.#burst = burst;
    this.#perSecond = perMinute / 60;
    this.#capacity = capacity;
    // Refuses numbers out of range now, not with the first event.
    new TokenBucket(this.#perSecond, burst, 0);
  }

  /** @param now ms */
  take(object: string, now: number): boolean {
    const entry = this.#buckets.get(object) ?? {
      bucket: new TokenBucket(this.#perSecond, this.#burst, now),
      at: now,
    };
    entry.at = now;
    this.#buckets.delete(object);
    this.#buckets.set(object, entry);
    this.#forget(now);
    return entry.bucket.take(now);
  }

  /** Objects that are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  #forget(now: number): void {
    const untilFull = (this.#burst / this.#perSecond) * 1000;
    for (const [object, { at }] of this.#buckets) {
      if (this.#buckets.size <= this.#capacity && now - at < untilFull) return;
      this.#buckets.delete(object);
    }
  }
}
