import { textOrder } from './shard-order.ts';
import { type Placement, pairKey, type ShardState } from './shard-state.ts';

/** A placement and the shard that it is on. */
export interface Holding {
  readonly shard: ShardState;
  readonly placement: Placement;
}

/** A (stream, subset) pair that runs, with every shard that has a part in it. */
export interface RunningPair {
  readonly key: string;
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
  return new Map([...byStream].map(([key, holdings]) => [key, pairsOfStream(holdings)]));
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
        likeness: key === pair.key ? 2 : likeness(detectors, pair.detectors),
      })),
    )
    .sort((a, b) => b.likeness - a.likeness || textOrder(a.key, b.key) || textOrder(a.pair.key, b.pair.key));
  for (const { key, pair } of candidates) {
    if (matched.has(key) || taken.has(pair)) continue;
    matched.set(key, pair);
    taken.add(pair);
  }
  return { matched, gone: running.filter((pair) => !taken.has(pair)) };
}

function pairsOfStream(holdings: readonly Holding[]): RunningPair[] {
  const byKey = Map.groupBy(holdings, ({ placement }) => pairKey(placement));
  const pairs = [...byKey].map(([key, parts]) => ({
    key,
    detectors: parts[0]!.placement.detectors,
    holdings: parts,
  }));
  return pairs.length === 1 ? pairs : joinParted(pairs);
}

/**
 * A change of detectors reaches the two shards of a move one after the other. Where it has reached one only, the
 * two still belong together.
 */
function joinParted(pairs: readonly RunningPair[]): RunningPair[] {
  const joined = new Map(pairs.map((pair) => [pair.key, pair]));
  for (const pair of pairs) {
    const [only, ...others] = pair.holdings;
    if (joined.get(pair.key) !== pair) continue;
    if (!only || others.length > 0 || only.placement.from === undefined) continue;
    const source = [...joined.values()].find(
      ({ key, holdings, detectors }) =>
        key !== pair.key &&
        holdings.length === 1 &&
        holdings[0]!.shard.name === only.placement.from &&
        likeness(detectors, pair.detectors) > 0,
    );
    if (!source || (only.placement.role === 'owner' && source.holdings[0]!.placement.role === 'owner'))
      continue;
    joined.delete(pair.key);
    joined.set(source.key, { ...source, holdings: [...source.holdings, only] });
  }
  return [...joined.values()];
}

/** Jaccard index of two sets. */
function likeness(a: readonly string[], b: readonly string[]): number {
  const both = a.filter((type) => b.includes(type)).length;
  return both / (a.length + b.length - both);
}
