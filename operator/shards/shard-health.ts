import type { ShardHealth } from '../planner/shard-state.ts';
import { type ClusterNode, conditionOf, type ShardDeployment, type ShardPod } from './shard-objects.ts';

/** What is known of a shard's pod. */
export interface ShardEvidence {
  readonly deployment: ShardDeployment | undefined;
  readonly pod: ShardPod | undefined;
  /** The node of the pod. */
  readonly node: ClusterNode | undefined;
  /** False where nodes may not be seen: then a node that is not found says nothing. */
  readonly nodesKnown: boolean;
  /** Seconds without an answer of the shard's own; infinite where it has not been asked. */
  readonly silence: number;
  /** A Deployment that is gone is written again; not so one of a pool that nobody asks for any more. */
  readonly replaceable: boolean;
}

/** How long a shard is waited for, in seconds. */
export interface HealthPolicy {
  /** After it was available. */
  readonly grace: number;
  /** From its creation until it is first available. */
  readonly startTimeout: number;
}

/** Without an answer for longer than this, in seconds, nobody knows how the shard is: several questions in a row. */
const answerTimeout = 35;
/** Without an answer for longer than this, in seconds, a shard is gone with its node: two questions in a row. */
const nodeTimeout = 12;

/**
 * How a shard is. Lost is only what the cluster calls unavailable and what does not answer either: a network
 * between operator and shards that is cut moves nothing, and neither does a node whose kubelet alone is gone.
 * @param now ms since 1970
 */
export function shardHealth(evidence: ShardEvidence, policy: HealthPolicy, now: number): ShardHealth {
  const { deployment, pod, node, nodesKnown, silence, replaceable } = evidence;
  if (!deployment) return replaceable ? 'Starting' : 'Lost';
  // One that is ready is asked within a moment.
  const answers = silence < answerTimeout || silence === Number.POSITIVE_INFINITY;
  const ready = conditionOf(pod, 'Ready')?.status === 'True';
  const nodeName = pod?.spec?.nodeName;
  // A node that is not seen may also be newer than what the watch of nodes has brought so far.
  if (nodesKnown && nodeName !== undefined && !node && silence > nodeTimeout && Number.isFinite(silence))
    return 'Lost';
  if (ready && answers) return node?.spec?.unschedulable ? 'Draining' : 'Ready';
  if (ready) return nodeIsDown(node) && silence > policy.grace ? 'Lost' : 'Unknown';

  const available = conditionOf(deployment, 'Available');
  const created = timeOf(deployment.metadata.creationTimestamp) ?? now;
  const since = timeOf(available?.lastTransitionTime) ?? created;
  // Pods and Deployments are watched apart: that the pod is ready may be known a moment later.
  if (available?.status === 'True') return now - since <= clockGranularity ? 'Starting' : 'Unknown';
  const down = (now - since) / 1000;
  if (since - created <= clockGranularity) return down > policy.startTimeout ? 'Lost' : 'Starting';
  return down > policy.grace && silence > Math.min(policy.grace, answerTimeout) ? 'Lost' : 'Unknown';
}

/** Times of the API have whole seconds; a new Deployment is called unavailable within the first ones. ms. */
const clockGranularity = 3_000;

function nodeIsDown(node: ClusterNode | undefined): boolean {
  const ready = conditionOf(node, 'Ready');
  return ready !== undefined && ready.status !== 'True';
}

function timeOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}
