import { inject } from 'vitest';
import { eventually } from '../integration/run-process.ts';
import { command } from './command.ts';
import type { Kubernetes } from './kubernetes.ts';
import type { MonitorPod } from './live-namespace.ts';

type ContainerStatus = NonNullable<MonitorPod['status']['containerStatuses']>[number];

/** The container of a monitor's pod: what a user can see from outside, and what can befall it. */
export class MonitorContainer {
  readonly #kubernetes: Kubernetes;
  readonly #namespace: string;
  readonly #pod: string;

  constructor(kubernetes: Kubernetes, namespace: string, pod: string) {
    this.#kubernetes = kubernetes;
    this.#namespace = namespace;
    this.#pod = pod;
  }

  /** Output of a command that is run in it. */
  execute(words: readonly string[]): Promise<string> {
    return this.#kubernetes.kubectl(['exec', '-n', this.#namespace, this.#pod, '--', ...words]);
  }

  /** When the kubelet last wrote a mounted ConfigMap or Secret, in ms since 1970. */
  async mountedAt(directory: string): Promise<number> {
    // The kubelet replaces this link when all files are there.
    return Number(await this.execute(['stat', '--format=%.6Z', `${directory}/..data`])) * 1000;
  }

  /** Log lines with this message. */
  async logged(message: string): Promise<Record<string, unknown>[]> {
    const log = await this.#kubernetes.kubectl(['logs', '-n', this.#namespace, this.#pod]);
    const lines = log.split('\n').filter((line) => line.startsWith('{'));
    return lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === message);
  }

  async restarts(): Promise<number> {
    return (await this.#get()).status.containerStatuses![0]!.restartCount;
  }

  /** Ends its first process as running out of memory would; the kubelet starts another. */
  async kill(): Promise<void> {
    const { spec, status } = await this.#get();
    const [{ restartCount, containerID }] = status.containerStatuses as [ContainerStatus];
    const ctr = inject('ctr')[spec.nodeName!];
    if (!ctr)
      throw new Error(`${this.#pod} is on ${spec.nodeName}, which is no node of the cluster of the tests`);
    const id = containerID!.replace('containerd://', '');
    await command([...ctr, 'tasks', 'kill', '--signal', 'SIGKILL', id]);
    await eventually(
      'the container is started again',
      async () => (await this.restarts()) > restartCount,
      60,
    );
  }

  #get(): Promise<MonitorPod> {
    return this.#kubernetes.get(`/api/v1/namespaces/${this.#namespace}/pods/${this.#pod}`);
  }
}
