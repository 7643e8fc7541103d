import pLimit from 'p-limit';
import { parseShardReport, type ShardReport } from '../../crds/shard-report.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import type { KubeConnection } from '../kube/kube-connection.ts';
import { KubeError } from '../kube/kube-error.ts';
import { PodForward } from '../kube/pod-forward.ts';
import { monitorPort } from '../resources/pod-template.ts';
import { ShardClient } from './shard-client.ts';
import type { ShardPod } from './shard-objects.ts';

/** What a pod says of itself, or why it cannot be asked. */
export type PodAnswer = { readonly report: ShardReport } | { readonly problem: string };

interface Forwarded {
  readonly forward: PodForward;
  readonly client: ShardClient;
}

/** Pods asked at once. */
const concurrency = 16;

/**
 * Asks shards of a cluster from outside of it: through the API server's proxy, and where that is not allowed or a
 * NetworkPolicy stands between, by forwarding a port.
 */
export class PodReports {
  readonly #client: KubeClient;
  readonly #connection: KubeConnection;
  readonly #limit = pLimit(concurrency);
  /** Of the pods that the proxy does not reach, by uid. */
  readonly #forwarded = new Map<string, Forwarded>();

  /** @param client with a short time-out: a wall lets calls come to nothing */
  constructor(client: KubeClient, connection: KubeConnection) {
    this.#client = client;
    this.#connection = connection;
  }

  /** Answers in the order of the pods. */
  async of(pods: readonly ShardPod[]): Promise<PodAnswer[]> {
    return Promise.all(pods.map((pod) => this.#limit(() => this.#ask(pod))));
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.#forwarded.values()].map(async ({ forward, client }) => {
        await client.close();
        await forward.close();
      }),
    );
  }

  async #ask(pod: ShardPod): Promise<PodAnswer> {
    const { name, namespace = '', uid = '' } = pod.metadata;
    if (pod.status?.podIP === undefined) return { problem: `pod ${name} has not started` };
    const forwarded = this.#forwarded.get(uid);
    if (forwarded) return this.#askForwarded(pod, forwarded);
    try {
      return reportOf(pod, await this.#client.askPod(namespace, name, portOf(pod), '/report'));
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      const answer = await this.#askForwarded(pod, await this.#forward(pod));
      if ('report' in answer) return answer;
      await this.#release(uid);
      return { problem: `${error.message}; ${answer.problem}${fixOf(error)}` };
    }
  }

  async #askForwarded(pod: ShardPod, { forward, client }: Forwarded): Promise<PodAnswer> {
    const answer = await client.json('/report');
    if (answer !== undefined) return reportOf(pod, answer);
    return { problem: `forwarding its port: ${forward.problem ?? 'it does not answer'}` };
  }

  async #forward(pod: ShardPod): Promise<Forwarded> {
    const { name, namespace = '', uid = '' } = pod.metadata;
    const forward = await PodForward.open(this.#connection, namespace, name, portOf(pod));
    const forwarded = { forward, client: new ShardClient(forward) };
    this.#forwarded.set(uid, forwarded);
    return forwarded;
  }

  async #release(uid: string): Promise<void> {
    const forwarded = this.#forwarded.get(uid);
    this.#forwarded.delete(uid);
    await forwarded?.client.close();
    await forwarded?.forward.close();
  }
}

function reportOf({ metadata }: ShardPod, answer: unknown): PodAnswer {
  try {
    return { report: parseShardReport(answer) };
  } catch {
    return { problem: `what pod ${metadata.name} answers is no report: is it of another version?` };
  }
}

function portOf({ spec }: ShardPod): number {
  return spec?.containers?.[0]?.ports?.[0]?.containerPort ?? monitorPort;
}

function fixOf({ code }: KubeError): string {
  return code === 'Forbidden'
    ? ': ask for the right to get pods/proxy, or to get and create pods/portforward'
    : '';
}
