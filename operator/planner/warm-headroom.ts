import type { DraftPools } from './draft-pools.ts';
import type { PoolPolicy } from './pool-policy.ts';

/**
 * Chooses the empty shards that stay, and adds some, so that each pool with streams has its warm headroom free.
 * @param pools that have streams
 * @returns names of the empty shards that stay
 */
export function keepWarm(
  draft: DraftPools,
  pools: ReadonlySet<string>,
  policies: Readonly<Record<string, PoolPolicy>>,
): Set<string> {
  const warm = new Set<string>();
  for (const pool of [...pools].sort()) {
    const { warmHeadroom, shardCapacity, hysteresis } = policies[pool]!;
    if (warmHeadroom <= 0) continue;
    const open = draft.ofPool(pool).filter((shard) => shard.open);
    let free = open.filter(({ stayingSize }) => stayingSize > 0).reduce((sum, shard) => sum + shard.free, 0);
    for (const shard of open.filter(({ stayingSize }) => stayingSize === 0)) {
      // A stream more or less must not end a shard and start it again.
      if (free >= warmHeadroom + hysteresis * shardCapacity) break;
      warm.add(shard.name);
      free += shardCapacity;
    }
    while (free < warmHeadroom) {
      const shard = draft.add(pool);
      if (!shard) break;
      warm.add(shard.name);
      free += shardCapacity;
    }
  }
  return warm;
}
