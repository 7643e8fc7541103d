import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { PageStream, Wall } from '../../crds/page-api.ts';
import type { ShardReport } from '../../crds/shard-report.ts';
import { MetricSeries } from './metric-series.ts';

const executable = fileURLToPath(new URL('../../bin/streammonitor', import.meta.url));

/** One JSON log line. */
export type LogLine = Readonly<Record<string, unknown>>;

/** A real `streammonitor run`, as a user starts it. */
export class RunProcess {
  readonly logs: LogLine[] = [];
  /** What it wrote to stderr that is no log line. */
  readonly texts: string[] = [];
  /** What it wrote to stdout. */
  output = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  /** `atEnd`: who stops it; by default the end of the test that starts it. */
  constructor(
    args: readonly string[],
    {
      environment = process.env,
      atEnd = onTestFinished,
    }: { environment?: NodeJS.ProcessEnv; atEnd?: (stop: () => Promise<void>) => void } = {},
  ) {
    const stdio = ['ignore', 'pipe', 'pipe'] as const;
    this.#child = spawn(executable, ['run', ...args], { stdio: [...stdio], env: environment });
    this.#ended = once(this.#child, 'exit');
    this.#child.stdout!.on('data', (text) => {
      this.output += text;
    });
    createInterface({ input: this.#child.stderr! }).on('line', (line) => {
      if (line.startsWith('{')) this.logs.push(JSON.parse(line));
      else this.texts.push(line);
    });
    atEnd(() => this.stop());
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Exit code, once it has ended. */
  async exitCode(): Promise<number | null> {
    await this.#ended;
    return this.#child.exitCode;
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#ended;
  }

  /** The first log line with this message, waited for. */
  log(message: string): Promise<LogLine> {
    return eventually(`log line "${message}"`, () => this.logs.find(({ msg }) => msg === message));
  }

  async get(path: string): Promise<Response> {
    const { page } = await this.log('page, API and metrics are served');
    return fetch(new URL(path, String(page)));
  }

  async stream(name: string): Promise<PageStream | undefined> {
    const wall = (await (await this.get('/api/wall')).json()) as Wall;
    return wall.streams.find((stream) => stream.name === name);
  }

  async metrics(): Promise<MetricSeries> {
    return new MetricSeries(await (await this.get('/metrics')).text());
  }

  async reports(): Promise<ShardReport[]> {
    return ((await (await this.get('/report')).json()) as { shards: ShardReport[] }).shards;
  }

  /** Process ids of the shards that were started last. */
  shardPids(): number[] {
    const started = this.logs.filter(({ msg }) => msg === 'shard started');
    return [...new Map(started.map(({ shard, pid }) => [shard, Number(pid)])).values()];
  }
}

/** Asks until there is an answer other than `undefined` or `false`. */
export async function eventually<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  seconds = 30,
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
    await sleep(100);
  }
}

/** Whether a process is there; one that nobody has waited for yet is not. */
export async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/\) Z /.test(stat);
}
