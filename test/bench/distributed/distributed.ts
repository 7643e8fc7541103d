import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type S3Server, startS3Server } from '../../integration/s3-server.ts';
import { pictureSet, watchCommand, watched } from '../commands.ts';
import { steadyMilliseconds } from '../cpu-time.ts';
import { frameRate, type Rendition } from '../renditions.ts';
import { rotated } from '../rounds.ts';
import { median, pairedRatio, type Spread } from '../statistics.ts';
import type { DistributedCost, DistributedRun } from './messages.ts';
import { distributedLimits, type StreamLimits, streamsOfMachine } from './quotas.ts';

/** Frames a second that the baseline stores and judges, and seconds of media; the monolith judges all frames. */
const runs = [
  { rate: frameRate, seconds: 10 },
  { rate: 5, seconds: 20 },
  { rate: 1, seconds: 40 },
] as const;

export interface RateResult extends Omit<DistributedCost, 'frames'> {
  readonly frameRate: number;
  /** Monolith, every frame of 30 a second ÷ the baseline at this rate. */
  readonly ratio: Spread;
  readonly limits: StreamLimits;
}

export interface DistributedResult {
  /** ms of CPU per second of media, of the same detectors in one process. */
  readonly monolithMilliseconds: number;
  readonly monolithLimits: StreamLimits;
  readonly rates: readonly RateResult[];
}

/** The same three detectors in one process, and as services with a bucket between them, in the same rounds. */
export async function measureDistributed(rendition: Rendition, rounds: number): Promise<DistributedResult> {
  const monolith: number[] = [];
  const costs = runs.map((): DistributedCost[] => []);
  const steps = [
    async () => {
      const watch = (file: string) => watchCommand(file, pictureSet);
      monolith.push(await steadyMilliseconds(watch, rendition, rendition.opening, watched));
    },
    ...runs.map((run, index) => async () => {
      costs[index]!.push(await runOnce(rendition, run));
    }),
  ];
  for (let round = 0; round < rounds; round++) for (const step of rotated(steps, round)) await step();

  const cores = cpus().length;
  const monolithMilliseconds = median(monolith);
  return {
    monolithMilliseconds,
    monolithLimits: { machine: streamsOfMachine(monolithMilliseconds, cores) },
    rates: runs.map(({ rate }, index) => rateResult(rate, costs[index]!, monolith, cores)),
  };
}

function rateResult(
  rate: number,
  costs: readonly DistributedCost[],
  monolith: readonly number[],
  cores: number,
): RateResult {
  const { putCalls, getCalls, transitions, bytesPerFrame } = costs[0]!;
  const names = Object.keys(costs[0]!.milliseconds) as (keyof DistributedCost['milliseconds'])[];
  const milliseconds = Object.fromEntries(
    names.map((name) => [name, median(costs.map((cost) => cost.milliseconds[name]))]),
  ) as DistributedCost['milliseconds'];
  const { converter, put, get, detector, total } = milliseconds;
  return {
    frameRate: rate,
    ratio: pairedRatio(
      monolith,
      costs.map((cost) => cost.milliseconds.total),
    ),
    milliseconds,
    ...{ putCalls, getCalls, transitions, bytesPerFrame },
    limits: distributedLimits(
      { transitions, functionMilliseconds: converter + put + get + detector, totalMilliseconds: total },
      cores,
    ),
  };
}

async function runOnce(
  { file, seconds, width, height }: Rendition,
  run: (typeof runs)[number],
): Promise<DistributedCost> {
  const store = await startS3Server();
  const directory = await mkdtemp(join(tmpdir(), 'streammonitor-bench-'));
  try {
    return await orchestrated({
      store: addressOf(store),
      serverPid: store.pid(),
      ...{ file, width, height, directory, frameRate: run.rate },
      seconds: Math.min(run.seconds, Math.floor(seconds)),
    });
  } finally {
    await store.remove();
    await rm(directory, { recursive: true, force: true });
  }
}

async function orchestrated(run: DistributedRun): Promise<DistributedCost> {
  const orchestrator = fork(join(import.meta.dirname, 'orchestrator-process.ts'));
  orchestrator.send(run);
  const failed = once(orchestrator, 'exit').then(([code]) => {
    throw new Error(`the distributed baseline ended with code ${code}, without a result`);
  });
  failed.catch(() => {});
  const [cost] = (await Promise.race([once(orchestrator, 'message'), failed])) as [DistributedCost];
  return cost;
}

function addressOf({ endpoint, bucket, region, accessKeyId, secretAccessKey }: S3Server) {
  return { endpoint, bucket, region, accessKeyId, secretAccessKey };
}
