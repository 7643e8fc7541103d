import type { StreamMonitor } from '../../crds/stream-monitor.ts';
import { watchedStreams } from '../../crds/stream-renditions.ts';
import { monitorKey } from '../planner/demand.ts';
import { defaultPolicy } from '../planner/pool-policy.ts';
import type { StreamDemand } from '../planner/stream-demand.ts';
import { localPoolOf } from '../shards/local-pool.ts';
import { type CostReport, costReport } from './cost-report.ts';
import { benchedCosts, reportedCosts } from './measured-cpu.ts';
import type { Measured } from './measured-file.ts';
import { defaultMeasurement } from './measurement.ts';
import { plannedUse } from './planned-use.ts';
import { defaultPrices, type Prices } from './prices.ts';
import { type ProfileStretch, streamsByWindows } from './stream-profile.ts';

export interface CostOptions {
  /** CPU of a pod, in vCPU. */
  readonly shardCpu: number;
  readonly prices?: Prices;
  readonly measured?: Measured;
  /** Streams over time; without it, what the windows of the streams say. */
  readonly profile?: readonly ProfileStretch[];
}

/** Memory that a pod asks for, in GB of 2³⁰ bytes: 100 MiB for each of the streams that it may have. */
const podGb = 3;

/**
 * What a file of StreamMonitors costs.
 * @throws Error when none of its streams can be watched
 */
export function costOfMonitors(
  monitors: readonly StreamMonitor[],
  { shardCpu, prices = defaultPrices, measured, profile }: CostOptions,
): CostReport {
  const policy = { ...defaultPolicy, shardCapacity: Math.round(shardCpu * 1000) };
  const { measurement, measuredOf, cpuFrom } = sourcesOf(measured);
  const streams = monitors.flatMap(({ spec }) => watchedStreams(spec.streams));
  const known = profile ?? streamsByWindows(streams.map(({ window }) => window));
  return costReport({
    monitors: monitors.map(monitorKey),
    use: plannedUse(monitors, localPoolOf, policy, measuredOf),
    policy,
    pod: { vcpu: shardCpu, gb: podGb },
    prices,
    measurement,
    cpuFrom,
    ...(known && { profile: known }),
  });
}

function sourcesOf(measured: Measured | undefined) {
  const nothing: ReadonlyMap<string, number> = new Map();
  const declared = 'as decoding and detectors declare it';
  if (!measured) return { measurement: defaultMeasurement, measuredOf: () => nothing, cpuFrom: declared };
  if ('reports' in measured) {
    const { reports } = measured;
    const costs = reportedCosts(reports);
    return {
      measurement: defaultMeasurement,
      measuredOf: () => costs,
      cpuFrom: `as reported by shards (${reports.length}) for parts of streams (${costs.size}), for the others ${declared}`,
    };
  }
  const { measurement } = measured;
  const points = measurement.monitor ?? [];
  return {
    measurement,
    measuredOf: (streams: readonly StreamDemand[]) => benchedCosts(points, streams),
    cpuFrom:
      points.length > 0
        ? `declared, times what the benchmark measured over what is declared (${measurement.machine}; ${measurement.date})`
        : declared,
  };
}
