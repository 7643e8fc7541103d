import type { PoolPolicy } from './pool-policy.ts';
import { textOrder } from './shard-order.ts';
import type { Placement, PlannedShard, ShardHealth } from './shard-state.ts';
import type { WantedPair } from './wanted-pairs.ts';

/** A pair on a shard of the draft. */
export interface DraftEntry {
  readonly pair: WantedPair;
  readonly placement: Placement;
  /** Whether its move away is under way: its cost is still there and will go. */
  readonly leaving: boolean;
}

/** A shard while a plan is made: what is on it, and what room that leaves. */
export class DraftShard {
  readonly name: string;
  readonly pool: string;
  readonly health: ShardHealth;
  /** Of the assignment that a change of this shard would be written with. */
  readonly nextGeneration: number;
  readonly policy: PoolPolicy;
  readonly #monitorBytes: Readonly<Record<string, number>>;
  readonly #entries = new Map<string, DraftEntry>();
  readonly #streams = new Set<string>();
  readonly #pairsOfMonitor = new Map<string, number>();
  #cost = 0;
  #bytes = 0;
  #leavingSize = 0;
  #leavingCost = 0;
  /** Until the next change. */
  #lowestPriority: number | undefined;

  constructor(
    shard: {
      readonly name: string;
      readonly pool: string;
      readonly health: ShardHealth;
      readonly generation: number;
    },
    policy: PoolPolicy,
    monitorBytes: Readonly<Record<string, number>>,
  ) {
    this.name = shard.name;
    this.pool = shard.pool;
    this.health = shard.health;
    this.nextGeneration = shard.generation + 1;
    this.policy = policy;
    this.#monitorBytes = monitorBytes;
  }

  /** Whether it takes anything new. */
  get open(): boolean {
    return this.health === 'Starting' || this.health === 'Ready';
  }

  get size(): number {
    return this.#entries.size;
  }

  /** ms CPU per second. */
  get cost(): number {
    return this.#cost;
  }

  /** Cost of what stays once every move under way is over, in ms CPU per second. */
  get stayingCost(): number {
    return this.stayingSize === 0 ? 0 : this.#cost - this.#leavingCost;
  }

  get stayingSize(): number {
    return this.#entries.size - this.#leavingSize;
  }

  /** Capacity that a further stream could use, in ms CPU per second. */
  get free(): number {
    if (this.#entries.size >= this.policy.streamsPerShard) return 0;
    return Math.max(0, this.policy.shardCapacity - this.#cost);
  }

  /** Of the pairs on it; infinite when there is none. */
  get lowestPriority(): number {
    if (this.#lowestPriority === undefined) {
      this.#lowestPriority = Number.POSITIVE_INFINITY;
      for (const { pair } of this.#entries.values()) {
        this.#lowestPriority = Math.min(this.#lowestPriority, pair.priority);
      }
    }
    return this.#lowestPriority;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isLeft(): boolean {
    return this.#leavingSize > 0;
  }

  entries(): DraftEntry[] {
    return [...this.#entries.values()];
  }

  /** Pairs that stay, in an order that does not depend on how they came here. */
  staying(): readonly DraftEntry[] {
    return this.entries()
      .filter(({ leaving }) => !leaving)
      .sort((a, b) => textOrder(a.pair.key, b.pair.key));
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  get(key: string): DraftEntry | undefined {
    return this.#entries.get(key);
  }

  /** Whether a pair would fit, with a share of the capacity left over. */
  fits(pair: WantedPair, spareShare = 0): boolean {
    const { shardCapacity, streamsPerShard, assignmentBytes } = this.policy;
    return (
      this.#cost + pair.cost <= shardCapacity * (1 - spareShare) &&
      this.#entries.size < streamsPerShard &&
      // Subsets of one stream are there to be apart.
      !this.#streams.has(pair.streamKey) &&
      this.#bytes + this.#bytesOf(pair) <= assignmentBytes
    );
  }

  put(pair: WantedPair, placement: Placement): void {
    this.remove(pair.key);
    this.#lowestPriority = undefined;
    this.#bytes += this.#bytesOf(pair);
    this.#cost += pair.cost;
    this.#entries.set(pair.key, { pair, placement, leaving: false });
    this.#streams.add(pair.streamKey);
    this.#pairsOfMonitor.set(pair.monitor, (this.#pairsOfMonitor.get(pair.monitor) ?? 0) + 1);
  }

  remove(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    const { pair, leaving } = entry;
    this.#lowestPriority = undefined;
    this.#entries.delete(key);
    this.#streams.delete(pair.streamKey);
    const pairsLeft = this.#pairsOfMonitor.get(pair.monitor)! - 1;
    if (pairsLeft > 0) this.#pairsOfMonitor.set(pair.monitor, pairsLeft);
    else this.#pairsOfMonitor.delete(pair.monitor);
    this.#bytes -= this.#bytesOf(pair);
    this.#cost = this.#entries.size === 0 ? 0 : this.#cost - pair.cost;
    if (leaving) {
      this.#leavingSize -= 1;
      this.#leavingCost -= pair.cost;
    }
  }

  /** Notes that a pair's move away is under way. */
  leaves(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry || entry.leaving) return;
    this.#entries.set(key, { ...entry, leaving: true });
    this.#leavingSize += 1;
    this.#leavingCost += entry.pair.cost;
  }

  planned(): PlannedShard {
    const placements = this.entries()
      .sort((a, b) => textOrder(a.pair.key, b.pair.key))
      .map(({ placement }) => placement);
    return { name: this.name, pool: this.pool, placements };
  }

  /** What a pair adds to the document: its monitor's settings are in it once. */
  #bytesOf({ monitor, bytes }: WantedPair): number {
    return bytes + (this.#pairsOfMonitor.has(monitor) ? 0 : (this.#monitorBytes[monitor] ?? 0));
  }
}
