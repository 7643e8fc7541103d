import type { KubeObject } from '../kube/resource.ts';

/** What of a Deployment tells how its shard is. */
export interface ShardDeployment extends KubeObject {
  readonly status?: { readonly conditions?: readonly Condition[] };
}

/** What of a Pod tells how its shard is. */
export interface ShardPod extends KubeObject {
  readonly spec?: {
    readonly nodeName?: string;
    readonly containers?: readonly { readonly ports?: readonly { readonly containerPort: number }[] }[];
  };
  readonly status?: { readonly podIP?: string; readonly conditions?: readonly Condition[] };
}

/** What of a Node matters to the pods on it. */
export interface ClusterNode extends KubeObject {
  readonly spec?: { readonly unschedulable?: boolean };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly lastTransitionTime?: string;
}

/** The pod that stands for a shard now: the newest that is not going. */
export function currentPod(pods: readonly ShardPod[]): ShardPod | undefined {
  return pods
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .sort((a, b) => age(b) - age(a) || (a.metadata.name < b.metadata.name ? -1 : 1))[0];
}

/** A condition of an object, when it has one of that type. */
export function conditionOf(
  object: { readonly status?: { readonly conditions?: readonly Condition[] } } | undefined,
  type: string,
): Condition | undefined {
  return object?.status?.conditions?.find((condition) => condition.type === type);
}

function age({ metadata }: ShardPod): number {
  return Date.parse(metadata.creationTimestamp ?? '1970-01-01T00:00:00Z');
}
