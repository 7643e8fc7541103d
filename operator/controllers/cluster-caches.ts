import type { Logger } from 'pino';
import { streamListLabel } from '../../crds/stream-list-label.ts';
import { AheadCache } from '../kube/ahead-cache.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import type { Change } from '../kube/object-cache.ts';
import { Reflector, type ReflectorOptions, withoutBookkeeping } from '../kube/reflector.ts';
import {
  configMaps,
  deployments,
  type KubeObject,
  networkPolicies,
  nodes,
  podDisruptionBudgets,
  pods,
  type Resource,
} from '../kube/resource.ts';
import { labelKeys, managedSelector } from '../resources/labels.ts';
import type { AssignmentConfigMap } from '../shards/cluster-shards.ts';
import {
  type ClusterNode,
  conditionOf,
  type ShardDeployment,
  type ShardPod,
} from '../shards/shard-objects.ts';
import type { StreamListObject, StreamMonitorObject } from './monitor-sources.ts';

export const streamMonitors: Resource = {
  group: 'streammonitor.dev',
  version: 'v1alpha1',
  plural: 'streammonitors',
  namespaced: true,
  kind: 'StreamMonitor',
};

/** Told of changes that can make a difference to a plan. */
export interface ClusterChanges {
  /** Something of a namespace changed. */
  readonly onNamespace: (namespace: string) => void;
  /** A node changed, which any namespace may have shards on. */
  readonly onNode: () => void;
  /** A StreamMonitor is gone. */
  readonly onMonitorGone: (object: StreamMonitorObject) => void;
}

export interface ClusterCachesOptions extends ClusterChanges {
  /** All when left out. */
  readonly namespace?: string;
  /** Whether nodes may be seen. */
  readonly nodes: boolean;
  readonly logger: Logger;
}

/** The copies of all that the operator reads of the API server; Secrets are not among it. */
export class ClusterCaches {
  readonly monitors: Reflector<StreamMonitorObject>;
  readonly lists: Reflector<StreamListObject>;
  readonly pods: Reflector<ShardPod>;
  readonly nodes: Reflector<ClusterNode> | undefined;
  readonly assignments: AheadCache<AssignmentConfigMap>;
  readonly deployments: AheadCache<ShardDeployment>;
  readonly podDisruptionBudgets: AheadCache<KubeObject>;
  readonly networkPolicies: AheadCache<KubeObject>;
  /** By the plural of the resource; ConfigMaps are read by two selectors. */
  readonly reflectors: ReadonlyMap<string, Reflector<KubeObject>>;

  constructor(client: KubeClient, options: ClusterCachesOptions) {
    const { namespace, logger, onNamespace, onNode, onMonitorGone } = options;
    const reflectors = new Map<string, Reflector<KubeObject>>();
    const reflect = <T extends KubeObject>(
      name: string,
      resource: Resource,
      rest: Pick<ReflectorOptions<T>, 'labelSelector' | 'transform' | 'onChange'>,
    ): Reflector<T> => {
      const scope = resource.namespaced && namespace !== undefined ? { namespace } : {};
      const reflector = new Reflector<T>(client, resource, { ...scope, logger, ...rest });
      reflectors.set(name, reflector as unknown as Reflector<KubeObject>);
      return reflector;
    };
    const managed = <T extends KubeObject>(
      resource: Resource,
      sameForPlan: (a: T, b: T) => boolean,
    ): AheadCache<T> => {
      const cache: AheadCache<T> = new AheadCache<T>(
        reflect<T>(resource.plural, resource, {
          labelSelector: managedSelector,
          onChange: ({ object, previous }) => {
            const changed = object ?? previous!;
            if (!object) cache.gone(changed);
            // What came of one's own write is no news.
            else if (cache.isOwn(object) || (previous && sameForPlan(object, previous))) return;
            onNamespace(changed.metadata.namespace!);
          },
        }),
      );
      return cache;
    };
    this.monitors = reflect<StreamMonitorObject>(streamMonitors.plural, streamMonitors, {
      onChange: ({ object, previous }) => {
        if (!object && previous) onMonitorGone(previous);
        // A status that was written changes nothing that is asked for.
        if (object && previous && isSameRequest(object, previous)) return;
        onNamespace((object ?? previous)!.metadata.namespace!);
      },
    });
    this.lists = reflect<StreamListObject>('streamlists', configMaps, {
      labelSelector: `${streamListLabel}=true`,
      onChange: (change) => onNamespace(namespaceOf(change)),
    });
    this.assignments = managed<AssignmentConfigMap>(configMaps, () => false);
    this.deployments = managed<ShardDeployment>(deployments, isSameDeployment);
    this.podDisruptionBudgets = managed<KubeObject>(podDisruptionBudgets, isSameSpec);
    this.networkPolicies = managed<KubeObject>(networkPolicies, isSameSpec);
    this.pods = reflect<ShardPod>(pods.plural, pods, {
      labelSelector: managedSelector,
      transform: podAsNeeded,
      onChange: ({ object, previous }) => {
        if (object && previous && isSamePod(object, previous)) return;
        onNamespace((object ?? previous)!.metadata.namespace!);
      },
    });
    this.nodes = options.nodes
      ? reflect<ClusterNode>(nodes.plural, nodes, {
          transform: nodeAsNeeded,
          onChange: ({ object, previous }) => {
            if (object && previous && isSameNode(object, previous)) return;
            onNode();
          },
        })
      : undefined;
    this.reflectors = reflectors;
  }

  /** Fills the copies. */
  async start(): Promise<void> {
    for (const reflector of this.reflectors.values()) reflector.start();
    await Promise.all([...this.reflectors.values()].map(({ synced }) => synced));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.reflectors.values()].map((reflector) => reflector.stop()));
  }

  /** Namespaces in which there is something to do. */
  get namespaces(): Set<string> {
    const objects: KubeObject[] = [
      ...this.monitors.list(),
      ...this.assignments.list(),
      ...this.deployments.list(),
    ];
    return new Set(objects.map(({ metadata }) => metadata.namespace!));
  }
}

function namespaceOf({ object, previous }: Change<KubeObject>): string {
  return (object ?? previous)!.metadata.namespace!;
}

function isSameRequest(a: StreamMonitorObject, b: StreamMonitorObject): boolean {
  return (
    a.metadata.uid === b.metadata.uid &&
    a.metadata.generation === b.metadata.generation &&
    a.metadata.deletionTimestamp === b.metadata.deletionTimestamp
  );
}

function isSameSpec({ metadata: a }: KubeObject, { metadata: b }: KubeObject): boolean {
  return (
    a.uid === b.uid &&
    a.generation === b.generation &&
    JSON.stringify([a.labels, a.ownerReferences]) === JSON.stringify([b.labels, b.ownerReferences])
  );
}

function isSameDeployment(a: ShardDeployment, b: ShardDeployment): boolean {
  return isSameSpec(a, b) && conditionOf(a, 'Available')?.status === conditionOf(b, 'Available')?.status;
}

function isSamePod(a: ShardPod, b: ShardPod): boolean {
  const matters = ({ metadata, spec, status }: ShardPod) =>
    [
      metadata.uid,
      metadata.deletionTimestamp,
      spec?.nodeName,
      status?.podIP,
      conditionOf({ status }, 'Ready')?.status,
    ].join();
  return matters(a) === matters(b);
}

function isSameNode(a: ClusterNode, b: ClusterNode): boolean {
  const matters = (node: ClusterNode) =>
    [node.metadata.uid, node.spec?.unschedulable ?? false, conditionOf(node, 'Ready')?.status].join();
  return matters(a) === matters(b);
}

/** A pod is large, and little of it matters here. */
function podAsNeeded({ metadata, spec, status }: ShardPod): ShardPod {
  const { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp, labels } = metadata;
  const shard = labels?.[labelKeys.shard];
  return {
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
      ...(creationTimestamp !== undefined && { creationTimestamp }),
      ...(deletionTimestamp !== undefined && { deletionTimestamp }),
      ...(shard !== undefined && { labels: { [labelKeys.shard]: shard } }),
    },
    ...(spec?.nodeName !== undefined && { spec: { nodeName: spec.nodeName } }),
    status: {
      ...(status?.podIP !== undefined && { podIP: status.podIP }),
      conditions: (status?.conditions ?? []).filter(({ type }) => type === 'Ready'),
    },
  };
}

/** So is a node, of which there can be thousands. */
function nodeAsNeeded(raw: ClusterNode): ClusterNode {
  const { metadata, spec, status } = withoutBookkeeping(raw);
  const { name, uid, resourceVersion } = metadata;
  return {
    metadata: {
      name,
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
    },
    spec: { unschedulable: spec?.unschedulable ?? false },
    status: { conditions: (status?.conditions ?? []).filter(({ type }) => type === 'Ready') },
  };
}
