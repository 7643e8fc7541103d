import type { PlanRequest, ShedPair, StreamSplit } from './pools-plan.ts';
import { keyOf, matchPairs, type RunningPair, runningPairs, streamKey } from './running-pairs.ts';
import { textOrder } from './shard-order.ts';
import type { StreamDemand } from './stream-demand.ts';
import { type Subset, subsetsOf } from './subsets.ts';

/** A (stream, subset) pair that should be watched. */
export interface WantedPair extends Subset {
  readonly streamKey: string;
  readonly monitor: string;
  readonly name: string;
  readonly pool: string;
  readonly priority: number;
  readonly exclusive: boolean;
  /** Size of its entry in an assignment document. */
  readonly bytes: number;
}

/** A wanted pair and what of it runs. */
export interface PairStanding {
  readonly pair: WantedPair;
  readonly running?: RunningPair;
}

/** What should be watched, beside what is. */
export interface Wanted {
  /** By priority, highest first, then by key. */
  readonly pairs: readonly PairStanding[];
  /** What runs and is wanted no longer. */
  readonly gone: readonly RunningPair[];
  readonly shed: readonly ShedPair[];
  readonly splits: readonly StreamSplit[];
}

const nothing: readonly RunningPair[] = [];

/** Prices and divides every stream, and finds it among what runs. */
export function wantedPairs(request: PlanRequest): Wanted {
  const running = runningPairs(request.shards);
  const pairs: PairStanding[] = [];
  const gone: RunningPair[] = [];
  const shed: ShedPair[] = [];
  const splits: StreamSplit[] = [];
  const streams = new Set<string>();
  for (const stream of request.streams) {
    const key = streamKey(stream);
    const before = running.get(key) ?? nothing;
    streams.add(key);
    const placed = before.map(({ detectors, holdings }) => ({
      detectors,
      cost: holdings[0]!.placement.cost,
    }));
    const { subsets, split } = subsetsOf(stream, placed, request.policies[stream.pool]!, request);
    if (split) splits.push(splitOf(stream, subsets, split, request.policies[stream.pool]!.shardCapacity));
    if (subsets.length === 0) {
      const reason = 'none of its detectors is enabled: enable one, or suspend the StreamMonitor';
      shed.push({ monitor: stream.monitor, name: stream.name, detectors: [], cost: 0, reason });
    }
    const wanted = subsets.map((subset) => pairOf(stream, key, subset));
    const [only] = wanted;
    if (wanted.length === 1 && before.length <= 1) {
      pairs.push(before[0] ? { pair: only!, running: before[0] } : { pair: only! });
      continue;
    }
    const found = matchPairs(wanted, before);
    gone.push(...found.gone);
    for (const pair of wanted) {
      const match = found.matched.get(pair.key);
      pairs.push(match ? { pair, running: match } : { pair });
    }
  }
  for (const [key, before] of running) if (!streams.has(key)) gone.push(...before);
  return {
    pairs: pairs.sort(byImportance),
    gone: gone.sort((a, b) => textOrder(keyOf(a), keyOf(b))),
    shed: shed.sort(byName),
    splits: splits.sort(byName),
  };
}

function byName(a: Pick<ShedPair, 'monitor' | 'name'>, b: Pick<ShedPair, 'monitor' | 'name'>): number {
  return textOrder(streamKey(a), streamKey(b));
}

function byImportance({ pair: a }: PairStanding, { pair: b }: PairStanding): number {
  return b.priority - a.priority || textOrder(a.key, b.key);
}

function pairOf(stream: StreamDemand, inStream: string, subset: Subset): WantedPair {
  const { monitor, name, pool, priority, bytes, exclusive = false } = stream;
  const { key, detectors, cost } = subset;
  return { key, streamKey: inStream, monitor, name, pool, priority, exclusive, bytes, detectors, cost };
}

function splitOf(
  { monitor, name }: StreamDemand,
  subsets: readonly Subset[],
  { wholeCost, extraCost }: { readonly wholeCost: number; readonly extraCost: number },
  shardCapacity: number,
): StreamSplit {
  return {
    monitor,
    name,
    subsets: subsets.map(({ detectors }) => detectors),
    extraCost,
    reason:
      `all its detectors need ${Math.round(wholeCost)} ms CPU per second and a shard has ${shardCapacity}: ` +
      `it is watched in ${subsets.length} parts, and decoding it again costs ${Math.round(extraCost)} ms more`,
  };
}
