import type { V1PodTemplateSpec } from '@kubernetes/client-node';
import {
  type Assignment,
  type MonitorSettings,
  parseAssignment,
  type StreamAssignment,
} from '../../crds/assignment.ts';
import type { StreamMonitorStatus } from '../../crds/stream-monitor.ts';
import type { Metadata } from '../../operator/resources/kubernetes-objects.ts';
import type { ControlPlane } from './cluster/control-plane.ts';
import { eventually } from './run-process.ts';

/** An object of the API server, as far as tests look at one. */
export interface Stored {
  readonly metadata: Metadata & {
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly deletionTimestamp?: string;
    readonly ownerReferences?: readonly {
      readonly kind: string;
      readonly name: string;
      readonly uid: string;
    }[];
  };
  readonly spec?: unknown;
  readonly data?: Readonly<Record<string, string>>;
}

export interface StoredDeployment extends Stored {
  readonly spec: { readonly replicas: number; readonly template: V1PodTemplateSpec };
}

export interface StoredMonitor extends Stored {
  readonly status?: StreamMonitorStatus;
}

/** Where a stream runs, with all that its pod is told. */
export interface StreamPlace {
  readonly assignment: Assignment;
  readonly stream: StreamAssignment;
  readonly settings: MonitorSettings;
  /** Of the shard's Deployment; absent before it is there. */
  readonly pod: V1PodTemplateSpec | undefined;
}

/** What the operator makes, by the path below a namespace. */
export const managedKinds = {
  configMaps: 'api/v1/configmaps',
  deployments: 'apis/apps/v1/deployments',
  podDisruptionBudgets: 'apis/policy/v1/poddisruptionbudgets',
  networkPolicies: 'apis/networking.k8s.io/v1/networkpolicies',
} as const;
export type ManagedKind = keyof typeof managedKinds;

const managed = `labelSelector=${encodeURIComponent('app.kubernetes.io/managed-by=streammonitor')}`;
const applyPatch = 'application/apply-patch+yaml';

/** A namespace with StreamMonitors: what a user does in it, and what comes of it. */
export class MonitoredNamespace {
  readonly name: string;
  readonly #cluster: ControlPlane;

  /** Use `create`. */
  constructor(cluster: ControlPlane, name: string) {
    this.#cluster = cluster;
    this.name = name;
  }

  /** Makes the namespace, and waits until pods can be created in it. */
  static async create(cluster: ControlPlane, name: string): Promise<MonitoredNamespace> {
    const namespace = new MonitoredNamespace(cluster, name);
    await cluster.api.request('POST', '/api/v1/namespaces', { metadata: { name } });
    await eventually(`the account of ${name}`, async () => {
      const { status } = await cluster.api.request('GET', namespace.path('api/v1/serviceaccounts/default'));
      return status === 200;
    });
    return namespace;
  }

  /** @param resource with its group and version in front: `api/v1/pods` */
  path(resource: string): string {
    return `/${resource.replace(/^(api\/v1|apis\/[^/]+\/[^/]+)\//, `$1/namespaces/${this.name}/`)}`;
  }

  /** As `kubectl apply --server-side` does: a field that was given before and is not now is taken away. */
  async apply(name: string, spec: object): Promise<StoredMonitor> {
    const object = {
      apiVersion: 'streammonitor.dev/v1alpha1',
      kind: 'StreamMonitor',
      metadata: { name },
      spec,
    };
    return this.#apply(monitorPath(name), object);
  }

  /** Applies a list of streams; `labels` beside the one by which lists are found. */
  async applyList(
    name: string,
    data: Readonly<Record<string, unknown>>,
    labels: Readonly<Record<string, string>> = { 'streammonitor.dev/streams': 'true' },
  ): Promise<void> {
    const texts = Object.entries(data).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]);
    await this.#apply(`api/v1/configmaps/${name}`, {
      ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels } },
      data: Object.fromEntries(texts),
    });
  }

  async patch(resource: string, change: object): Promise<void> {
    await this.#cluster.api.json('PATCH', this.path(resource), change);
  }

  async delete(resource: string, options?: object): Promise<void> {
    await this.#cluster.api.json('DELETE', this.path(resource), options);
  }

  async deleteMonitor(name: string): Promise<void> {
    await this.delete(monitorPath(name));
  }

  /** `undefined` where there is none. */
  async get<T = Stored>(resource: string): Promise<T | undefined> {
    const { status, body } = await this.#cluster.api.request<T>('GET', this.path(resource));
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`GET ${resource}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  async list<T = Stored>(resource: string): Promise<readonly T[]> {
    const { items } = await this.#cluster.api.json<{ items: T[] }>('GET', this.path(resource));
    return items;
  }

  /** What carries the operator's label. */
  managed<T = Stored>(kind: ManagedKind): Promise<readonly T[]> {
    return this.list<T>(`${managedKinds[kind]}?${managed}`);
  }

  /** Everything that the operator made, by kind. */
  async allManaged(): Promise<Readonly<Record<ManagedKind, readonly Stored[]>>> {
    const kinds = Object.keys(managedKinds) as ManagedKind[];
    const found = await Promise.all(kinds.map(async (kind) => [kind, await this.managed(kind)]));
    return Object.fromEntries(found);
  }

  /** Waits until nothing that the operator made is left. */
  async isEmptied(seconds = 40): Promise<void> {
    await eventually(
      `nothing managed in ${this.name}`,
      async () => Object.values(await this.allManaged()).every((objects) => objects.length === 0),
      seconds,
    );
  }

  async assignments(): Promise<readonly Assignment[]> {
    const configMaps = await this.managed('configMaps');
    return configMaps.map(({ data }) => parseAssignment(JSON.parse(data!['assignment.json']!)));
  }

  /** Every place of a stream, several while it moves or where its detectors are divided. */
  async places(monitor: string, stream: string): Promise<StreamPlace[]> {
    const [assignments, deployments] = await Promise.all([
      this.assignments(),
      this.managed<StoredDeployment>('deployments'),
    ]);
    const pods = new Map(deployments.map(({ metadata, spec }) => [metadata.name, spec.template]));
    const key = `${this.name}/${monitor}`;
    return assignments.flatMap((assignment) =>
      assignment.streams
        .filter((entry) => entry.monitor === key && entry.name === stream)
        .map((entry) => ({
          assignment,
          stream: entry,
          settings: assignment.monitors[key]!,
          pod: pods.get(assignment.shard),
        })),
    );
  }

  /** Where the owner of a stream is, once there is one with a pod and the condition holds. */
  owner(
    monitor: string,
    stream: string,
    holds: (place: StreamPlace) => boolean = () => true,
    seconds = 30,
  ): Promise<StreamPlace> {
    return eventually(
      `an owner of ${this.name}/${monitor}/${stream}`,
      async () =>
        (await this.places(monitor, stream)).find(
          (place) => place.stream.role === 'owner' && place.pod !== undefined && holds(place),
        ),
      seconds,
    );
  }

  /** Names of the streams of a StreamMonitor that have an owner, sorted. */
  async owned(monitor: string): Promise<string[]> {
    const key = `${this.name}/${monitor}`;
    const streams = (await this.assignments()).flatMap((assignment) => assignment.streams);
    return streams
      .filter((stream) => stream.monitor === key && stream.role === 'owner')
      .map(({ name }) => name)
      .sort();
  }

  /** Waits until exactly these streams have an owner. */
  async owns(monitor: string, streams: readonly string[], seconds = 30): Promise<void> {
    const wanted = streams.toSorted().join();
    let last = '';
    await eventually(
      `${this.name}/${monitor} with ${wanted || 'no stream'}`,
      async () => {
        last = (await this.owned(monitor)).join();
        return last === wanted;
      },
      seconds,
    ).catch((error: Error) => {
      throw new Error(`${error.message}: has ${last || 'none'}`);
    });
  }

  monitor(name: string): Promise<StoredMonitor | undefined> {
    return this.get<StoredMonitor>(monitorPath(name));
  }

  /** The status once this is true of it; it is written every 10 s at most. */
  async status(
    name: string,
    holds: (status: StreamMonitorStatus) => boolean,
    seconds = 40,
  ): Promise<StreamMonitorStatus> {
    let last: StreamMonitorStatus | undefined;
    return eventually(
      `the status of ${this.name}/${name}`,
      async () => {
        last = (await this.monitor(name))?.status;
        return last && holds(last) ? last : undefined;
      },
      seconds,
    ).catch((error: Error) => {
      throw new Error(`${error.message}: it is ${JSON.stringify(last, undefined, 2)}`);
    });
  }

  #apply<T>(resource: string, object: object): Promise<T> {
    const path = `${this.path(resource)}?fieldManager=test&force=true&fieldValidation=Strict`;
    return this.#cluster.api.json<T>('PATCH', path, object, applyPatch);
  }
}

/** Below its namespace. */
export function monitorPath(name: string): string {
  return `apis/streammonitor.dev/v1alpha1/streammonitors/${name}`;
}

/** One condition as `status/reason: message`. */
export function condition(status: StreamMonitorStatus | undefined, type: string): string {
  const found = status?.conditions?.find((candidate) => candidate.type === type);
  return found ? `${found.status}/${found.reason}: ${found.message}` : 'absent';
}

/** A list of streams with only a name and an address. */
export function plainStreams(...names: readonly string[]): { name: string; url: string }[] {
  return names.map((name) => ({ name, url: `https://origin.example/${name}.m3u8` }));
}
