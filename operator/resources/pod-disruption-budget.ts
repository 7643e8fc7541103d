import type { PodDisruptionBudget } from './kubernetes-objects.ts';
import { poolLabels, poolSelector } from './labels.ts';
import { metadataOf } from './metadata.ts';
import type { Owner } from './owner-references.ts';
import type { PodInstallation } from './pod-installation.ts';
import type { PodPool } from './pod-pool.ts';

/**
 * What evictions of a pool's pods are held to. Where the operator sees Nodes it moves the streams off one that is to
 * be emptied and then deletes the pods itself, so none is evicted; where not, they go one by one and are blind meanwhile.
 */
export function podDisruptionBudget(
  pool: Pick<PodPool, 'id' | 'namespace'>,
  owners: readonly Owner[],
  { nodesVisible }: Pick<PodInstallation, 'nodesVisible'>,
): PodDisruptionBudget {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadataOf(pool.id, pool.namespace, poolLabels(pool.id), owners),
    spec: {
      selector: poolSelector(pool.id),
      maxUnavailable: nodesVisible ? 0 : 1,
      // A pod that is not ready watches nothing; it must not hold up the emptying of its node.
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  };
}
