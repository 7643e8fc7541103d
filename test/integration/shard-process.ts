import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import {
  type Assignment,
  type MonitorSettings,
  type StreamAssignment,
  shardApiVersion,
} from '../../crds/assignment.ts';
import type { Wall } from '../../crds/page-api.ts';
import { parseShardReport, type StreamReport } from '../../crds/shard-report.ts';
import { MetricSeries } from './metric-series.ts';
import { eventually } from './run-process.ts';
import { freeTcpPort } from './senders.ts';

const executable = fileURLToPath(new URL('../../bin/streammonitor', import.meta.url));

/** The streams of an assignment as a test writes them; what is absent is the default. */
export type StreamInput = Pick<StreamAssignment, 'name'> & Partial<StreamAssignment>;

export interface ShardProcessOptions {
  /** Name of the shard. */
  readonly name: string;
  /** Address of this machine that it listens on. */
  readonly host: string;
  /** What all its streams share. */
  readonly settings: MonitorSettings;
  readonly secrets: string;
  /** Who stops it; by default the end of the test that starts it. */
  readonly atEnd?: (stop: () => Promise<void>) => void;
}

/** A real `streammonitor monitor` that follows an assignment document, as a pod does. */
export class ShardProcess {
  readonly directory = mkdtempSync(join(tmpdir(), 'streammonitor-test-'));
  readonly #options: ShardProcessOptions;
  readonly port: number;
  #child: ChildProcess | undefined;
  #generation = 0;

  private constructor(options: ShardProcessOptions, port: number) {
    this.#options = options;
    this.port = port;
    mkdirSync(join(this.directory, 'assignment'));
    const { atEnd = onTestFinished } = options;
    atEnd(async () => {
      await this.kill();
      rmSync(this.directory, { recursive: true, force: true });
    });
  }

  static async start(
    options: ShardProcessOptions,
    streams: readonly StreamInput[] = [],
  ): Promise<ShardProcess> {
    const shard = new ShardProcess(options, await freeTcpPort());
    shard.write(streams);
    shard.startProcess();
    await eventually(`${options.name} answers`, () => shard.#get('/report').catch(() => undefined));
    return shard;
  }

  /** Generation of the document that was written last. */
  get generation(): number {
    return this.#generation;
  }

  /** Of the process that was started last. */
  get pid(): number {
    return this.#child!.pid!;
  }

  startProcess(): void {
    const { host, secrets } = this.#options;
    const paths = ['--assignment', this.#path, '--state', join(this.directory, 'state')];
    const network = ['--listen', `${host}:${this.port}`, '--allow-range', '127.0.0.0/8'];
    this.#child = spawn(
      executable,
      ['monitor', ...paths, ...network, '--secrets', secrets, '--log-level', 'warn'],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
  }

  /** Replaces the assignment by one of the next generation. */
  write(streams: readonly StreamInput[]): void {
    const { name, settings } = this.#options;
    const monitor = `${settings.namespace}/${settings.name}`;
    const document: Omit<Assignment, 'streams'> & { streams: object[] } = {
      ...{ apiVersion: shardApiVersion, kind: 'Assignment', shard: name, generation: ++this.#generation },
      monitors: { [monitor]: settings },
      streams: streams.map((stream) => ({ monitor, detectors: Object.keys(settings.detectors), ...stream })),
    };
    writeFileSync(`${this.#path}.new`, JSON.stringify(document));
    renameSync(`${this.#path}.new`, this.#path);
  }

  /** Waits until the shard says that the written assignment is in force and its one stream is so. */
  async reports(what: string, is: (stream: StreamReport) => boolean): Promise<StreamReport> {
    return eventually(`${this.#options.name}: ${what}`, async () => {
      const report = parseShardReport(await (await this.#get('/report')).json());
      const [stream] = report.streams;
      return report.generation >= this.#generation && stream && is(stream) && stream;
    });
  }

  async streams(): Promise<readonly StreamReport[]> {
    return parseShardReport(await (await this.#get('/report')).json()).streams;
  }

  async wall(): Promise<Wall> {
    return (await (await this.#get('/api/wall')).json()) as Wall;
  }

  async metrics(): Promise<MetricSeries> {
    return new MetricSeries(await (await this.#get('/metrics')).text());
  }

  /** Ends it as a kubelet does. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  get #path(): string {
    return join(this.directory, 'assignment', 'assignment.json');
  }

  #get(path: string): Promise<Response> {
    return fetch(`http://${this.#options.host}:${this.port}${path}`);
  }
}
