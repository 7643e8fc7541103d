import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { stringify } from 'yaml';
import { freePorts } from './cluster/free-ports.ts';
import { eventually } from './run-process.ts';

/** One series of an answer: a value, or its course. Numbers are texts, as Prometheus sends them. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

interface RuleState {
  readonly name: string;
  readonly type: 'recording' | 'alerting';
  readonly health: string;
  readonly lastError?: string;
}

/** A real Prometheus that scrapes and evaluates once a second. */
export class PrometheusServer {
  readonly #base: string;
  readonly #directory: string;
  readonly #child: ChildProcess;
  #said = '';

  private constructor(base: string, directory: string, child: ChildProcess) {
    this.#base = base;
    this.#directory = directory;
    this.#child = child;
    child.stderr!.on('data', (chunk) => {
      this.#said += chunk;
    });
  }

  /**
   * Starts it and waits until it answers.
   * @param scrapeConfigs as in its configuration; what they name need not be there yet
   * @param rulePaths files of rules, whose intervals are shortened to a second
   * @param program another than the one on the PATH
   */
  static async start(scrapeConfigs: readonly object[], rulePaths: readonly string[], program = 'prometheus') {
    const directory = await mkdtemp(join(tmpdir(), 'prometheus-'));
    for (const path of rulePaths) {
      const rules = await readFile(path, 'utf8');
      await writeFile(
        join(directory, basename(path)),
        rules.replaceAll(/interval: \w+/g, 'interval: 1s').replaceAll(':5m]', ':1s]'),
      );
    }
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: rulePaths.map((path) => basename(path)),
      scrape_configs: scrapeConfigs,
    };
    await writeFile(join(directory, 'prometheus.yaml'), stringify(config));
    const [port] = (await freePorts(1)) as [number];
    const args = [
      ...[
        '--config.file',
        join(directory, 'prometheus.yaml'),
        '--storage.tsdb.path',
        join(directory, 'data'),
      ],
      ...['--web.listen-address', `127.0.0.1:${port}`, '--log.level', 'warn'],
    ];
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    child.once('error', () => {});
    const server = new PrometheusServer(`http://127.0.0.1:${port}`, directory, child);
    await eventually('prometheus', () => server.#isReady());
    return server;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null) {
      this.#child.kill('SIGTERM');
      await once(this.#child, 'exit');
    }
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** Series at a moment, in seconds since 1970; without one, at this moment. */
  async query(query: string, time?: number): Promise<readonly Series[]> {
    const parameters = { query, ...(time !== undefined && { time: String(time) }) };
    const { result } = await this.#get<{ result: readonly Series[] }>('query', parameters);
    return result;
  }

  /** Series over the last seconds until `end`, one value every `step` seconds. */
  async course(
    query: string,
    seconds: number,
    { end = Date.now() / 1000, step = 5 }: { end?: number; step?: number } = {},
  ): Promise<readonly Series[]> {
    const range = { query, start: String(end - seconds), end: String(end), step: String(step) };
    const { result } = await this.#get<{ result: readonly Series[] }>('query_range', range);
    return result;
  }

  async rules(): Promise<readonly RuleState[]> {
    const { groups } = await this.#get<{ groups: readonly { rules: readonly RuleState[] }[] }>('rules', {});
    return groups.flatMap(({ rules }) => rules);
  }

  async #get<T>(path: string, parameters: Readonly<Record<string, string>>): Promise<T> {
    const response = await fetch(`${this.#base}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const answer = (await response.json()) as { status: string; error?: string; data: T };
    if (answer.status !== 'success') throw new Error(`${answer.error}: ${parameters.query}`);
    return answer.data;
  }

  async #isReady(): Promise<boolean> {
    if (this.#child.exitCode !== null || this.#child.pid === undefined) {
      throw new Error(
        `prometheus does not run; \`make test\` fetches it (Debian package prometheus)\n${this.#said}`,
      );
    }
    return fetch(`${this.#base}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  }
}
