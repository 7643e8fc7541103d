import type { DraftEntry, DraftShard } from './draft-shard.ts';
import { textOrder } from './shard-order.ts';
import type { WantedPair } from './wanted-pairs.ts';

/**
 * Where a pair would fit if less important ones made room: the shard on which the most important of them is least
 * so, and of several the one that loses fewest. Pairs that are moving are left alone.
 */
export function displacementFor(
  pair: WantedPair,
  shards: readonly DraftShard[],
  mayGo: (entry: DraftEntry) => boolean,
): { readonly shard: DraftShard; readonly displaced: readonly DraftEntry[] } | undefined {
  let best: { readonly shard: DraftShard; readonly displaced: readonly DraftEntry[] } | undefined;
  for (const shard of shards) {
    if (!shard.open || shard.lowestPriority >= pair.priority) continue;
    const displaced = inTheWay(pair, shard, mayGo);
    if (displaced && (!best || isLess(displaced, best.displaced))) best = { shard, displaced };
  }
  return best;
}

function inTheWay(
  pair: WantedPair,
  shard: DraftShard,
  mayGo: (entry: DraftEntry) => boolean,
): readonly DraftEntry[] | undefined {
  const candidates = shard
    .entries()
    .filter((entry) => entry.pair.priority < pair.priority && mayGo(entry))
    .sort(leastFirst);
  if (candidates.length === 0) return undefined;
  const displaced: DraftEntry[] = [];
  try {
    for (const entry of candidates) {
      shard.remove(entry.pair.key);
      displaced.push(entry);
      if (shard.fits(pair)) return displaced;
    }
    return undefined;
  } finally {
    for (const { pair: other, placement } of displaced) shard.put(other, placement);
  }
}

function leastFirst({ pair: a }: DraftEntry, { pair: b }: DraftEntry): number {
  return a.priority - b.priority || b.cost - a.cost || textOrder(a.key, b.key);
}

function isLess(a: readonly DraftEntry[], b: readonly DraftEntry[]): boolean {
  const highest = (entries: readonly DraftEntry[]) => Math.max(...entries.map(({ pair }) => pair.priority));
  const difference = highest(a) - highest(b);
  return difference < 0 || (difference === 0 && a.length < b.length);
}
