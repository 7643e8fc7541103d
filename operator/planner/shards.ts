import type { Placement, PoolPolicy } from './pool-plan.ts';

/** A (stream, detector subset) pair on its way to a shard. */
export interface Pair extends Placement {
  readonly key: string;
  readonly priority: number;
}

/** Highest priority first, then by name: the order in which pairs are placed. */
export function pairOrder(a: Pair, b: Pair): number {
  return b.priority - a.priority || (a.key < b.key ? -1 : 1);
}

/** The shards of a pool while a plan is made. */
export class Shards {
  readonly #policy: PoolPolicy;
  readonly #shards: { readonly name: string; pairs: Pair[] }[];
  readonly #taken: Set<string>;

  /** @param lost tells which of the existing shards take nothing any more */
  constructor(policy: PoolPolicy, existing: readonly string[], lost: (name: string) => boolean) {
    this.#policy = policy;
    const living = existing.filter((name) => !lost(name)).sort(shardOrder);
    this.#shards = living.slice(0, policy.maxShards).map((name) => ({ name, pairs: [] }));
    this.#taken = new Set(existing);
  }

  has(name: string): boolean {
    return this.#shards.some((shard) => shard.name === name);
  }

  /** Leaves a pair on the shard where it is; false when that is gone or has no room left. */
  keep(pair: Pair, name: string): boolean {
    const shard = this.#shards.find((candidate) => candidate.name === name);
    if (!shard || !this.#fits(pair, shard.pairs)) return false;
    shard.pairs.push(pair);
    return true;
  }

  /** Puts a pair on the first shard with room, a new one if need be; false when none may be added. */
  place(pair: Pair): boolean {
    const shard = this.#shards.find(({ pairs }) => this.#fits(pair, pairs)) ?? this.#add();
    shard?.pairs.push(pair);
    return shard !== undefined;
  }

  /**
   * Makes room for a pair where the least important pairs of lower priority are in the way, and puts it there.
   * Gives the pairs that had to go; undefined when no shard has enough of them.
   */
  displaceFor(pair: Pair): readonly Pair[] | undefined {
    const options = this.#shards
      .map((shard) => ({ shard, displaced: this.#inTheWay(pair, shard.pairs) }))
      .filter((option) => option.displaced !== undefined)
      .sort((a, b) => importance(a.displaced!) - importance(b.displaced!));
    const [least] = options;
    if (!least) return undefined;
    least.shard.pairs = [...least.shard.pairs.filter((other) => !least.displaced!.includes(other)), pair];
    return least.displaced;
  }

  /** The shard that a pair is on. */
  shardOf(key: string): string | undefined {
    return this.#shards.find(({ pairs }) => pairs.some((pair) => pair.key === key))?.name;
  }

  /** Placements of all shards that have any. */
  placements(): Record<string, Placement[]> {
    const used = this.#shards
      .filter(({ pairs }) => pairs.length > 0)
      .sort((a, b) => shardOrder(a.name, b.name));
    return Object.fromEntries(
      used.map(({ name, pairs }) => [
        name,
        pairs.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(placementOf),
      ]),
    );
  }

  #fits(pair: Pair, pairs: readonly Pair[]): boolean {
    const { shardCapacity, streamsPerShard } = this.#policy;
    const cost = pairs.reduce((sum, other) => sum + other.cost, pair.cost);
    // Subsets of one stream are there to be apart, and a shard knows a stream by its name.
    const sameStream = pairs.some(({ monitor, name }) => monitor === pair.monitor && name === pair.name);
    return cost <= shardCapacity && pairs.length < streamsPerShard && !sameStream;
  }

  #inTheWay(pair: Pair, pairs: readonly Pair[]): readonly Pair[] | undefined {
    const leastFirst = pairs.toSorted(pairOrder).reverse();
    const displaced: Pair[] = [];
    for (const other of leastFirst) {
      if (other.priority >= pair.priority) return undefined;
      displaced.push(other);
      if (
        this.#fits(
          pair,
          pairs.filter((kept) => !displaced.includes(kept)),
        )
      )
        return displaced;
    }
    return undefined;
  }

  #add(): { readonly name: string; pairs: Pair[] } | undefined {
    if (this.#shards.length >= this.#policy.maxShards) return undefined;
    let number = 0;
    while (this.#taken.has(`shard-${number}`)) number++;
    const shard = { name: `shard-${number}`, pairs: [] };
    this.#taken.add(shard.name);
    this.#shards.push(shard);
    return shard;
  }
}

/** A pair without what only the planning needs. */
export function placementOf({ monitor, name, detectors, cost }: Pair): Placement {
  return { monitor, name, detectors, cost };
}

/** The highest priority among pairs; their number decides between equals. */
function importance(pairs: readonly Pair[]): number {
  return Math.max(...pairs.map(({ priority }) => priority)) + pairs.length / 1e6;
}

function shardOrder(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1);
}
