import type { Logger } from 'pino';
import type { Assignment } from '../../crds/assignment.ts';
import type { AheadCache } from '../kube/ahead-cache.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import { KubeError } from '../kube/kube-error.ts';
import { configMaps, pods } from '../kube/resource.ts';
import { assignmentConfigMap } from '../resources/assignment-config-map.ts';
import { generationAnnotation } from '../resources/labels.ts';
import type { Owner } from '../resources/owner-references.ts';
import type { AssignmentConfigMap, ClusterShards } from './cluster-shards.ts';
import { type HostedShard, type ShardHost, StaleAssignmentError } from './shard-host.ts';

export interface KubernetesShardsOptions {
  readonly namespace: string;
  readonly cluster: ClusterShards;
  readonly configMaps: AheadCache<AssignmentConfigMap>;
  readonly client: KubeClient;
  /** The StreamMonitors that still exist and that a shard of the pool with the assignment is there for. */
  readonly ownersOf: (assignment: Assignment, pool: string) => readonly Owner[];
  /** Deletes what makes the pod of a shard. */
  readonly deletePod: (shard: string) => Promise<void>;
  readonly logger: Logger;
}

/** The shards of one namespace: an assignment ConfigMap each, and a Deployment that the controller sees to. */
export class KubernetesShards implements ShardHost {
  readonly #options: KubernetesShardsOptions;

  constructor(options: KubernetesShardsOptions) {
    this.#options = options;
  }

  shards(): readonly HostedShard[] {
    const { cluster, namespace } = this.#options;
    return cluster.shardsOf(namespace);
  }

  /**
   * Writes the ConfigMap under the version that the plan was made from.
   * @throws StaleAssignmentError, KubeError
   */
  async apply(assignment: Assignment, pool: string): Promise<void> {
    const { namespace, configMaps: known, client, ownersOf } = this.#options;
    const { shard } = assignment;
    const before = known.get(namespace, shard);
    const configMap = assignmentConfigMap(pool, assignment, ownersOf(assignment, pool), namespace);
    const { resourceVersion } = before?.metadata ?? {};
    try {
      const written: AssignmentConfigMap = before
        ? await client.replace(configMaps, {
            ...configMap,
            metadata: { ...configMap.metadata, ...(resourceVersion !== undefined && { resourceVersion }) },
          })
        : await client.create(configMaps, configMap);
      known.written(written);
    } catch (error) {
      if (error instanceof KubeError && staleCodes.has(error.code)) {
        throw new StaleAssignmentError(`assignment of ${shard}: ${error.message}`, { cause: error });
      }
      throw error;
    }
    await this.#refresh(shard, assignment.generation);
  }

  async remove(shard: string): Promise<void> {
    const { namespace, cluster, configMaps: known, client, deletePod } = this.#options;
    const configMap = known.get(namespace, shard);
    // The assignment goes last: as long as it is there, the removal is tried again.
    await deletePod(shard);
    if (!configMap) return;
    await client.delete(configMaps, shard, namespace, { uid: configMap.metadata.uid! });
    known.deleted(configMap);
    cluster.forget(namespace, shard);
  }

  /** A pod that does not hear of it reads its assignment a little later, so a failure is none. */
  async #refresh(shard: string, generation: number): Promise<void> {
    const { namespace, cluster, client, logger } = this.#options;
    const metadata = { annotations: { [generationAnnotation]: String(generation) } };
    await Promise.all(
      cluster.podsOf(namespace, shard).map(({ metadata: { name } }) =>
        client.patch(pods, name, namespace, { metadata }).catch((error: Error) => {
          logger.debug({ shard, pod: name, reason: error.message }, 'pod could not be annotated');
        }),
      ),
    );
  }
}

const staleCodes: ReadonlySet<string> = new Set(['Conflict', 'AlreadyExists', 'NotFound']);
