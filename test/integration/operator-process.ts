import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { operatorAccess } from '../../operator/resources/rbac.ts';
import type { ControlPlane } from './cluster/control-plane.ts';
import { freePorts } from './cluster/free-ports.ts';
import { MetricSeries } from './metric-series.ts';
import { eventually, type LogLine } from './run-process.ts';

/** The account that the operator of the tests runs with, where its Lease is too. */
export const operatorAccount = { namespace: 'streammonitor', name: 'streammonitor' } as const;
export const operatorLease = 'streammonitor-operator';

/** Settings of an installation under which nothing takes minutes. */
export const quickSettings = {
  shards: {
    grace: '5s',
    startTimeout: '20s',
    warmTimeout: '10s',
    drainTimeout: '10s',
    coolDown: '1s',
    movesInFlight: 10,
    movesPerMinute: 1000,
  },
};

const executable = fileURLToPath(new URL('../../bin/streammonitor', import.meta.url));
const definition = new URL('../../crds/streammonitor.dev_streammonitors.yaml', import.meta.url);

/**
 * YAML for `manifests` of `startControlPlane`: the CRD, and the operator's account with exactly the rights that it
 * is documented to need.
 * @param watched namespaces that it serves, made too; all of the cluster when left out
 */
export function operatorManifests(watched?: readonly string[]): string {
  const namespaces = [operatorAccount.namespace, ...(watched ?? [])].map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
  }));
  const access = operatorAccess({
    ...operatorAccount,
    lease: operatorLease,
    ...(watched && { watched }),
  });
  return [
    readFileSync(definition, 'utf8'),
    ...[...namespaces, ...access].map((object) => JSON.stringify(object)),
  ].join('\n---\n');
}

export interface OperatorProcessOptions {
  /** Of `operatorAccount` when left out, without a proxy between. */
  readonly kubeconfig?: string;
  /** Content of its `--config` file; `quickSettings` when left out. */
  readonly settings?: object;
  /** The only namespace that it serves; all when left out. */
  readonly namespace?: string;
  /** Name of its pod, which is who it is in the election. */
  readonly name?: string;
  readonly image?: string;
  readonly logLevel?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Who stops it; by default the end of the test that starts it. */
  readonly atEnd?: (stop: () => Promise<void>) => void;
}

let started = 0;

/** Starts `streammonitor operator` as its pod would be started. It need not lead yet. */
export async function startOperator(
  cluster: ControlPlane,
  options: OperatorProcessOptions = {},
): Promise<OperatorProcess> {
  started += 1;
  const { settings = quickSettings, name = `streammonitor-${started}`, atEnd = onTestFinished } = options;
  const kubeconfig = options.kubeconfig ?? (await cluster.kubeconfigFor(operatorAccount));
  const config = join(cluster.directory, `operator-${started}.yaml`);
  // JSON is YAML.
  await writeFile(config, JSON.stringify(settings));
  const [port] = (await freePorts(1)) as [number];
  const flags = [
    ...['--kubeconfig', kubeconfig, '--config', config, '--listen', `127.0.0.1:${port}`],
    ...['--image', options.image ?? 'registry.example/streammonitor:1.0.0'],
    ...['--log-level', options.logLevel ?? 'debug'],
    ...(options.namespace === undefined ? [] : ['--namespace', options.namespace]),
  ];
  const environment = {
    ...process.env,
    POD_NAMESPACE: operatorAccount.namespace,
    POD_NAME: name,
    ...options.environment,
  };
  const operator = new OperatorProcess(flags, environment, { name, page: `http://127.0.0.1:${port}` });
  atEnd(() => operator.stop());
  return operator;
}

/** A real `streammonitor operator`. */
export class OperatorProcess {
  /** Who it is in the election. */
  readonly name: string;
  readonly logs: LogLine[] = [];
  /** What it wrote to stderr that is no log line. */
  readonly texts: string[] = [];
  readonly #page: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  /** Use `startOperator`. */
  constructor(
    flags: readonly string[],
    environment: NodeJS.ProcessEnv,
    { name, page }: { name: string; page: string },
  ) {
    this.name = name;
    this.#page = page;
    this.#child = spawn(executable, ['operator', ...flags], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: environment,
    });
    this.#ended = once(this.#child, 'exit');
    createInterface({ input: this.#child.stderr! }).on('line', (line) => {
      if (line.startsWith('{')) this.logs.push(JSON.parse(line));
      else this.texts.push(line);
    });
  }

  /** `host:port` of its metrics. */
  get address(): string {
    return new URL(this.#page).host;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Exit code, once it has ended; null after a signal. */
  async exitCode(): Promise<number | null> {
    await this.#ended;
    return this.#child.exitCode;
  }

  /** Ends it and waits; nothing happens where it has ended. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#child.kill(signal);
    await this.#ended;
  }

  /** The first log line with this message, waited for. */
  log(message: string, seconds = 30): Promise<LogLine> {
    return eventually(
      `log line "${message}" of ${this.name}`,
      () => {
        const line = this.logs.find(({ msg }) => msg === message);
        if (!line && !this.isRunning) throw new Error(`${this.name} has ended: ${this.texts.join('\n')}`);
        return line;
      },
      seconds,
    );
  }

  /** Waits until it is the one that acts. */
  async leads(seconds = 40): Promise<void> {
    await this.log('leads', seconds);
  }

  get(path: string): Promise<Response> {
    return fetch(new URL(path, this.#page), { signal: AbortSignal.timeout(5_000) });
  }

  async metrics(): Promise<MetricSeries> {
    return new MetricSeries(await (await this.get('/metrics')).text());
  }

  /** Log lines of level warn and above: level 40 in pino. */
  get warnings(): LogLine[] {
    return this.logs.filter(({ level }) => Number(level) >= 40);
  }

  /** Log lines that tell of a call that its account may not make. */
  get refusals(): LogLine[] {
    return this.logs.filter((line) => /\b403\b|forbidden/i.test(JSON.stringify(line)));
  }
}
