import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { shardApiVersion } from '../../crds/assignment.ts';
import { resolveDetectors } from '../../crds/detector-settings.ts';
import { parseShardReport, type ShardReport } from '../../crds/shard-report.ts';
import { streammonitor } from './commands.ts';

/** A real `streammonitor monitor` with live streams of this machine. */
export interface LiveShard {
  readonly pid: number;
  report(): Promise<ShardReport>;
  stop(): Promise<void>;
}

const monitor = 'bench/bench';
const startSeconds = 30;

/**
 * Starts a shard and waits until every stream is watched.
 * @throws Error naming the streams that are not, after half a minute
 */
export async function startLiveShard(
  urls: readonly string[],
  detectors: readonly string[],
): Promise<LiveShard> {
  const directory = await mkdtemp(join(tmpdir(), 'streammonitor-bench-'));
  const socketPath = join(directory, 'shard.sock');
  await mkdir(join(directory, 'assignment'));
  const path = join(directory, 'assignment', 'assignment.json');
  await writeFile(path, JSON.stringify(assignment(urls, detectors)));
  const child = spawn(
    streammonitor,
    [
      ...['monitor', '--assignment', path, '--state', join(directory, 'state')],
      ...['--listen', `unix:${socketPath}`, '--allow-range', '127.0.0.0/8', '--log-level', 'error'],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const report = async () => parseShardReport(JSON.parse(await get(socketPath, '/report')));
  const stop = async () => {
    if (child.exitCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await watched(report, urls.length);
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: child.pid!, report, stop };
}

function assignment(urls: readonly string[], types: readonly string[]) {
  const all = resolveDetectors();
  const detectors = Object.fromEntries(types.map((type) => [type, all[type]]));
  return {
    ...{ apiVersion: shardApiVersion, kind: 'Assignment', shard: 'shard-0', generation: 1 },
    monitors: { [monitor]: { namespace: 'bench', name: 'bench', detectors } },
    streams: urls.map((url, index) => ({
      ...{ monitor, name: `stream-${index}`, url, detectors: types },
    })),
  };
}

async function watched(report: () => Promise<ShardReport>, count: number): Promise<void> {
  const deadline = performance.now() + 1000 * startSeconds;
  for (;;) {
    const latest = await report().catch(() => undefined);
    const without = latest?.streams.filter(({ monitoredSeconds }) => monitoredSeconds === 0);
    if (latest?.streams.length === count && without?.length === 0) return;
    if (performance.now() > deadline) {
      const names = without?.map(({ name }) => name).join(', ') ?? 'all';
      throw new Error(`not watched within ${startSeconds} s: ${names}`);
    }
    await sleep(100);
  }
}

function get(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path }, async (response) =>
      resolve(Buffer.concat(await response.toArray()).toString()),
    )
      .once('error', reject)
      .end();
  });
}
