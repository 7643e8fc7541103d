import type { Placement, Plan } from './pool-plan.ts';
import type { Pair } from './shards.ts';

/** Where things were before a plan was made. */
export interface PreviousPlacements {
  /** Shard of each wanted pair that was running, by its key. */
  readonly shardOf: ReadonlyMap<string, string>;
  /** What ran and is wanted no longer. */
  readonly gone: readonly { readonly shard: string; readonly placement: Placement }[];
}

/**
 * Finds each wanted pair among what runs. A stream whose detectors were changed is still the same stream: its
 * pairs take over the placements that share most detectors with them.
 */
export function previousPlacements(pairs: readonly Pair[], previous: Plan | undefined): PreviousPlacements {
  const running = Object.entries(previous?.shards ?? {})
    .sort(([a], [b]) => order(a, b))
    .flatMap(([shard, placements]) => placements.map((placement) => ({ shard, placement })));
  const byStream = Map.groupBy(running, ({ placement }) => streamKey(placement));
  const shardOf = new Map<string, string>();
  const candidates = pairs
    .flatMap((pair) =>
      (byStream.get(streamKey(pair)) ?? []).map((before) => ({
        pair,
        before,
        likeness: likeness(pair.detectors, before.placement.detectors),
      })),
    )
    .sort(
      (a, b) =>
        b.likeness - a.likeness || order(a.pair.key, b.pair.key) || order(a.before.shard, b.before.shard),
    );
  const taken = new Set<unknown>();
  for (const { pair, before } of candidates) {
    if (shardOf.has(pair.key) || taken.has(before)) continue;
    shardOf.set(pair.key, before.shard);
    taken.add(before);
  }
  return { shardOf, gone: running.filter((before) => !taken.has(before)) };
}

function streamKey({ monitor, name }: Placement): string {
  return `${monitor}/${name}`;
}

/** Jaccard index of two sets. */
function likeness(a: readonly string[], b: readonly string[]): number {
  const shared = a.filter((type) => b.includes(type)).length;
  return shared / (a.length + b.length - shared);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
