import type { ApiConnection } from './api-connection.ts';

/** A Node object of a test, whoever plays its kubelet. */
export class TestNode {
  readonly name: string;
  readonly #api: ApiConnection;

  constructor(api: ApiConnection, name: string) {
    this.#api = api;
    this.name = name;
  }

  /** Room for thousands of pods. */
  async create(labels: Readonly<Record<string, string>>): Promise<void> {
    const resources = { cpu: '1000', memory: '1Ti', 'ephemeral-storage': '1Ti', pods: '10000' };
    const platform = { 'kubernetes.io/os': 'linux', 'kubernetes.io/hostname': this.name };
    await this.#api.json('POST', '/api/v1/nodes', {
      metadata: { name: this.name, labels: { ...platform, ...labels } },
      status: { capacity: resources, allocatable: resources },
    });
  }

  async isReady(): Promise<boolean> {
    const { status } = await this.#api.json<{ status: { conditions?: { type: string; status: string }[] } }>(
      'GET',
      this.#path,
    );
    return (status.conditions ?? []).some(
      (condition) => condition.type === 'Ready' && condition.status === 'True',
    );
  }

  /** What a kubelet says of itself; `Unknown` is what the control plane says of one that fell silent. */
  async setReady(status: 'True' | 'False' | 'Unknown'): Promise<void> {
    const now = new Date().toISOString();
    const reasons = { True: 'KubeletReady', False: 'KubeletNotReady', Unknown: 'NodeStatusUnknown' };
    const times = { lastHeartbeatTime: now, lastTransitionTime: now };
    const condition = { type: 'Ready', status, reason: reasons[status], message: 'set by a test', ...times };
    const patch = { status: { conditions: [condition] } };
    await this.#api.json('PATCH', `${this.#path}/status`, patch, 'application/strategic-merge-patch+json');
  }

  /** What a kubelet does every 10 s: a node whose lease is older than 50 s is taken for lost. */
  async renewLease(): Promise<void> {
    const name = this.name;
    // MicroTime has six fraction digits.
    const renewTime = new Date().toISOString().replace('Z', '000Z');
    const lease = {
      ...{ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name } },
      spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime },
    };
    const path = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${name}`;
    const query = 'fieldManager=test-kubelet&force=true';
    await this.#api.json('PATCH', `${path}?${query}`, lease, 'application/apply-patch+yaml');
  }

  async setLabels(labels: Readonly<Record<string, string | null>>): Promise<void> {
    await this.#api.json('PATCH', this.#path, { metadata: { labels } });
  }

  /** What `kubectl cordon` does. */
  async cordon(cordoned = true): Promise<void> {
    await this.#api.json('PATCH', this.#path, { spec: { unschedulable: cordoned } });
  }

  async delete(): Promise<void> {
    await this.#api.json('DELETE', this.#path);
  }

  get #path(): string {
    return `/api/v1/nodes/${this.name}`;
  }
}
