import { inject } from 'vitest';
import { eventually } from '../integration/run-process.ts';
import { chart, helm } from './helm.ts';
import type { Kubernetes } from './kubernetes.ts';

/** Where the tests install. */
export const release = { name: 'watch', namespace: 'streammonitor' } as const;
const fullName = `${release.name}-stream-monitor`;
const definition = 'streammonitors.streammonitor.dev';

/** Values for a machine of two cores whose senders and receivers are on its own address, which is a private one. */
export function smallInstallation(tag: string): object {
  return {
    image: { tag },
    operator: { resources: { requests: { cpu: '10m', memory: '64Mi' } } },
    // Without a cool-down: two roll-outs follow each other at once.
    shards: { cpu: '400m', memory: '512Mi', coolDown: '1s' },
    monitor: {
      allowedRanges: [`${inject('hostAddress')}/32`],
      // The tests and their Prometheus ask pods by way of the API server, which is on a node. Without this, a network
      // that enforces NetworkPolicies lets nobody in but the operator.
      ingressFrom: [{ ipBlock: { cidr: inject('nodeRange') } }],
    },
  };
}

/** A release of the chart, as a user makes it. */
export class Installation {
  readonly #kubernetes: Kubernetes;

  constructor(kubernetes: Kubernetes) {
    this.#kubernetes = kubernetes;
  }

  /** `helm install`, until its pods are ready. @param from another chart than that of the working tree */
  async install(values: object, from = chart): Promise<void> {
    const { name, namespace } = release;
    const flags = [
      '--namespace',
      namespace,
      '--create-namespace',
      '--wait',
      '--timeout',
      '3m',
      '--values',
      '-',
    ];
    await this.#helm(['install', name, from, ...flags], JSON.stringify(values));
  }

  /** `helm upgrade`, until its pods are ready. */
  async upgrade(values: object, from = chart): Promise<void> {
    const { name, namespace } = release;
    const flags = ['--namespace', namespace, '--wait', '--timeout', '3m', '--values', '-'];
    await this.#helm(['upgrade', name, from, ...flags], JSON.stringify(values));
  }

  async rollBack(): Promise<void> {
    const { name, namespace } = release;
    await this.#helm(['rollback', name, '--namespace', namespace, '--wait', '--timeout', '3m']);
  }

  /** `helm test`. @throws Error when its pod failed */
  async check(): Promise<void> {
    const { name, namespace } = release;
    await this.#helm(['test', name, '--namespace', namespace, '--timeout', '2m']);
  }

  /** Name of the operator's pod that leads; `undefined` between one and the next. */
  async leader(): Promise<string | undefined> {
    const path = `/apis/coordination.k8s.io/v1/namespaces/${release.namespace}/leases`;
    const leases = await this.#kubernetes.list<{ spec: { holderIdentity?: string } }>(path);
    return leases.map(({ spec }) => spec.holderIdentity).find(Boolean);
  }

  async scaleOperator(replicas: number): Promise<void> {
    const { namespace } = release;
    const scale = ['scale', '-n', namespace, `deployment/${fullName}`, `--replicas=${replicas}`];
    await this.#kubernetes.kubectl(scale);
    if (replicas > 0) {
      await this.#kubernetes.kubectl([
        'rollout',
        'status',
        '-n',
        namespace,
        `deployment/${fullName}`,
        '--timeout=2m',
      ]);
      return;
    }
    await eventually('the operator is gone', async () => (await this.#operatorPods()).length === 0, 60);
  }

  async #operatorPods(): Promise<unknown[]> {
    const selector = 'labelSelector=app.kubernetes.io%2Fcomponent%3Doperator';
    return this.#kubernetes.list(`/api/v1/namespaces/${release.namespace}/pods?${selector}`);
  }

  /** `helm uninstall`, until every object of the release is gone. Nothing happens where there is no release. */
  async uninstall(): Promise<void> {
    const { name, namespace } = release;
    await this.#helm([
      'uninstall',
      name,
      '--namespace',
      namespace,
      '--wait',
      '--ignore-not-found',
      '--timeout',
      '2m',
    ]);
  }

  /** Removes what outlives a release, so that the next test begins with nothing. */
  async purge(): Promise<void> {
    await this.uninstall();
    await this.#kubernetes.kubectl(['delete', 'crd', definition, '--ignore-not-found', '--timeout=60s']);
    await this.#kubernetes.kubectl([
      'delete',
      'namespace',
      release.namespace,
      '--ignore-not-found',
      '--timeout=90s',
    ]);
  }

  /** Everything of the cluster that the chart or the operator made, as `kind/name`. */
  async remains(): Promise<string[]> {
    const kinds = await this.#listedKinds();
    const labels = ['app.kubernetes.io/name=streammonitor', `app.kubernetes.io/instance=${release.name}`];
    const found = await Promise.all(
      labels.map((label) =>
        this.#kubernetes.kubectl([
          'get',
          kinds,
          '--all-namespaces',
          '-l',
          label,
          '-o',
          'name',
          '--ignore-not-found',
        ]),
      ),
    );
    const leases = await this.#kubernetes.kubectl(['get', 'leases', '-n', release.namespace, '-o', 'name']);
    const names = [...found, leases].flatMap((text) => text.split('\n').filter(Boolean));
    return [...new Set(names)].sort();
  }

  async #listedKinds(): Promise<string> {
    const kinds = await this.#kubernetes.kubectl(['api-resources', '--verbs=list', '-o', 'name']);
    // Events are about what is gone, and end by themselves.
    return kinds
      .split('\n')
      .filter((kind) => kind !== '' && !kind.startsWith('events'))
      .join(',');
  }

  #helm(args: readonly string[], input?: string): Promise<string> {
    return helm(this.#kubernetes.kubeconfig, args, input);
  }
}
