import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shardApiVersion } from '../../crds/assignment.ts';
import { resolveDetectors } from '../../crds/detector-settings.ts';
import type { ShardReport } from '../../crds/shard-report.ts';

const streammonitor = fileURLToPath(new URL('../../bin/streammonitor', import.meta.url));

/** How a shard is at one moment; sums since its start where nothing else is said. */
export interface ShardSample {
  /** Resident now. */
  readonly shardBytes: number;
  readonly converterBytes: number;
  readonly descriptors: number;
  readonly cpuSeconds: number;
  readonly frames: number;
  /** Of all streams together. */
  readonly monitoredSeconds: number;
  readonly defects: number;
}

/** A real monitor process that watches live streams. */
export class SoakShard {
  readonly #directory = mkdtempSync(join(tmpdir(), 'streammonitor-soak-'));
  readonly #monitor: ChildProcess;

  constructor(urls: readonly string[]) {
    this.#monitor = this.#start(urls);
  }

  async sample(): Promise<ShardSample> {
    const report = JSON.parse(await this.#get('/report')) as ShardReport;
    const metrics = await this.#get('/metrics');
    const pid = this.#monitor.pid!;
    return {
      shardBytes: residentBytes(pid),
      converterBytes: childrenOf(pid).reduce((total, child) => total + residentBytes(child), 0),
      descriptors: readdirSync(`/proc/${pid}/fd`).length,
      cpuSeconds: report.cpuSeconds,
      frames: sum(metrics, /^streammonitor_frames_total/),
      monitoredSeconds: report.streams.reduce((total, stream) => total + stream.monitoredSeconds, 0),
      defects: sum(metrics, /^streammonitor_defects_total/),
    };
  }

  async stop(): Promise<void> {
    const ended = once(this.#monitor, 'exit');
    this.#monitor.kill('SIGTERM');
    await ended;
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #start(urls: readonly string[]): ChildProcess {
    const detectors = resolveDetectors();
    const monitors = {
      'soak/soak': {
        namespace: 'soak',
        name: 'soak',
        detectors,
        results: { directory: join(this.#directory, 'results') },
      },
    };
    const streams = urls.map((url, index) => ({
      ...{ monitor: 'soak/soak', name: `stream-${index}`, url, detectors: Object.keys(detectors) },
    }));
    mkdirSync(join(this.#directory, 'assignment'));
    const assignment = join(this.#directory, 'assignment', 'assignment.json');
    writeFileSync(
      assignment,
      JSON.stringify({
        apiVersion: shardApiVersion,
        kind: 'Assignment',
        shard: 'shard-0',
        generation: 1,
        monitors,
        streams,
      }),
    );
    const options = [
      ...['--assignment', assignment, '--state', join(this.#directory, 'state')],
      ...['--listen', `unix:${this.#socketPath}`, '--allow-range', '127.0.0.0/8', '--log-level', 'warn'],
    ];
    return spawn(streammonitor, ['monitor', ...options], { stdio: ['ignore', 'inherit', 'inherit'] });
  }

  get #socketPath(): string {
    return join(this.#directory, 'shard.sock');
  }

  #get(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      request({ socketPath: this.#socketPath, path }, async (response) =>
        resolve(Buffer.concat(await response.toArray()).toString()),
      )
        .once('error', reject)
        .end();
    });
  }
}

function sum(metrics: string, pattern: RegExp): number {
  const lines = metrics.split('\n').filter((line) => pattern.test(line));
  return lines.reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1024;
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number);
}
