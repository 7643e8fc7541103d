import type { PoolPolicy } from '../planner/pool-policy.ts';
import { assumptionsOf } from './assumptions.ts';
import {
  type DistributedCost,
  type DistributedDesign,
  type DistributedLimit,
  distributedCost,
  distributedLimit,
  distributedUse,
} from './distributed-cost.ts';
import type { Measurement } from './measurement.ts';
import { type MonitorCost, monitorCost, type PodSize, podHour } from './monitor-cost.ts';
import type { CostedStream, PlannedUse } from './planned-use.ts';
import type { Prices } from './prices.ts';
import { type Reservation, reservation } from './reserved-capacity.ts';
import type { ProfileStretch } from './stream-profile.ts';

/** Hours that a month is taken to have. */
export const monthHours = 730;

export interface CostFacts {
  /** `namespace/name` of each StreamMonitor. */
  readonly monitors: readonly string[];
  readonly use: PlannedUse;
  readonly policy: Pick<PoolPolicy, 'shardCapacity' | 'streamsPerShard' | 'maxShards'>;
  readonly pod: PodSize;
  readonly prices: Prices;
  readonly measurement: Measurement;
  /** Where the CPU of our own side is from, in a few words. */
  readonly cpuFrom: string;
  /** Streams over time, where they come and go. */
  readonly profile?: readonly ProfileStretch[];
}

/** The distributed design in one variant, for the same streams. Money in the currency of the prices. */
export interface DistributedReport extends DistributedDesign {
  /** Of a mean stream, in an hour. */
  readonly hourly: {
    readonly puts: number;
    readonly gets: number;
    readonly transitions: number;
    readonly executions: number;
    readonly invocations: number;
    readonly lambdaGbSeconds: number;
    readonly pictureGb: number;
  };
  readonly perStreamHour: DistributedCost;
  /** All streams, all the time. */
  readonly perMonth: number;
  /** How far StreamMonitor is below it: 0.95 where it costs a twentieth; negative where it costs more. */
  readonly saving: number;
  readonly limit: DistributedLimit;
}

export interface CostReport {
  readonly currency: string;
  readonly pricesAsOf: string;
  readonly region: string;
  readonly monitors: readonly string[];
  readonly streams: number;
  /** Streams without room, in no figure. */
  readonly shed: PlannedUse['shed'];
  readonly streamMonitor: {
    /** For an hour with all streams. */
    readonly hourly: MonitorCost;
    /** CPU of the work, in vCPU. */
    readonly work: number;
    readonly perStreamHour: number;
    /** In pods that are full of streams of the mean cost, without the cluster. */
    readonly perStreamHourPacked: number;
    readonly streamsInFullPod: number;
    readonly perMonth: number;
    /** Streams of the mean cost that one pool can have. */
    readonly limit: number;
  };
  readonly distributed: readonly DistributedReport[];
  readonly reservation?: Reservation & { readonly name: string; readonly share: number };
  readonly assumptions: readonly string[];
}

/** Frames of each second that go through S3: all of a usual stream's, and samples. */
const frameRates = [30, 25, 5, 1] as const;

const designs: readonly DistributedDesign[] = frameRates.flatMap((frameRate) => [
  { frameRate, workflow: 'Standard', functions: 'each' },
  { frameRate, workflow: 'Express', functions: 'each' },
  { frameRate, workflow: 'Express', functions: 'one' },
]);

/**
 * What a plan costs, beside the distributed design with the same streams and detectors.
 * @throws Error when no stream is placed: there is nothing to divide by
 */
export function costReport(facts: CostFacts): CostReport {
  const { monitors, use, policy, pod, prices, measurement, profile } = facts;
  const streams = use.streams.length;
  if (streams === 0) throw new Error(nothingPlaced(use));
  const hourly = monitorCost(use, pod, prices);
  const perStreamHour = hourly.total / streams;
  const inPod = streamsInFullPod(use, policy);
  return {
    currency: prices.currency,
    pricesAsOf: prices.asOf,
    region: prices.region,
    monitors,
    streams,
    shed: use.shed,
    streamMonitor: {
      hourly,
      work: use.work,
      perStreamHour,
      perStreamHourPacked: podHour(pod, prices) / inPod + hourly.s3 / streams,
      streamsInFullPod: inPod,
      perMonth: hourly.total * monthHours,
      limit: inPod * policy.maxShards,
    },
    distributed: designs.map((design) =>
      distributedReport(use.streams, design, measurement, prices, perStreamHour),
    ),
    ...(profile && { reservation: reservationOf(profile, facts, inPod) }),
    assumptions: assumptionsOf(facts),
  };
}

function nothingPlaced({ shed }: PlannedUse): string {
  const [first] = shed;
  return first ? `${first.stream} cannot be watched: ${first.reason}` : 'there are no streams to cost';
}

function distributedReport(
  streams: readonly CostedStream[],
  design: DistributedDesign,
  measurement: Measurement,
  prices: Prices,
  own: number,
): DistributedReport {
  const { workflow } = design;
  const uses = streams.map((stream) => distributedUse(stream, design, measurement));
  const costs = uses.map((use) => distributedCost(use, workflow, prices));
  const use = meanOf(uses);
  const perStreamHour = meanOf(costs);
  const hour = 3600;
  return {
    ...design,
    hourly: {
      puts: use.puts * hour,
      gets: use.gets * hour,
      transitions: use.transitions * hour,
      executions: hour,
      invocations: use.invocations * hour,
      lambdaGbSeconds: ((use.lambdaSeconds * prices.lambda.mbPerVcpu.amount) / 1024) * hour,
      pictureGb: (use.pictureBytes * hour) / 1e9,
    },
    perStreamHour,
    perMonth: perStreamHour.total * streams.length * monthHours,
    saving: 1 - own / perStreamHour.total,
    limit: distributedLimit(use, workflow, prices),
  };
}

/** Of each figure. */
function meanOf<K extends string>(all: readonly Readonly<Record<K, number>>[]): Record<K, number> {
  const keys = Object.keys(all[0]!) as K[];
  const mean = (key: K) => all.reduce((sum, each) => sum + each[key], 0) / all.length;
  return Object.fromEntries(keys.map((key) => [key, mean(key)])) as Record<K, number>;
}

/** Streams of the mean cost that fill a pod; one that is larger than a pod has it alone. */
function streamsInFullPod(
  { work, streams }: PlannedUse,
  { shardCapacity, streamsPerShard }: CostFacts['policy'],
): number {
  const fitting = Math.floor(shardCapacity / ((work * 1000) / streams.length));
  return Math.max(1, Math.min(streamsPerShard, fitting));
}

function reservationOf(
  profile: readonly ProfileStretch[],
  { pod, prices }: CostFacts,
  inPod: number,
): CostReport['reservation'] {
  const { name, share } = prices.reserved;
  const stretches = profile.map(({ hours, streams }) => ({ hours, pods: Math.ceil(streams / inPod) }));
  return { name, share: share.amount, ...reservation(stretches, podHour(pod, prices), share.amount) };
}
