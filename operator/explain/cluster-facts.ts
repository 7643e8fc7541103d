import type { Assignment } from '../../crds/assignment.ts';
import { streamListLabel } from '../../crds/stream-list-label.ts';
import { streamMonitors } from '../controllers/cluster-caches.ts';
import {
  type MonitorSource,
  MonitorSources,
  type StreamListObject,
  type StreamMonitorObject,
} from '../controllers/monitor-sources.ts';
import type { ObjectSource } from '../kube/ahead-cache.ts';
import type { KubeClient, Selection } from '../kube/kube-client.ts';
import { isKubeError } from '../kube/kube-error.ts';
import { configMaps, type KubeObject, pods, type Resource } from '../kube/resource.ts';
import { readAssignmentConfigMap } from '../resources/assignment-config-map.ts';
import { labelKeys, managedSelector } from '../resources/labels.ts';
import type { AssignmentConfigMap } from '../shards/cluster-shards.ts';
import type { PodAnswer, PodReports } from '../shards/pod-reports.ts';
import { currentPod, type ShardPod } from '../shards/shard-objects.ts';
import { hint } from './explain-target.ts';
import type { ExplainFacts } from './explanation.ts';

/** What a cluster says of StreamMonitors, read once. */
export interface ClusterState {
  /** Those that are not being deleted. */
  readonly sources: readonly MonitorSource[];
  /** Names of those that are. */
  readonly deleted: readonly string[];
  readonly assignments: readonly Assignment[];
  /** Absent where they may not be seen. */
  readonly pods: readonly ShardPod[] | undefined;
}

/**
 * Reads a namespace, or all of them.
 * @throws KubeError, and Error where StreamMonitors are not known
 */
export async function clusterState(client: KubeClient, namespace?: string): Promise<ClusterState> {
  const within = namespace === undefined ? {} : { namespace };
  const [monitors, lists, assignments, shardPods] = await Promise.all([
    all<StreamMonitorObject>(client, streamMonitors, within).catch(withoutDefinition),
    all<StreamListObject>(client, configMaps, { ...within, labelSelector: `${streamListLabel}=true` }),
    all<AssignmentConfigMap>(client, configMaps, { ...within, labelSelector: managedSelector }),
    all<ShardPod>(client, pods, { ...within, labelSelector: managedSelector }).catch(whereForbidden),
  ]);
  const sources = new MonitorSources(sourceOf(monitors), sourceOf(lists));
  const namespaces = [...new Set(monitors.map(({ metadata }) => metadata.namespace!))].sort();
  return {
    sources: namespaces.flatMap((name) => sources.of(name)),
    deleted: monitors
      .filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
      .map(({ metadata }) => metadata.name),
    assignments: assignments.flatMap(readable),
    pods: shardPods,
  };
}

/** @throws Error with the name that may have been meant */
export async function monitorOf(
  client: KubeClient,
  namespace: string,
  name: string,
  { sources, deleted }: ClusterState,
): Promise<MonitorSource> {
  const source = sources.find(({ object }) => object.metadata.name === name);
  if (source) return source;
  // One that is being deleted runs until its shards are gone.
  if (deleted.includes(name)) throw new Error(`StreamMonitor ${namespace}/${name} is being deleted`);
  const elsewhere = await namespacesWith(client, name);
  const known = sources.map(({ object }) => object.metadata.name);
  const there =
    elsewhere.length > 0 ? `; there is one in ${elsewhere.join(', ')}: use -n` : hint(name, known);
  throw new Error(`namespace ${namespace} has no StreamMonitor ${name}${there}`);
}

/**
 * What is to be known to explain a StreamMonitor.
 * @param now ms since 1970
 */
export function factsOf(
  { assignments, pods }: ClusterState,
  source: MonitorSource,
  answers: ReadonlyMap<string, PodAnswer>,
  now: number,
): ExplainFacts {
  const { namespace } = source.object.metadata;
  const own = pods?.filter(({ metadata }) => metadata.namespace === namespace);
  return { source, assignments, pods: own, answers, now };
}

/** Asks the shards that watch streams of these StreamMonitors; answers by shard. */
export async function askShards(
  { assignments, pods = [] }: ClusterState,
  monitors: readonly MonitorSource[],
  reports: PodReports,
): Promise<ReadonlyMap<string, PodAnswer>> {
  const keys = new Set(monitors.map(({ key }) => key));
  const shards = assignments
    .filter(({ streams }) => streams.some(({ monitor }) => keys.has(monitor)))
    .map(({ shard }) => shard);
  const byShard = Map.groupBy(pods, ({ metadata }) => metadata.labels?.[labelKeys.shard]);
  const asked = shards.flatMap((shard) => {
    const pod = currentPod(byShard.get(shard) ?? []);
    return pod ? [{ shard, pod }] : [];
  });
  const answers = await reports.of(asked.map(({ pod }) => pod));
  return new Map(asked.map(({ shard }, index) => [shard, answers[index]!]));
}

async function all<T extends KubeObject>(
  client: KubeClient,
  resource: Resource,
  selection: Selection,
): Promise<T[]> {
  const items: T[] = [];
  let next: string | undefined;
  do {
    const page = await client.list<T>(resource, {
      ...selection,
      limit: 500,
      ...(next !== undefined && { continue: next }),
    });
    items.push(...page.items);
    next = page.continue;
  } while (next !== undefined);
  return items;
}

function withoutDefinition(error: unknown): never {
  if (!isKubeError(error, 'NotFound')) throw error;
  throw new Error('this cluster does not know StreamMonitors: install their CustomResourceDefinition first', {
    cause: error,
  });
}

/** Where pods may not be seen, the rest is still worth knowing. */
function whereForbidden(error: unknown): undefined {
  if (!isKubeError(error, 'Forbidden')) throw error;
  return undefined;
}

async function namespacesWith(client: KubeClient, name: string): Promise<string[]> {
  const selection = { fieldSelector: `metadata.name=${name}` };
  const found = await all<KubeObject>(client, streamMonitors, selection).catch(whereForbidden);
  return (found ?? []).map(({ metadata }) => metadata.namespace!).sort();
}

/** Somebody else's ConfigMap under our label is nothing to explain. */
function readable(configMap: AssignmentConfigMap): Assignment[] {
  try {
    return [readAssignmentConfigMap(configMap).assignment];
  } catch {
    return [];
  }
}

function sourceOf<T extends KubeObject>(objects: readonly T[]): ObjectSource<T> {
  return {
    get: (namespace, name) =>
      objects.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
    list: (namespace) =>
      objects.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace),
  };
}
