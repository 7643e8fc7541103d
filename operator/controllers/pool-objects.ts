import type { AheadCache } from '../kube/ahead-cache.ts';
import { covers } from '../kube/covers.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import {
  deployments,
  type KubeObject,
  networkPolicies,
  type ObjectMeta,
  podDisruptionBudgets,
  type Resource,
} from '../kube/resource.ts';
import type { NetworkPolicy } from '../resources/kubernetes-objects.ts';
import { labelKeys } from '../resources/labels.ts';
import { networkPolicy } from '../resources/network-policy.ts';
import { type Owner, ownerReferences } from '../resources/owner-references.ts';
import { podDisruptionBudget } from '../resources/pod-disruption-budget.ts';
import type { PodInstallation } from '../resources/pod-installation.ts';
import type { PodPool } from '../resources/pod-pool.ts';
import { shardDeployment } from '../resources/shard-deployment.ts';

/** Copies of what the operator has written beside the assignments. */
export interface PoolObjectCaches {
  readonly deployments: AheadCache<KubeObject>;
  readonly podDisruptionBudgets: AheadCache<KubeObject>;
  readonly networkPolicies: AheadCache<StoredWall>;
}

export type StoredWall = KubeObject & { readonly spec?: object };

/** A shard that has an assignment, and the StreamMonitors that it is there for. */
export interface OwnedShard {
  readonly name: string;
  readonly pool: string;
  readonly owners: readonly Owner[];
}

/** Sees to it that every shard has its pod and every pool its wall and its disruption budget, and nothing else. */
export class PoolObjects {
  readonly #client: KubeClient;
  readonly #caches: PoolObjectCaches;
  readonly #installation: PodInstallation;

  constructor(client: KubeClient, caches: PoolObjectCaches, installation: PodInstallation) {
    this.#client = client;
    this.#caches = caches;
    this.#installation = installation;
  }

  /**
   * Writes what is missing or was changed by somebody; nothing when all is as it should be.
   * @param pools those that somebody asks for: only they can be made anew
   * @param unassigned shards that are to have an assignment and have none: nothing is made for them, and nothing of
   *   theirs is removed
   */
  async ensure(
    namespace: string,
    shards: readonly OwnedShard[],
    pools: ReadonlyMap<string, PodPool>,
    unassigned: readonly Pick<OwnedShard, 'name' | 'pool'>[],
  ): Promise<void> {
    const ownersOf = ownersByPool(shards);
    const wanted = [...ownersOf].map(([id, owners]) => ({ id, owners, pool: pools.get(id) }));
    const usedPools = new Set([...ownersOf.keys(), ...unassigned.map(({ pool }) => pool)]);
    // The wall stands before the pods do.
    await settled([
      ...wanted.flatMap(({ id, owners, pool }) => [
        this.#ensure(
          podDisruptionBudgets,
          this.#caches.podDisruptionBudgets,
          { namespace, name: id, owners },
          pool && podDisruptionBudget(pool, owners, this.#installation),
        ),
        this.#ensureWall(namespace, id, pool && networkPolicy(pool, owners, this.#installation), owners),
      ]),
      ...this.#unused(podDisruptionBudgets, this.#caches.podDisruptionBudgets, namespace, usedPools),
      ...this.#unused(networkPolicies, this.#caches.networkPolicies, namespace, usedPools),
    ]);
    const names = new Set([...shards, ...unassigned].map(({ name }) => name));
    await settled([
      ...shards.map(({ name, pool: id, owners }) => {
        const pool = pools.get(id);
        const desired = pool && shardDeployment(pool, name, owners, this.#installation);
        return this.#ensure(deployments, this.#caches.deployments, { namespace, name, owners }, desired);
      }),
      ...this.#unused(deployments, this.#caches.deployments, namespace, names),
    ]);
  }

  /** Ends the pod of a shard. */
  async deletePod(namespace: string, shard: string): Promise<void> {
    const existing = this.#caches.deployments.get(namespace, shard);
    if (existing) await this.#delete(deployments, this.#caches.deployments, existing);
  }

  /** @param desired absent for a pool that nobody asks for any more: only its owners are kept right */
  async #ensure(
    resource: Resource,
    cache: AheadCache<KubeObject>,
    { namespace, name, owners }: { namespace: string; name: string; owners: readonly Owner[] },
    desired: (KubeObject & { metadata: ObjectMeta }) | undefined,
  ): Promise<void> {
    const live = cache.get(namespace, name);
    if (live?.metadata.deletionTimestamp !== undefined) return;
    if (desired) {
      if (live && covers(live, desired)) return;
      cache.written(await this.#client.apply(resource, desired, { force: true }));
      return;
    }
    const metadata = { ownerReferences: ownerReferences(owners) };
    if (!live || owners.length === 0 || covers(live, { metadata })) return;
    cache.written(await this.#client.patch(resource, name, namespace, { metadata }));
  }

  /** A wall is what the operator wrote and nothing else: a rule that was taken back, or that somebody added, goes. */
  async #ensureWall(
    namespace: string,
    name: string,
    desired: NetworkPolicy | undefined,
    owners: readonly Owner[],
  ): Promise<void> {
    const cache = this.#caches.networkPolicies;
    await this.#ensure(networkPolicies, cache, { namespace, name, owners }, desired);
    const live = cache.get(namespace, name);
    if (!desired || !live || live.metadata.deletionTimestamp !== undefined) return;
    if (covers(desired.spec, live.spec)) return;
    const { spec } = await this.#client.apply<StoredWall>(networkPolicies, desired, { force: true });
    // Applying takes back what the operator wrote, not what others added beside it.
    const added = Object.keys(spec ?? {}).filter((field) => !Object.hasOwn(desired.spec, field));
    const without = { spec: Object.fromEntries(added.map((field) => [field, null])) };
    cache.written(await this.#client.patch(networkPolicies, name, namespace, without));
  }

  #unused(
    resource: Resource,
    cache: AheadCache<KubeObject>,
    namespace: string,
    used: ReadonlySet<string>,
  ): Promise<void>[] {
    return cache
      .list(namespace)
      .filter(({ metadata }) => metadata.labels?.[labelKeys.pool] !== undefined && !used.has(metadata.name))
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map((object) => this.#delete(resource, cache, object));
  }

  async #delete(resource: Resource, cache: AheadCache<KubeObject>, object: KubeObject): Promise<void> {
    const { name, namespace, uid } = object.metadata;
    await this.#client.delete(resource, name, namespace, {
      ...(uid !== undefined && { uid }),
      propagationPolicy: 'Background',
    });
    cache.deleted(object);
  }
}

function ownersByPool(shards: readonly OwnedShard[]): Map<string, Owner[]> {
  const byPool = Map.groupBy(shards, ({ pool }) => pool);
  return new Map(
    [...byPool].map(([pool, on]) => {
      const owners = new Map(on.flatMap((shard) => shard.owners.map((owner) => [owner.uid, owner])));
      return [pool, [...owners.values()]];
    }),
  );
}

/** All of them, also when one fails; the first failure is told. */
async function settled(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
