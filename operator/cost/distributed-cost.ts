import type { DistributedPoint, Measurement } from './measurement.ts';
import { nearestPoints, pixelsOf } from './measurement.ts';
import type { CostedStream } from './planned-use.ts';
import type { Prices } from './prices.ts';

/** A way to build the distributed design. */
export interface DistributedDesign {
  /** Frames of each second that go through S3. */
  readonly frameRate: number;
  readonly workflow: 'Standard' | 'Express';
  /** A function for each detector, as in the original; or one for all, which fetches and decodes a frame once. */
  readonly functions: 'each' | 'one';
}

/** Work of one second of a stream. */
export interface DistributedUse {
  readonly puts: number;
  readonly gets: number;
  /** State transitions; of a Standard workflow they are what is billed. */
  readonly transitions: number;
  readonly invocations: number;
  /** Busy functions of one vCPU on average: seconds of CPU. */
  readonly lambdaSeconds: number;
  /** From the start of the second's execution to its end, at one vCPU a function. */
  readonly executionSeconds: number;
  /** Bytes of pictures that are written. */
  readonly pictureBytes: number;
}

/** Money of one hour of a stream. */
export interface DistributedCost {
  readonly s3: number;
  readonly workflow: number;
  readonly lambda: number;
  readonly total: number;
}

/**
 * One execution for each second of the stream: a function converts, writes the frames and one object with sound and
 * transport evidence; then detectors fetch and judge, one state transition each.
 */
export function distributedUse(
  { video, pictures, others, othersMs }: CostedStream,
  { frameRate, functions }: DistributedDesign,
  measurement: Measurement,
): DistributedUse {
  const { convert, detector, frameBytes } = stepsAt(measurement.distributed, video, frameRate);
  const pictureReaders = functions === 'one' ? Math.min(1, pictures) : pictures;
  const otherReaders = functions === 'one' ? Math.min(1, others) : others;
  const detectorFunctions = functions === 'one' ? Math.min(1, pictures + others) : pictures + others;
  const frames = pictures > 0 ? frameRate : 0;
  const judging = pictureReaders * detector + othersMs;
  const slowest =
    functions === 'one' ? judging : Math.max(pictures > 0 ? detector : 0, othersMs / Math.max(1, others));
  return {
    puts: frames + (others > 0 ? 1 : 0),
    gets: pictureReaders * frames + otherReaders,
    transitions: detectorFunctions,
    invocations: 1 + detectorFunctions,
    lambdaSeconds: (convert + judging) / 1000,
    executionSeconds: (convert + slowest) / 1000,
    pictureBytes: frames * frameBytes,
  };
}

/** What an hour of a stream that works so costs. */
export function distributedCost(
  use: DistributedUse,
  workflow: DistributedDesign['workflow'],
  prices: Prices,
): DistributedCost {
  const { lambda, s3 } = prices;
  const hour = 3600;
  const s3Cost = (use.puts * s3.putPerThousand.amount + use.gets * s3.getPerThousand.amount) / 1000;
  const gbSeconds = (use.lambdaSeconds * lambda.mbPerVcpu.amount) / 1024;
  const lambdaCost =
    gbSeconds * lambda.gbSecond.amount + (use.invocations * lambda.requestsPerMillion.amount) / 1e6;
  const workflowCost = workflow === 'Standard' ? standard(use, prices) : express(use, prices);
  return {
    s3: s3Cost * hour,
    workflow: workflowCost * hour,
    lambda: lambdaCost * hour,
    total: (s3Cost + workflowCost + lambdaCost) * hour,
  };
}

function standard({ transitions }: DistributedUse, { stepFunctions }: Prices): number {
  return (transitions * stepFunctions.transitionsPerThousand.amount) / 1000;
}

function express({ executionSeconds }: DistributedUse, { stepFunctions }: Prices): number {
  const { expressPerMillion, expressGbSecond, expressMb, expressRounding } = stepFunctions;
  const step = expressRounding.amount;
  // Not one step more for what binary fractions leave over.
  const billed = Math.ceil(Number((executionSeconds / step).toFixed(6))) * step;
  return expressPerMillion.amount / 1e6 + billed * (expressMb.amount / 1024) * expressGbSecond.amount;
}

/** Where an account's default quotas stop it. */
export interface DistributedLimit {
  /** Streams of the mean kind. */
  readonly streams: number;
  readonly quota: 'state transitions' | 'starts of executions' | 'Lambda concurrency';
}

/** @param use of a mean stream */
export function distributedLimit(
  use: DistributedUse,
  workflow: DistributedDesign['workflow'],
  { quotas }: Prices,
): DistributedLimit {
  const orchestration: DistributedLimit =
    workflow === 'Standard'
      ? { streams: quotas.transitionsPerSecond.amount / use.transitions, quota: 'state transitions' }
      : { streams: quotas.expressStartsPerSecond.amount, quota: 'starts of executions' };
  const functions: DistributedLimit = {
    streams: quotas.lambdaConcurrency.amount / use.lambdaSeconds,
    quota: 'Lambda concurrency',
  };
  const first = functions.streams < orchestration.streams ? functions : orchestration;
  return { ...first, streams: Math.floor(first.streams) };
}

/** Steps at a picture size and sampled rate, in ms CPU per second; writing is a part of `convert`. */
interface Steps {
  readonly convert: number;
  readonly detector: number;
  readonly frameBytes: number;
}

/** As measured; in proportion to pixels, and to frames for all but decoding, where that very point was not measured. */
function stepsAt(
  points: readonly DistributedPoint[],
  video: CostedStream['video'],
  frameRate: number,
): Steps {
  const near = nearestPoints(points, video);
  const point =
    near.find((each) => each.frameRate === frameRate) ??
    near.reduce((most, each) => (each.frameRate > most.frameRate ? each : most));
  const { decode, convert, put, detector } = point.ms;
  const size = pixelsOf(video) / pixelsOf(point);
  const frames = frameRate / point.frameRate;
  return {
    convert: (decode + (Math.max(0, convert - decode) + put) * frames) * size,
    detector: detector * frames * size,
    frameBytes: point.frameBytes * size,
  };
}
