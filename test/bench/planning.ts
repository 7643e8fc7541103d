import { detectorCosts } from '../../operator/planner/detector-costs.ts';
import { type PlanRequest, planPools } from '../../operator/planner/plan-pools.ts';
import { defaultPolicy } from '../../operator/planner/pool-policy.ts';
import type { ShardState } from '../../operator/planner/shard-state.ts';
import type { StreamDemand } from '../../operator/planner/stream-demand.ts';
import { benchSet } from './commands.ts';
import { type Spread, spreadOf } from './statistics.ts';

const streamCounts = [100, 300, 1000, 3000, 10_000, 20_000] as const;
const planned = Date.UTC(2026, 0, 1);
/** Size of a stream in an assignment document, in bytes. */
const streamBytes = 300;
const pool = 'default';

/** What planning so many streams takes, on one core. */
export interface PlanningResult {
  readonly streams: number;
  readonly shards: number;
  /** Milliseconds of a plan from nothing, of one that changes nothing, and of one with one stream more. */
  readonly first: Spread;
  readonly unchanged: Spread;
  readonly oneMore: Spread;
  /** Assignments to be written: at first, when nothing changed, and for one stream more. */
  readonly writes: { readonly first: number; readonly unchanged: number; readonly oneMore: number };
}

export function measurePlanning(rounds: number): readonly PlanningResult[] {
  return streamCounts.map((count) => planningOf(count, rounds));
}

/** Plans of so many streams with the bench set, 1080p30, in one pool that has room for all. */
export function planningOf(count: number, rounds: number): PlanningResult {
  const streams = Array.from({ length: count }, (_, index) => demand(index));
  const initial = requestOf(streams, []);
  const placed = planPools(initial);
  if (placed.shed.length > 0) throw new Error(`${placed.shed[0]!.name}: ${placed.shed[0]!.reason}`);
  const shards: ShardState[] = placed.shards.map((shard) => ({ ...shard, generation: 1, health: 'Ready' }));
  const unchanged = requestOf(streams, shards);
  const oneMore = requestOf([...streams, demand(count)], shards);
  return {
    streams: count,
    shards: placed.shards.length,
    first: timed(initial, rounds),
    unchanged: timed(unchanged, rounds),
    oneMore: timed(oneMore, rounds),
    writes: { first: writes(initial), unchanged: writes(unchanged), oneMore: writes(oneMore) },
  };
}

function timed(request: PlanRequest, rounds: number): Spread {
  const times = Array.from({ length: rounds }, () => {
    const before = process.cpuUsage();
    planPools(request);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return spreadOf(times);
}

/** Assignments that differ from what lies there. */
function writes(request: PlanRequest): number {
  const before = new Map(request.shards.map(({ name, placements }) => [name, JSON.stringify(placements)]));
  return planPools(request).shards.filter(
    ({ name, placements }) => (before.get(name) ?? '[]') !== JSON.stringify(placements),
  ).length;
}

function demand(index: number): StreamDemand {
  return {
    ...{ monitor: 'bench/bench', name: `stream-${index}`, pool, priority: 50, bytes: streamBytes },
    video: { width: 1920, height: 1080, frameRate: 30 },
    detectors: benchSet,
  };
}

function requestOf(streams: readonly StreamDemand[], shards: readonly ShardState[]): PlanRequest {
  return {
    ...{ now: planned, streams, shards, detectorCosts, measuredCosts: new Map(), monitorBytes: {} },
    policies: { [pool]: { ...defaultPolicy, maxShards: streams.length } },
  };
}
