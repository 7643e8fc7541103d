import { readdir, readFile } from 'node:fs/promises';
import { eventually } from '../integration/run-process.ts';
import type { Kubernetes } from './kubernetes.ts';

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
    const path = `/api/v1/namespaces/${this.#namespace}/pods/${this.#pod}`;
    type Pod = { status: { containerStatuses: { restartCount: number }[] } };
    const { status } = await this.#kubernetes.get<Pod>(path);
    return status.containerStatuses[0]!.restartCount;
  }

  /** Ends its process as running out of memory would; the kubelet starts another. Needs root. */
  async kill(): Promise<void> {
    const [before, pid] = [await this.restarts(), await this.#pid()];
    process.kill(pid, 'SIGKILL');
    await eventually('the container is started again', async () => (await this.restarts()) > before, 60);
  }

  /** Process id of its first process, as this machine knows it: containers share the kernel. */
  async #pid(): Promise<number> {
    for (const name of await readdir('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const [environment, words] = await Promise.all(
        ['environ', 'cmdline'].map((file) => readFile(`/proc/${name}/${file}`, 'utf8').catch(() => '')),
      );
      const isOfPod = environment!.split('\0').includes(`HOSTNAME=${this.#pod}`);
      if (isOfPod && words!.split('\0').includes('monitor')) return Number(name);
    }
    throw new Error(`no process of ${this.#pod} is seen on this machine`);
  }
}
