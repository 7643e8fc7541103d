import type { ShardReport } from '../../crds/shard-report.ts';
import { declaredCost, type VideoFormat } from '../planner/cost.ts';
import { detectorCosts } from '../planner/detector-costs.ts';
import { pairKey } from '../planner/shard-state.ts';
import type { StreamDemand } from '../planner/stream-demand.ts';
import { type MonitorPoint, nearestPoints } from './measurement.ts';

/** Seconds that a stream must have been watched: the opening costs more than the watching. */
const enough = 300;

/**
 * What shards say that their streams cost: the CPU of each stream's converter, and with it its share of the process
 * around them, over the seconds since the shard took the stream. By `pairKey`, in ms CPU per second.
 */
export function reportedCosts(reports: readonly ShardReport[]): ReadonlyMap<string, number> {
  return new Map(
    reports.flatMap(({ cpuSeconds, streams }) => {
      const converters = streams.reduce((sum, stream) => sum + stream.cpuSeconds, 0);
      const share = converters > 0 ? Math.max(1, cpuSeconds / converters) : 1;
      return streams
        .filter(({ monitoredSeconds, role }) => monitoredSeconds >= enough && role === 'owner')
        .map(({ monitor, name, detectors, ...stream }) => {
          const key = pairKey({ monitor, name, detectors: detectors.toSorted() });
          return [key, (stream.cpuSeconds * share * 1000) / stream.monitoredSeconds] as const;
        });
    }),
  );
}

/**
 * What streams cost by a benchmark: what is declared for each, times how far measured and declared cost lie apart at the
 * nearest picture size. By `pairKey`, for streams whose detectors run together.
 */
export function benchedCosts(
  points: readonly MonitorPoint[],
  streams: readonly StreamDemand[],
): ReadonlyMap<string, number> {
  if (points.length === 0) return new Map();
  return new Map(
    streams
      .filter(({ subsets, reference }) => subsets === undefined && !reference)
      .map((stream) => {
        const detectors = stream.detectors.toSorted();
        const declared = declaredCost(stream.video, detectors, detectorCosts);
        return [pairKey({ ...stream, detectors }), declared * ratioAt(points, stream.video)];
      }),
  );
}

function ratioAt(points: readonly MonitorPoint[], video: VideoFormat): number {
  const near = nearestPoints(points, video);
  const point = near.reduce((most, each) => (each.frameRate > most.frameRate ? each : most));
  return point.ms / declaredCost(point, point.detectors, detectorCosts);
}
