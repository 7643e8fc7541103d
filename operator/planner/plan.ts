import { type DetectorCosts, declaredCost, type VideoFormat } from './cost.ts';
import type { Plan, PoolPolicy } from './pool-plan.ts';
import { previousPlacements } from './previous-placements.ts';
import { type Pair, pairOrder, placementOf, Shards } from './shards.ts';

/** A stream that should be watched. */
export interface StreamDemand {
  /** `namespace/name` of the StreamMonitor. */
  readonly monitor: string;
  readonly name: string;
  /** Where capacity is short, the lowest is left out first. */
  readonly priority: number;
  readonly video: VideoFormat;
  /** Detector types that run together; each further subset decodes the stream once more. */
  readonly subsets: readonly (readonly string[])[];
}

/** `Lost`: its streams must move. `Unknown`: no answer, which is no reason to move anything. */
export type ShardHealth = 'Healthy' | 'Unknown' | 'Lost';

/** A change from the previous plan. `from` is absent for what was not watched, `to` for what no longer is. */
export interface Move {
  readonly monitor: string;
  readonly name: string;
  readonly detectors: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly reason: string;
}

export interface PlanRequest {
  readonly streams: readonly StreamDemand[];
  readonly detectorCosts: DetectorCosts;
  /** What runs now; absent at the first plan. */
  readonly previous?: Plan;
  /** By shard name; a shard that is not named counts as healthy. */
  readonly health: Readonly<Record<string, ShardHealth>>;
  readonly policy: PoolPolicy;
}

/**
 * Places every (stream, subset) pair on a shard, or says why it cannot be. What is placed stays where it is while
 * its shard lives and has room for it; the rest goes to the first shard with room, in order of priority and name,
 * then to a new shard. The order of the streams given plays no part.
 */
export function plan({ streams, detectorCosts, previous, health, policy }: PlanRequest): {
  plan: Plan;
  moves: Move[];
} {
  const pairs = streams.flatMap((stream) => pairsOf(stream, detectorCosts)).sort(pairOrder);
  const { shardOf, gone } = previousPlacements(pairs, previous);
  const shards = new Shards(policy, Object.keys(previous?.shards ?? {}), (name) => health[name] === 'Lost');
  const shed = new Map<string, string>();
  const evicted = new Map<string, string>();

  const waiting = pairs.filter((pair) => {
    const shard = shardOf.get(pair.key);
    return shard === undefined || !shards.keep(pair, shard);
  });
  while (waiting.length > 0) {
    const pair = waiting.shift()!;
    if (pair.cost > policy.shardCapacity) {
      shed.set(pair.key, tooLarge(pair, policy));
    } else if (!shards.place(pair)) {
      const displaced = shards.displaceFor(pair);
      if (!displaced)
        shed.set(pair.key, `all ${policy.maxShards} shards are full and no stream has a lower priority`);
      for (const lower of displaced ?? []) {
        evicted.set(lower.key, `made room for ${pair.monitor}/${pair.name} of priority ${pair.priority}`);
        waiting.push(lower);
      }
      waiting.sort(pairOrder);
    }
  }

  const reasonFor = (key: string, from: string | undefined): string => {
    if (shed.has(key)) return shed.get(key)!;
    if (from === undefined) return 'the stream is new, or there is room for it now';
    if (health[from] === 'Lost') return `${from} is lost`;
    if (!shards.has(from)) return `no more than ${policy.maxShards} shards are allowed`;
    return evicted.get(key) ?? `${from} has no room for it any more`;
  };
  const moves = pairs.flatMap(({ key, monitor, name, detectors }): Move[] => {
    const [from, to] = [shardOf.get(key), shards.shardOf(key)];
    if (from === to) return [];
    const reason = reasonFor(key, from);
    return [{ monitor, name, detectors, ...(from && { from }), ...(to && { to }), reason }];
  });
  const ended = gone.map(({ shard: from, placement: { monitor, name, detectors } }): Move => {
    return { monitor, name, detectors, from, reason: 'the stream or this set of its detectors is gone' };
  });
  return {
    plan: {
      generation: (previous?.generation ?? 0) + 1,
      shards: shards.placements(),
      shed: pairs
        .filter(({ key }) => shed.has(key))
        .map((pair) => ({ ...placementOf(pair), reason: shed.get(pair.key)! })),
    },
    moves: [...moves, ...ended],
  };
}

function pairsOf({ monitor, name, priority, video, subsets }: StreamDemand, costs: DetectorCosts): Pair[] {
  return subsets.map((subset) => {
    const detectors = [...subset].sort();
    const cost = declaredCost(video, detectors, costs);
    return { key: `${monitor}/${name} ${detectors.join(',')}`, monitor, name, priority, detectors, cost };
  });
}

function tooLarge({ cost }: Pair, { shardCapacity }: PoolPolicy): string {
  return (
    `it needs ${Math.round(cost)} ms CPU per second and a shard has ${shardCapacity}: ` +
    'divide its detectors with sharding.subsets, choose a smaller rendition, or raise the capacity'
  );
}
