import { DraftShard } from './draft-shard.ts';
import type { PoolPolicy } from './pool-policy.ts';
import { shardOrder } from './shard-order.ts';
import type { ShardState } from './shard-state.ts';
import type { WantedPair } from './wanted-pairs.ts';

/** All shards while a plan is made, the new ones included. */
export class DraftPools {
  readonly #policies: Readonly<Record<string, PoolPolicy>>;
  readonly #monitorBytes: Readonly<Record<string, number>>;
  readonly #shards = new Map<string, DraftShard>();
  readonly #byPool = new Map<string, DraftShard[]>();
  /** Lowest number that may be free, by pool. */
  readonly #nextNumber = new Map<string, number>();

  constructor(
    existing: readonly ShardState[],
    policies: Readonly<Record<string, PoolPolicy>>,
    monitorBytes: Readonly<Record<string, number>>,
  ) {
    this.#policies = policies;
    this.#monitorBytes = monitorBytes;
    for (const shard of existing) this.#add(shard);
  }

  get(name: string): DraftShard {
    return this.#shards.get(name)!;
  }

  /** Sorted by pool and number. */
  all(): readonly DraftShard[] {
    return [...this.#shards.values()].sort(shardOrder);
  }

  /** Shards of a pool, by number. */
  ofPool(pool: string): readonly DraftShard[] {
    return this.#byPool.get(pool) ?? [];
  }

  pools(): readonly string[] {
    return [...this.#byPool.keys()].sort();
  }

  /**
   * The first shard with room for a pair, a new one if need be; undefined when none may be added. Shards in use come
   * first, then empty ones, then those that streams are leaving. A pair that grew beyond every shard gets one alone.
   */
  roomFor(pair: WantedPair): DraftShard | undefined {
    let empty: DraftShard | undefined;
    let left: DraftShard | undefined;
    for (const shard of this.ofPool(pair.pool)) {
      if (!shard.open || !shard.fits(pair)) continue;
      if (shard.isLeft) left ??= shard;
      else if (shard.size === 0) empty ??= shard;
      else return shard;
    }
    return empty ?? left ?? this.add(pair.pool);
  }

  /** A new shard; undefined when the pool has as many as it may. Those that are to go do not count. */
  add(pool: string): DraftShard | undefined {
    const shards = this.ofPool(pool).filter(({ health }) => health !== 'Lost' && health !== 'Draining');
    if (shards.length >= this.#policies[pool]!.maxShards) return undefined;
    let number = this.#nextNumber.get(pool) ?? 0;
    while (this.#shards.has(`${pool}-${number}`)) number++;
    this.#nextNumber.set(pool, number + 1);
    return this.#add({ name: `${pool}-${number}`, pool, health: 'Starting', generation: 0 });
  }

  #add(shard: Pick<ShardState, 'name' | 'pool' | 'health' | 'generation'>): DraftShard {
    const draft = new DraftShard(shard, this.#policies[shard.pool]!, this.#monitorBytes);
    this.#shards.set(draft.name, draft);
    const pool = this.#byPool.get(draft.pool);
    if (!pool) this.#byPool.set(draft.pool, [draft]);
    else {
      const after = pool.findIndex((other) => shardOrder(other, draft) > 0);
      pool.splice(after < 0 ? pool.length : after, 0, draft);
    }
    return draft;
  }
}
