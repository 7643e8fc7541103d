import { detectorCatalogue } from '../../crds/detector-catalogue.ts';
import { resultObjects } from '../../crds/result-record.ts';
import type { StreamMonitor } from '../../crds/stream-monitor.ts';
import { watchedStreams } from '../../crds/stream-renditions.ts';
import type { VideoFormat } from '../planner/cost.ts';
import { declaredCost } from '../planner/cost.ts';
import { desiredMonitor } from '../planner/demand.ts';
import { type DesiredMonitor, documentBytes } from '../planner/desired-monitor.ts';
import { detectorCosts } from '../planner/detector-costs.ts';
import { planPools } from '../planner/plan-pools.ts';
import type { PoolPolicy } from '../planner/pool-policy.ts';
import type { PlannedShard } from '../planner/shard-state.ts';
import type { StreamDemand } from '../planner/stream-demand.ts';

/** One stream, as both designs are asked to watch it. */
export interface CostedStream {
  readonly video: VideoFormat;
  /** Detectors that look at pictures, and those that do not. */
  readonly pictures: number;
  readonly others: number;
  /** CPU that the latter declare, in ms per second of the stream. */
  readonly othersMs: number;
}

/** What a plan uses while all its streams are watched. */
export interface PlannedUse {
  /** Those that a shard watches. */
  readonly streams: readonly CostedStream[];
  /** Streams that no shard has room for, and why. */
  readonly shed: readonly { readonly stream: string; readonly reason: string }[];
  readonly shards: number;
  /** CPU of the work, in vCPU. */
  readonly work: number;
  /** Result objects that shards write to S3 in an hour without incidents. */
  readonly resultPuts: number;
}

/**
 * Plans the streams of StreamMonitors as `run` and the operator would, all at once: windows and `suspend` are left out
 * of account, since what is asked is what watching costs.
 * @param poolOf whose shards watch the streams of a StreamMonitor
 * @param measuredOf ms CPU per second of a (stream, subset), where that was measured; see `planPools`
 */
export function plannedUse(
  monitors: readonly StreamMonitor[],
  poolOf: (monitor: StreamMonitor) => string,
  policy: PoolPolicy,
  measuredOf: (streams: readonly StreamDemand[]) => ReadonlyMap<string, number>,
): PlannedUse {
  const desired = monitors.map((monitor) => {
    const spec = { ...monitor.spec, suspend: false };
    const streams = watchedStreams(spec.streams).map(({ window: _, ...stream }) => stream);
    return desiredMonitor({ ...monitor, spec }, streams, poolOf(monitor), {}, 0);
  });
  const demands = desired.flatMap(({ streams }) => streams.map(({ demand }) => demand));
  const { shards, shed } = planPools({
    now: 0,
    streams: demands,
    shards: [],
    policies: Object.fromEntries(demands.map(({ pool }) => [pool, policy])),
    detectorCosts,
    measuredCosts: measuredOf(demands),
    monitorBytes: Object.fromEntries(desired.map(({ key, settings }) => [key, documentBytes(settings)])),
  });
  const placements = shards.flatMap((shard) => shard.placements);
  const placed = new Set(placements.map(({ monitor, name }) => `${monitor}/${name}`));
  return {
    streams: demands.filter(({ monitor, name }) => placed.has(`${monitor}/${name}`)).map(costedStream),
    shed: shed.map(({ monitor, name, reason }) => ({ stream: `${monitor}/${name}`, reason })),
    shards: shards.length,
    work: placements.reduce((sum, { cost }) => sum + cost, 0) / 1000,
    resultPuts: shards.reduce((sum, shard) => sum + resultPutsOf(shard, desired), 0),
  };
}

/** Those that judge by a reference have nothing to do, and are left out, where the stream has none. */
function costedStream({ video, detectors, reference }: StreamDemand): CostedStream {
  const busy = detectors.filter((type) => reference || !detectorCosts[type]?.usesReference);
  const pictures = busy.filter((type) => {
    const needs = detectorCatalogue[type]?.needs ?? [];
    return needs.includes('native') || needs.includes('reduced');
  });
  const others = busy.filter((type) => !pictures.includes(type));
  const othersMs = declaredCost(video, others, detectorCosts) - declaredCost(video, [], detectorCosts);
  return { video, pictures: pictures.length, others: others.length, othersMs };
}

/** Objects an hour: one for each bucket and detector every five minutes, or whenever one is full. */
function resultPutsOf({ placements }: PlannedShard, desired: readonly DesiredMonitor[]): number {
  const buckets = new Map(desired.map(({ key, settings }) => [key, settings.results?.s3]));
  const series = placements.flatMap(({ monitor, detectors }) => {
    const bucket = buckets.get(monitor);
    return bucket ? detectors.map((type) => `${type} ${JSON.stringify(bucket)}`) : [];
  });
  const byAge = 3600 / resultObjects.seconds;
  const minutes = 60;
  return [...Map.groupBy(series, (each) => each).values()].reduce(
    (sum, { length }) =>
      sum + Math.max(byAge, (length * minutes * resultObjects.summaryBytes) / resultObjects.bytes),
    0,
  );
}
