import { type Assignment, parseAssignment } from '../../crds/assignment.ts';
import type { StreamMonitorStatus } from '../../crds/stream-monitor.ts';
import type { ControlPlane } from './cluster/control-plane.ts';
import type { ClusterObject } from './cluster/object-watch.ts';

interface ManagedObject extends ClusterObject {
  readonly metadata: ClusterObject['metadata'] & {
    readonly ownerReferences?: readonly { readonly name: string; readonly uid: string }[];
  };
  readonly spec?: unknown;
  readonly data?: Readonly<Record<string, string>>;
}

/** A StreamMonitor as the API server has it. */
export interface MonitorObject extends ClusterObject {
  readonly metadata: ClusterObject['metadata'] & { readonly generation: number };
  readonly status?: StreamMonitorStatus;
}

const monitorsPath = 'apis/streammonitor.dev/v1alpha1/namespaces/{}/streammonitors';
const kinds = {
  assignments: 'api/v1/namespaces/{}/configmaps',
  deployments: 'apis/apps/v1/namespaces/{}/deployments',
  budgets: 'apis/policy/v1/namespaces/{}/poddisruptionbudgets',
  walls: 'apis/networking.k8s.io/v1/namespaces/{}/networkpolicies',
} as const;

/** What an operator has made of a namespace, without what differs from one time to the next: times and counters. */
export interface ManagedState {
  /** By name, what each shard is told. */
  readonly assignments: Readonly<Record<string, unknown>>;
  readonly deployments: Readonly<Record<string, unknown>>;
  readonly budgets: Readonly<Record<string, unknown>>;
  readonly walls: Readonly<Record<string, unknown>>;
}

/** Reads all that is there, orphans included. */
export async function managedState(cluster: ControlPlane, namespace: string): Promise<ManagedState> {
  const monitors = await list<MonitorObject>(cluster, namespace, monitorsPath);
  const living = new Map(monitors.map(({ metadata: { uid, name } }) => [uid, name]));
  const [assignments, deployments, budgets, walls] = await Promise.all(
    Object.values(kinds).map(async (path) => {
      const objects = await list<ManagedObject>(
        cluster,
        namespace,
        `${path}?labelSelector=app.kubernetes.io/managed-by=streammonitor`,
      );
      return Object.fromEntries(objects.map((object) => [object.metadata.name, contentOf(object, living)]));
    }),
  );
  const state = { assignments: assignments!, deployments: deployments!, budgets: budgets!, walls: walls! };
  return neutral(state, namespace);
}

/** Names of pools and of the namespace differ from one namespace to the next, and mean the same. */
function neutral(state: ManagedState, namespace: string): ManagedState {
  const owners = (budget: unknown) => JSON.stringify((budget as { owners: unknown }).owners);
  const pools = Object.keys(state.budgets).sort((a, b) =>
    owners(state.budgets[a]) < owners(state.budgets[b]) ? -1 : 1,
  );
  const text = JSON.stringify(state).replaceAll(namespace, 'NAMESPACE');
  return JSON.parse(pools.reduce((sum, pool, n) => sum.replaceAll(pool, `POOL-${n}`), text)) as ManagedState;
}

/** What a StreamMonitor's status says, without times; `isCurrent` where it speaks of what is asked for now. */
export function statusOf({ metadata, status }: MonitorObject): unknown {
  const { observedGeneration, conditions = [], ...rest } = status ?? {};
  const told = Object.fromEntries(conditions.map((condition) => [condition.type, condition.status]));
  return { ...rest, ...told, isCurrent: observedGeneration === metadata.generation };
}

async function list<T>(cluster: ControlPlane, namespace: string, path: string): Promise<readonly T[]> {
  const { items } = await cluster.api.json<{ items: T[] }>('GET', `/${path.replace('{}', namespace)}`);
  return items;
}

function contentOf({ metadata, spec, data }: ManagedObject, living: ReadonlyMap<string, string>): unknown {
  const text = data?.['assignment.json'];
  return {
    labels: metadata.labels,
    // The owner is known by its uid alone: one that was made anew under the same name is another.
    owners: (metadata.ownerReferences ?? [])
      .map(({ uid, name }) => living.get(uid) ?? `${name}, gone`)
      .sort(),
    isGoing: metadata.deletionTimestamp !== undefined,
    ...(text === undefined ? { spec } : { told: toldIn(parseAssignment(JSON.parse(text))) }),
  };
}

function toldIn({ monitors, streams }: Assignment): unknown {
  return {
    monitors,
    streams: streams
      .map(({ placement: _, ...stream }) => stream)
      .sort((a, b) => (`${a.monitor}/${a.name}` < `${b.monitor}/${b.name}` ? -1 : 1)),
  };
}
