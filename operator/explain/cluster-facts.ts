import type { Assignment } from '../../crds/assignment.ts';
import { streamListLabel } from '../../crds/stream-list-label.ts';
import { streamMonitors } from '../controllers/cluster-caches.ts';
import {
  MonitorSources,
  type StreamListObject,
  type StreamMonitorObject,
} from '../controllers/monitor-sources.ts';
import type { ObjectSource } from '../kube/ahead-cache.ts';
import type { KubeClient, Selection } from '../kube/kube-client.ts';
import { isKubeError } from '../kube/kube-error.ts';
import { configMaps, type KubeObject, pods, type Resource } from '../kube/resource.ts';
import { readAssignmentConfigMap } from '../resources/assignment-config-map.ts';
import { managedSelector } from '../resources/labels.ts';
import type { AssignmentConfigMap } from '../shards/cluster-shards.ts';
import type { ShardPod } from '../shards/shard-objects.ts';
import { hint } from './explain-target.ts';
import type { ExplainFacts } from './explanation.ts';

/**
 * What the cluster says of a StreamMonitor, read once.
 * @param now ms since 1970
 * @throws KubeError, and Error when there is no such StreamMonitor, with the name that may have been meant
 */
export async function clusterFacts(
  client: KubeClient,
  namespace: string,
  name: string,
  now: number,
): Promise<ExplainFacts> {
  const [monitors, lists, assignments, shardPods] = await Promise.all([
    all<StreamMonitorObject>(client, streamMonitors, { namespace }).catch(withoutDefinition),
    all<StreamListObject>(client, configMaps, { namespace, labelSelector: `${streamListLabel}=true` }),
    all<AssignmentConfigMap>(client, configMaps, { namespace, labelSelector: managedSelector }),
    all<ShardPod>(client, pods, { namespace, labelSelector: managedSelector }).catch(whereForbidden),
  ]);
  const monitor = monitors.find(({ metadata }) => metadata.name === name);
  if (!monitor) {
    const known = monitors.map(({ metadata }) => metadata.name);
    const elsewhere = await namespacesWith(client, name);
    const there =
      elsewhere.length > 0 ? `; there is one in ${elsewhere.join(', ')}: use -n` : hint(name, known);
    throw new Error(`namespace ${namespace} has no StreamMonitor ${name}${there}`);
  }
  const sources = new MonitorSources(sourceOf([monitor]), sourceOf(lists));
  const [source] = sources.of(namespace);
  // One that is being deleted runs until its shards are gone.
  if (!source) throw new Error(`StreamMonitor ${namespace}/${name} is being deleted`);
  return { source, assignments: assignments.flatMap(readable), pods: shardPods, now };
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
    list: () => [...objects],
  };
}
