import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ApiConnection } from './api-connection.ts';
import { type Pod, portOf } from './pod.ts';
import type { PodFiles } from './pod-files.ts';

const executable = fileURLToPath(new URL('../../../bin/streammonitor', import.meta.url));
/** Milliseconds between two readiness checks. */
const probeInterval = 200;

export interface PodProcessOptions {
  readonly api: ApiConnection;
  readonly files: PodFiles;
  /** Address that the pod gets. */
  readonly address: string;
  readonly logPath: string;
  /** Arguments after those of the container. */
  readonly extraArguments: readonly string[];
  /** What an image holds in place of this project's own command, as a path by the name of the image. */
  readonly images: Readonly<Record<string, string>>;
}

/** One pod as a real process: started, watched and started again as a kubelet would, with its status told. */
export class PodProcess {
  readonly pod: Pod;
  readonly address: string;
  readonly #options: PodProcessOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #child: ChildProcess | undefined;
  #restarts = 0;
  #ready: boolean | undefined;

  constructor(pod: Pod, options: PodProcessOptions) {
    this.pod = pod;
    this.address = options.address;
    this.#options = options;
  }

  /** Directory that stands for the root of its file system. */
  get root(): string {
    return this.#options.files.root;
  }

  /** Of the process that runs now. */
  get pid(): number | undefined {
    return this.#child?.exitCode === null && this.#child.signalCode === null ? this.#child.pid : undefined;
  }

  get restarts(): number {
    return this.#restarts;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Sends a signal to the process; one that ends it is followed by a new start. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Ends the process for good: SIGTERM, and SIGKILL after the pod's grace period. */
  async terminate(graceSeconds = this.pod.spec.terminationGracePeriodSeconds ?? 30): Promise<void> {
    this.#stopping.abort();
    this.#child?.kill(graceSeconds > 0 ? 'SIGTERM' : 'SIGKILL');
    const deadline = setTimeout(() => this.#child?.kill('SIGKILL'), graceSeconds * 1000);
    await this.#running;
    clearTimeout(deadline);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    // A missing ConfigMap holds a pod in ContainerCreating until it is there.
    while (!signal.aborted && !(await this.#options.files.refresh().catch(() => false)))
      await this.#pause(200);
    const temporaryDirectory = await this.#options.files.temporaryDirectory();
    const probing = this.#probe();
    while (!signal.aborted) {
      await this.#runOnce(temporaryDirectory);
      if (signal.aborted) break;
      this.#restarts++;
      await this.#setReady(false);
      // At once the first time, then slower, as a kubelet does, though in a test's time.
      await this.#pause(Math.min(5_000, 500 * (this.#restarts - 1)));
    }
    await probing;
  }

  /** Starts the process before anything is awaited: `terminate` must see it. */
  async #runOnce(temporaryDirectory: string): Promise<void> {
    const { files, logPath, extraArguments, address, images } = this.#options;
    const [container] = this.pod.spec.containers;
    const args = (container.args ?? []).map((argument) => files.translate(argument));
    const listen = ['--listen', `${address}:${portOf(container)}`];
    const literals = (container.env ?? []).flatMap(({ name, value }) =>
      value === undefined ? [] : [[name, value]],
    );
    const child = spawn(
      'setpriv',
      [
        ...['--pdeathsig', 'KILL', images[container.image] ?? executable],
        ...[...args, ...listen, ...extraArguments],
      ],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, TMPDIR: temporaryDirectory, ...Object.fromEntries(literals) },
      },
    );
    this.#child = child;
    // Through a pipe, as to a container runtime: what the process may write to its disk does not limit its log.
    const log = createWriteStream(logPath, { flags: 'a' });
    for (const output of [child.stdout, child.stderr]) output.pipe(log, { end: false });
    await once(child, 'exit');
    log.end();
  }

  async #probe(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#setReady(await this.#answers());
      await this.#pause(probeInterval);
    }
  }

  async #answers(): Promise<boolean> {
    const [container] = this.pod.spec.containers;
    if (this.pid === undefined) return false;
    const url = `http://${this.address}:${portOf(container)}${container.readinessProbe?.httpGet?.path ?? '/readyz'}`;
    return fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  async #setReady(ready: boolean): Promise<void> {
    if (ready === this.#ready) return;
    this.#ready = ready;
    const { namespace, name, uid } = this.pod.metadata;
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/status`;
    const patch = { metadata: { uid }, status: this.#status(ready) };
    const told = await this.#options.api
      .request('PATCH', path, patch, 'application/strategic-merge-patch+json')
      .catch(() => undefined);
    // The API server is down: told at the next check.
    if (told === undefined || told.status >= 500) this.#ready = undefined;
  }

  #status(ready: boolean): unknown {
    const now = new Date().toISOString();
    const condition = (type: string, status: boolean) => ({
      ...{ type, status: status ? 'True' : 'False', lastTransitionTime: now },
    });
    return {
      phase: 'Running',
      podIP: this.address,
      podIPs: [{ ip: this.address }],
      conditions: [
        condition('Initialized', true),
        condition('ContainersReady', ready),
        condition('Ready', ready),
      ],
      containerStatuses: this.pod.spec.containers.map(({ name, image }) => ({
        ...{ name, image, imageID: '', ready, started: true, restartCount: this.#restarts },
        state: { running: { startedAt: now } },
      })),
    };
  }

  async #pause(milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, { signal: this.#stopping.signal }).catch(() => {});
  }
}
