import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlPlane } from './control-plane.ts';
import { ObjectWatch } from './object-watch.ts';
import type { Pod } from './pod.ts';
import { PodFiles } from './pod-files.ts';
import { podNetwork } from './pod-network.ts';
import { PodProcess, type PodProcessOptions } from './pod-process.ts';
import { TestNode } from './test-node.ts';

export interface PodProcessesOptions {
  /** Nodes, named `process-0` and on. */
  readonly nodes?: number;
  /** Arguments after those of each container, such as ranges that streams of the test are on. */
  readonly extraArguments?: readonly string[];
  /** What an image holds in place of this project's own command, as a path by the name of the image. */
  readonly images?: Readonly<Record<string, string>>;
  /**
   * Seconds after which a changed ConfigMap or Secret reaches a pod by itself. A change of the Pod, such as of an
   * annotation, brings it at once. As with a kubelet, 60 by default.
   */
  readonly syncInterval?: number;
}

/** Starts nodes whose pods are real `streammonitor` processes. Needs the scheduler. */
export async function startPodProcesses(
  cluster: ControlPlane,
  { nodes = 1, extraArguments = [], images = {}, syncInterval = 60 }: PodProcessesOptions = {},
): Promise<PodProcesses> {
  const names = Array.from({ length: nodes }, (_, index) => `process-${index}`);
  const started = names.map((name) => new TestNode(cluster.api, name));
  const processes = new PodProcesses(cluster, started, { extraArguments, images });
  await processes.start(syncInterval);
  return processes;
}

/**
 * The kubelet of tests: every pod bound to one of its nodes is a process of this machine, with its ConfigMaps and
 * Secrets as files, its readiness as the process answers it, and gone only when the process has ended.
 */
export class PodProcesses {
  readonly nodes: readonly TestNode[];
  readonly #cluster: ControlPlane;
  readonly #containers: Pick<PodProcessOptions, 'extraArguments' | 'images'>;
  readonly #watch: ObjectWatch<Pod>;
  readonly #pods = new Map<string, { readonly process: PodProcess; readonly files: PodFiles }>();
  readonly #lost = new Set<string>();
  readonly #ending = new Set<Promise<void>>();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #stopping = new AbortController();
  #count = 0;

  /** Use `startPodProcesses`. */
  constructor(
    cluster: ControlPlane,
    nodes: readonly TestNode[],
    containers: Pick<PodProcessOptions, 'extraArguments' | 'images'>,
  ) {
    this.#cluster = cluster;
    this.nodes = nodes;
    this.#containers = containers;
    this.#watch = new ObjectWatch<Pod>(cluster.api, '/api/v1/pods', '', (pod, gone) =>
      this.#follow(pod, gone),
    );
  }

  async start(syncInterval: number): Promise<void> {
    await mkdir(join(this.#cluster.directory, 'pods'), { recursive: true });
    for (const node of this.nodes) {
      await node.create({});
      await this.#answerFor(node);
    }
    await this.#watch.start();
    // Well within the 50 s after which the control plane takes a node for lost.
    this.#every(10, () => Promise.all(this.#present.map((node) => node.renewLease())));
    this.#every(syncInterval, () =>
      Promise.all([...this.#pods.values()].map(({ files }) => files.refresh())),
    );
  }

  /** The running pods, of a namespace if given. */
  processes(namespace?: string): PodProcess[] {
    const all = [...this.#pods.values()].map(({ process }) => process);
    return namespace === undefined ? all : all.filter(({ pod }) => pod.metadata.namespace === namespace);
  }

  /**
   * A node goes down with all its processes (SIGKILL) and says nothing any more: its pods stay in the API, deleted
   * or not.
   */
  async lose(node: TestNode): Promise<void> {
    this.#lost.add(node.name);
    await Promise.all(
      [...this.#pods]
        .filter(([, { process }]) => process.pod.spec.nodeName === node.name)
        .map(([uid]) => this.#end(uid, 0)),
    );
    await node.setReady('Unknown');
  }

  /** A lost node is back: pods that were deleted meanwhile go, the others are started anew. */
  async recover(node: TestNode): Promise<void> {
    this.#lost.delete(node.name);
    await this.#answerFor(node);
    for (const pod of this.#watch.objects) this.#follow(pod, false);
  }

  /** Ends every process, and the nodes with them. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#stopping.abort();
    await this.#watch.stop();
    await Promise.all([...this.#pods.keys()].map((uid) => this.#end(uid, 0)));
    await Promise.all(this.#ending);
    await Promise.all(
      this.nodes.map(({ name }) => this.#cluster.api.request('DELETE', `/api/v1/nodes/${name}`)),
    );
  }

  get #present(): TestNode[] {
    return this.nodes.filter(({ name }) => !this.#lost.has(name));
  }

  async #answerFor(node: TestNode): Promise<void> {
    await node.renewLease();
    await node.setReady('True');
  }

  #every(seconds: number, work: () => Promise<unknown>): void {
    // The API server may be down on purpose.
    this.#timers.push(setInterval(() => void work().catch(() => {}), seconds * 1000));
  }

  #follow(pod: Pod, gone: boolean): void {
    const { uid, deletionTimestamp } = pod.metadata;
    if (!this.#present.some(({ name }) => name === pod.spec.nodeName)) return;
    const known = this.#pods.get(uid);
    if (gone) this.#keep(this.#end(uid, 0));
    else if (deletionTimestamp !== undefined) this.#keep(this.#remove(pod));
    else if (known) this.#keep(known.files.refresh());
    else this.#begin(pod);
  }

  #begin(pod: Pod): void {
    const { api, directory } = this.#cluster;
    const { uid, namespace, name } = pod.metadata;
    const number = this.#count++;
    // A short path: sockets below it have 108 bytes.
    const files = new PodFiles(api, pod, join(directory, 'pods', String(number)));
    const process = new PodProcess(pod, {
      api,
      files,
      address: podNetwork.processPod(number),
      logPath: join(directory, 'log', `${namespace}.${name}.log`),
      ...this.#containers,
    });
    this.#pods.set(uid, { process, files });
    process.start();
  }

  /** Ends the process of a pod that was deleted, and only then confirms the deletion. */
  async #remove(pod: Pod): Promise<void> {
    const { uid, namespace, name } = pod.metadata;
    await this.#end(uid);
    const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
    const options = { gracePeriodSeconds: 0, preconditions: { uid } };
    const confirm = () => this.#cluster.api.request('DELETE', path, options);
    // The API server may be down on purpose; any answer but a failure of its own is the last word.
    while (
      !this.#stopping.signal.aborted &&
      !(await confirm()
        .catch(() => undefined)
        .then(isFinal))
    )
      await sleep(200);
  }

  async #end(uid: string, graceSeconds?: number): Promise<void> {
    const known = this.#pods.get(uid);
    if (!known) return;
    await known.process.terminate(graceSeconds);
    this.#pods.delete(uid);
    await known.files.remove();
  }

  #keep(work: Promise<unknown>): void {
    const settled: Promise<void> = work.then(
      () => {},
      () => {},
    );
    this.#ending.add(settled);
    settled.then(() => this.#ending.delete(settled));
  }
}

function isFinal(answer: { readonly status: number } | undefined): boolean {
  return answer !== undefined && answer.status < 500;
}
