/** Where an item belongs: items of one lane are delivered in order, and a destination takes so many at a time. */
export interface Route {
  readonly lane: string;
  readonly destination: string;
}

interface Lane<T> {
  readonly destination: string;
  readonly items: T[];
  inFlight: boolean;
  /** Attempts that failed for the item at the head. */
  failures: number;
  notBefore: number;
}

/**
 * Decides what is sent when: one item of a lane at a time, lanes beside one another up to `concurrency` per
 * destination, so that neither a slow destination nor a stuck lane holds up the others. Pure: times are passed in.
 */
export class Lanes<T> {
  readonly #concurrency: number;
  readonly #lanes = new Map<string, Lane<T>>();
  readonly #inFlight = new Map<string, number>();
  readonly #heldUntil = new Map<string, number>();

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  get empty(): boolean {
    return this.#lanes.size === 0;
  }

  enqueue({ lane, destination }: Route, item: T): void {
    const existing = this.#lanes.get(lane);
    if (existing) existing.items.push(item);
    else this.#lanes.set(lane, { destination, items: [item], inFlight: false, failures: 0, notBefore: 0 });
  }

  /** Takes an item out that does not wait any more; one in flight stays until it is settled. */
  withdraw(lane: string, item: T): void {
    const entry = this.#lanes.get(lane);
    if (!entry) return;
    const index = entry.items.indexOf(item, entry.inFlight ? 1 : 0);
    if (index >= 0) entry.items.splice(index, 1);
    if (entry.items.length === 0) this.#lanes.delete(lane);
  }

  /** Claims what may be sent at `now`. Each claim must be settled or postponed. */
  claim(now: number): { readonly route: Route; readonly item: T }[] {
    const claims: { route: Route; item: T }[] = [];
    for (const [lane, entry] of this.#lanes) {
      const { destination } = entry;
      const busy = this.#inFlight.get(destination) ?? 0;
      if (entry.inFlight || busy >= this.#concurrency || this.#readyAt(entry) > now) continue;
      entry.inFlight = true;
      this.#inFlight.set(destination, busy + 1);
      claims.push({ route: { lane, destination }, item: entry.items[0]! });
    }
    return claims;
  }

  /** The claimed item is done with. */
  settle({ lane, destination }: Route): void {
    const entry = this.#release(lane, destination);
    entry.items.shift();
    entry.failures = 0;
    entry.notBefore = 0;
    if (entry.items.length === 0) this.#lanes.delete(lane);
  }

  /** How often the claimed item has failed, this time included. */
  fail({ lane }: Route): number {
    const entry = this.#lanes.get(lane)!;
    entry.failures++;
    return entry.failures;
  }

  /** The claimed item is to be tried again at `time`. */
  postpone({ lane, destination }: Route, time: number): void {
    this.#release(lane, destination).notBefore = time;
  }

  /** The destination asked for a rest. */
  hold(destination: string, until: number): void {
    this.#heldUntil.set(destination, Math.max(until, this.#heldUntil.get(destination) ?? 0));
  }

  /** When the next waiting item may go; undefined while only settling can change something. */
  wakeAt(): number | undefined {
    let earliest: number | undefined;
    for (const entry of this.#lanes.values()) {
      if (entry.inFlight || (this.#inFlight.get(entry.destination) ?? 0) >= this.#concurrency) continue;
      earliest = Math.min(earliest ?? Number.POSITIVE_INFINITY, this.#readyAt(entry));
    }
    return earliest;
  }

  #readyAt(entry: Lane<T>): number {
    return Math.max(entry.notBefore, this.#heldUntil.get(entry.destination) ?? 0);
  }

  #release(lane: string, destination: string): Lane<T> {
    const entry = this.#lanes.get(lane)!;
    entry.inFlight = false;
    this.#inFlight.set(destination, this.#inFlight.get(destination)! - 1);
    return entry;
  }
}
