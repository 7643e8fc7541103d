import { textOrder } from './shard-order.ts';
import { type Placement, pairKey, type ShardState } from './shard-state.ts';

/** A placement and the shard that it is on. */
export interface Holding {
  readonly shard: ShardState;
  readonly placement: Placement;
}

/** A (stream, subset) pair that runs, with every shard that has a part in it. */
export interface RunningPair {
  /** Sorted. */
  readonly detectors: readonly string[];
  readonly holdings: readonly Holding[];
}

/** What a stream is called among all streams. */
export function streamKey({ monitor, name }: Pick<Placement, 'monitor' | 'name'>): string {
  return `${monitor}/${name}`;
}

/** What runs, by `streamKey`. */
export function runningPairs(shards: readonly ShardState[]): Map<string, RunningPair[]> {
  const byStream = new Map<string, Holding[]>();
  for (const shard of shards) {
    for (const placement of shard.placements) {
      const key = streamKey(placement);
      const holdings = byStream.get(key);
      if (holdings) holdings.push({ shard, placement });
      else byStream.set(key, [{ shard, placement }]);
    }
  }
  const pairs = new Map<string, RunningPair[]>();
  for (const [key, holdings] of byStream) pairs.set(key, pairsOfStream(holdings));
  return pairs;
}

/**
 * Finds each wanted subset among those that run. A stream whose detectors were changed is still the same stream:
 * its subsets take over what shares most detectors with them.
 * @returns what runs under each wanted key, and what is wanted no longer
 */
export function matchPairs<Wanted extends { readonly key: string; readonly detectors: readonly string[] }>(
  wanted: readonly Wanted[],
  running: readonly RunningPair[],
): { readonly matched: ReadonlyMap<string, RunningPair>; readonly gone: readonly RunningPair[] } {
  const matched = new Map<string, RunningPair>();
  const taken = new Set<RunningPair>();
  const candidates = wanted
    .flatMap(({ key, detectors }) =>
      running.map((pair) => ({
        key,
        pair,
        before: keyOf(pair),
        likeness: likeness(detectors, pair.detectors),
      })),
    )
    .sort((a, b) => b.likeness - a.likeness || textOrder(a.key, b.key) || textOrder(a.before, b.before));
  for (const { key, pair } of candidates) {
    if (matched.has(key) || taken.has(pair)) continue;
    matched.set(key, pair);
    taken.add(pair);
  }
  return { matched, gone: running.filter((pair) => !taken.has(pair)) };
}

function pairsOfStream(holdings: readonly Holding[]): RunningPair[] {
  if (holdings.length === 1) return [{ detectors: holdings[0]!.placement.detectors, holdings }];
  const byKey = Map.groupBy(holdings, ({ placement }) => pairKey(placement));
  return joinParted(
    [...byKey.values()].map((parts) => ({ detectors: parts[0]!.placement.detectors, holdings: parts })),
  );
}

/**
 * A change of detectors reaches the two shards of a move one after the other. Where it has reached one only, the
 * two still belong together.
 */
function joinParted(pairs: readonly RunningPair[]): RunningPair[] {
  const joined = new Set(pairs);
  for (const pair of pairs) {
    const only = singlePart(pair);
    if (!joined.has(pair) || only?.placement.from === undefined) continue;
    const source = [...joined].find(
      (other) =>
        other !== pair &&
        singlePart(other)?.shard.name === only.placement.from &&
        likeness(other.detectors, pair.detectors) > 0,
    );
    if (!source || (only.placement.role === 'owner' && source.holdings[0]!.placement.role === 'owner'))
      continue;
    joined.delete(pair);
    joined.delete(source);
    joined.add({ ...source, holdings: [...source.holdings, only] });
  }
  return [...joined];
}

function singlePart({ holdings }: RunningPair): Holding | undefined {
  return holdings.length === 1 ? holdings[0] : undefined;
}

/** The key that a running pair has now. */
export function keyOf({ detectors, holdings }: RunningPair): string {
  const { monitor, name } = holdings[0]!.placement;
  return pairKey({ monitor, name, detectors });
}

/** Jaccard index of two sets. */
function likeness(a: readonly string[], b: readonly string[]): number {
  const both = a.filter((type) => b.includes(type)).length;
  return both / (a.length + b.length - both);
}
