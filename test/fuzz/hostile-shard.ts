import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { shardApiVersion } from '../../crds/assignment.ts';
import { resolveDetectors } from '../../crds/detector-settings.ts';
import { parseShardReport, type StreamReport } from '../../crds/shard-report.ts';
import { ShardClient } from '../../operator/shards/shard-client.ts';
import { clip, startHls, startUdpTs } from '../integration/senders.ts';
import { startHostileOrigin } from './hostile-origin.ts';
import type { Samples } from './samples.ts';

const streammonitor = fileURLToPath(new URL('../../bin/streammonitor', import.meta.url));
/** Hostile streams beside the healthy ones at one time. */
const atOnce = 15;

/** What a shard and the healthy streams in it noticed of hostile neighbours. */
export interface ShardResult {
  readonly streams: number;
  /** By reason, how many of the hostile ones ended so. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Longest that the shard took to answer, in ms: how long all of its streams were held up. */
  readonly slowestAnswer: number;
  /** Most memory of the shard's own process, in MiB. */
  readonly residentMiB: number;
  /** What must not have been; empty when nobody noticed anything. */
  readonly breaches: readonly string[];
}

/** Lets one real shard watch two healthy streams, and beside them `runs` hostile ones, some at a time for `seconds`. */
export async function fuzzShard({
  seed,
  runs,
  samples,
  seconds = 20,
}: {
  readonly seed: number;
  readonly runs: number;
  readonly samples: Samples;
  readonly seconds?: number;
}): Promise<ShardResult> {
  const directory = mkdtempSync(join(tmpdir(), 'streammonitor-hostile-'));
  const [origin, udp, hls] = await Promise.all([
    startHostileOrigin(seed, samples),
    startUdpTs({ source: clip('steel') }),
    startHls({ source: clip('steel') }),
  ]);
  const healthy = { 'healthy-udp': udp.url, 'healthy-hls': hls.url };
  const shard = startShard(directory);
  const breaches: string[] = [];
  const reasons: Record<string, number> = {};
  try {
    shard.assign(healthy);
    await shard.until((streams) => streams.length === 2 && streams.every(({ phase }) => phase === 'Up'));
    // What went before is counted within the second.
    await sleep(3000);
    const before = await shard.streams();
    for (let from = 0; from < runs; from += atOnce) {
      const hostile: Record<string, string> = {};
      for (let index = from; index < Math.min(runs, from + atOnce); index++) {
        const kind = origin.kinds[index % origin.kinds.length]!;
        hostile[`${kind}-${index}`] = origin.url(kind, index);
      }
      shard.assign({ ...healthy, ...hostile });
      await sleep(seconds * 1000);
      for (const { name, reason } of await shard.streams()) {
        if (name in healthy) continue;
        reasons[reason] = (reasons[reason] ?? 0) + 1;
        if (reason === 'InternalError') breaches.push(`${name}: ${reason}`);
      }
    }
    for (const after of await shard.streams()) {
      const first = before.find(({ name }) => name === after.name);
      if (!first) continue;
      const blind = after.blindSeconds - first.blindSeconds;
      if (blind > 0 || after.phase !== 'Up' || after.since !== first.since) {
        breaches.push(`${after.name}: ${after.phase} since ${after.since}, ${blind} s blind`);
      }
      if (after.openIncidents.length + after.closedIncidents.length > 0)
        breaches.push(`${after.name}: an incident`);
    }
    breaches.push(...shard.faults());
  } catch (error) {
    breaches.push(`the shard: ${(error as Error).message}`, ...shard.faults());
  } finally {
    await shard.stop();
    await Promise.all([origin.stop(), udp.stop(), hls.stop()]);
    rmSync(directory, { recursive: true, force: true });
  }
  return { streams: runs, reasons, ...shard.most(), breaches };
}

function startShard(directory: string) {
  const socketPath = join(directory, 'shard.sock');
  mkdirSync(join(directory, 'assignment'));
  const path = join(directory, 'assignment', 'assignment.json');
  const detectors = resolveDetectors();
  const monitors = {
    'a/b': { namespace: 'a', name: 'b', detectors, results: { directory: join(directory, 'results') } },
  };
  let generation = 0;
  const assign = (urls: Readonly<Record<string, string>>) => {
    const streams = Object.entries(urls).map(([name, url]) => {
      // Of a hostile stream the decoding is what matters; of a healthy one, what is told of it.
      return {
        monitor: 'a/b',
        name,
        url,
        detectors: name.startsWith('healthy')
          ? ['freeze', 'black', 'stall', 'silence']
          : ['freeze', 'transport'],
      };
    });
    const document = {
      apiVersion: shardApiVersion,
      kind: 'Assignment',
      shard: 's',
      generation: ++generation,
      monitors,
      streams,
    };
    writeFileSync(`${path}.new`, JSON.stringify(document));
    renameSync(`${path}.new`, path);
  };
  assign({});
  const child = spawn(
    streammonitor,
    [
      ...[
        'monitor',
        '--assignment',
        path,
        '--state',
        join(directory, 'state'),
        '--listen',
        `unix:${socketPath}`,
      ],
      ...['--allow-range', '127.0.0.0/8', '--log-level', 'warn'],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = once(child, 'exit');
  const faults: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (!line.startsWith('{') || line.includes('a fault in the analysis')) faults.push(line.slice(0, 500));
  });
  const client = new ShardClient({ socketPath }, 20_000);
  let slowestAnswer = 0;
  let residentMiB = 0;
  let answers = false;
  const streams = async (): Promise<readonly StreamReport[]> => {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`it ended: ${child.exitCode ?? child.signalCode}`);
    const report = await client.json<unknown>('/report');
    if (report === undefined && answers) throw new Error('it does not answer within 20 s');
    answers ||= report !== undefined;
    return report === undefined ? [] : parseShardReport(report).streams;
  };
  const watch = setInterval(async () => {
    const began = performance.now();
    if (answers && (await client.get('/healthz')))
      slowestAnswer = Math.max(slowestAnswer, performance.now() - began);
    const status = await Promise.resolve()
      .then(() => readFileSync(`/proc/${child.pid}/status`, 'latin1'))
      .catch(() => '');
    residentMiB = Math.max(residentMiB, Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
  }, 250);
  return {
    assign,
    streams,
    faults: () => faults,
    most: () => ({ slowestAnswer: Math.round(slowestAnswer), residentMiB: Math.round(residentMiB) }),
    until: async (is: (streams: readonly StreamReport[]) => boolean) => {
      for (const deadline = performance.now() + 60_000; ; await sleep(200)) {
        const now = await streams();
        if (is(now)) return now;
        if (performance.now() > deadline) throw new Error('the healthy streams are not up within 60 s');
      }
    },
    stop: async () => {
      clearInterval(watch);
      await client.close();
      child.kill('SIGTERM');
      await ended;
    },
  };
}
