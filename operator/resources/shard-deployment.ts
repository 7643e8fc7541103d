import type { Deployment } from './kubernetes-objects.ts';
import { shardLabels, shardSelector } from './labels.ts';
import { metadataOf } from './metadata.ts';
import type { Owner } from './owner-references.ts';
import type { PodInstallation } from './pod-installation.ts';
import type { PodPool } from './pod-pool.ts';
import { podTemplate } from './pod-template.ts';

/**
 * The Deployment of a shard: one pod, put up again by the cluster whether the operator is there or not. Never a second
 * one beside it, since both would own the same streams.
 */
export function shardDeployment(
  pool: PodPool,
  shard: string,
  owners: readonly Owner[],
  installation: PodInstallation,
): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadataOf(shard, pool.namespace, shardLabels(pool.id, shard), owners),
    spec: {
      replicas: 1,
      strategy: { type: 'Recreate' },
      // The template of a shard never changes, so there is nothing to go back to.
      revisionHistoryLimit: 0,
      progressDeadlineSeconds: 300,
      selector: shardSelector(shard),
      template: podTemplate(pool, shard, installation),
    },
  };
}
