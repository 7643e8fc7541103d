import type { Logger } from 'pino';
import type { Assignment } from '../../crds/assignment.ts';
import type { StreamMonitor } from '../../crds/stream-monitor.ts';
import type { AheadCache } from '../kube/ahead-cache.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import type { KubeObject, ObjectMeta } from '../kube/resource.ts';
import type { Installation } from '../planner/assignments.ts';
import { desiredMonitor } from '../planner/demand.ts';
import { asItRuns, type DesiredMonitor } from '../planner/desired-monitor.ts';
import type { PoolPolicy } from '../planner/pool-policy.ts';
import type { PlannedShard } from '../planner/shard-state.ts';
import { isWatchTime } from '../planner/watch-window.ts';
import type { Owner } from '../resources/owner-references.ts';
import type { PodInstallation } from '../resources/pod-installation.ts';
import { type PodPool, podPoolOf } from '../resources/pod-pool.ts';
import type { AssignmentConfigMap, ClusterShards } from '../shards/cluster-shards.ts';
import { KubernetesShards } from '../shards/kubernetes.ts';
import { type HostedShard, StaleAssignmentError } from '../shards/shard-host.ts';
import { DepartedMonitors } from './departed-monitors.ts';
import type { MonitorSource, MonitorSources } from './monitor-sources.ts';
import { PlacementController, type PlacementStep } from './placement-controller.ts';
import type { PoolObjects } from './pool-objects.ts';
import { unsettled, untilNext } from './waiting.ts';

export interface NamespaceControllerOptions {
  readonly namespace: string;
  readonly client: KubeClient;
  readonly sources: MonitorSources;
  readonly cluster: ClusterShards;
  readonly assignments: AheadCache<AssignmentConfigMap>;
  readonly poolObjects: PoolObjects;
  readonly installation: Installation;
  readonly pods: PodInstallation;
  readonly policy: PoolPolicy;
  /** Seconds. */
  readonly drainTimeout: number;
  readonly logger: Logger;
}

/** What a namespace was brought to, for those who report on it. */
export interface NamespaceState {
  readonly sources: readonly MonitorSource[];
  readonly placement: PlacementStep;
  /** CPU of one shard by pool, in ms per second. */
  readonly capacities: ReadonlyMap<string, number>;
  /** Names of each StreamMonitor's streams whose window is not open, by its key. */
  readonly outsideWindow: ReadonlyMap<string, readonly string[]>;
}

/** Keeps the shards of one namespace as its StreamMonitors ask. */
export class NamespaceController {
  readonly #options: NamespaceControllerOptions;
  readonly #host: KubernetesShards;
  readonly #departed: DepartedMonitors;
  readonly #placement: PlacementController;
  /** Of each version of a StreamMonitor: to find it out costs more than all else of a plan. */
  readonly #podPools = new WeakMap<StreamMonitor, PodPool>();
  #pools: ReadonlyMap<string, PodPool> = new Map();
  #owners: ReadonlyMap<string, Owner> = new Map();
  #monitorsByPool: ReadonlyMap<string, readonly string[]> = new Map();
  #state: NamespaceState | undefined;

  constructor(options: NamespaceControllerOptions) {
    const { namespace, client, cluster, assignments, poolObjects, installation, drainTimeout, logger } =
      options;
    this.#options = options;
    this.#departed = new DepartedMonitors(client, namespace);
    this.#host = new KubernetesShards({
      namespace,
      cluster,
      configMaps: assignments,
      client,
      ownersOf: (assignment, pool) => this.#ownersOf(assignment, pool),
      deletePod: (shard) => poolObjects.deletePod(namespace, shard),
      logger,
    });
    this.#placement = new PlacementController({
      host: this.#host,
      installation,
      policyOf: (pool) => this.#policyOf(pool),
      drainTimeout,
      logger,
    });
  }

  /** Of the last plan; absent before the first. */
  get state(): NamespaceState | undefined {
    return this.#state;
  }

  /** Whether the pods of a pool can be made anew. */
  isWanted(pool: string): boolean {
    return this.#pools.has(pool);
  }

  /**
   * Takes the next step; safe to be repeated and to be cut off anywhere.
   * @param now ms since 1970
   * @returns when to come again without a reason, ms from now
   * @throws StaleAssignmentError, KubeError
   */
  async reconcile(now: number): Promise<{ readonly after: number }> {
    const { namespace, sources, cluster, poolObjects } = this.#options;
    await this.#removeUnreadable();
    const unseen = await this.#unseen();
    const monitors = sources.of(namespace);
    const told = new Set(monitors.map(({ key }) => key));
    this.#owners = new Map([
      ...unseen.map(({ metadata }) => [keyOf(metadata), ownerOf(metadata)] as const),
      ...monitors.map(({ key, object: { metadata } }) => [key, ownerOf(metadata)] as const),
    ]);
    const poolOf = this.#takePools(monitors);
    const hosted = cluster.shardsOf(namespace);
    const desired = [
      ...monitors.flatMap((source) => this.#desired(source, poolOf, hosted, now) ?? []),
      ...unseen
        .map(({ metadata }) => keyOf(metadata))
        .filter((key) => !told.has(key))
        .flatMap((key) => asItRuns(key, hosted) ?? []),
    ];
    const placement = this.#placement.plan(desired, now);
    const fault = await this.#carryOut(placement);
    const pools = new Set(placement.plan.shards.map(({ pool }) => pool));
    this.#state = {
      sources: monitors,
      placement,
      capacities: new Map([...pools].map((pool) => [pool, this.#policyOf(pool).shardCapacity])),
      outsideWindow: outsideWindows(monitors, now),
    };
    const shards = this.#host.shards();
    const absent = withoutAssignment(placement, shards);
    if (!fault && absent[0])
      throw new StaleAssignmentError(`assignment of ${absent[0].name}: deleted meanwhile`);
    cluster.setUrgent(namespace, unsettled(shards));
    await poolObjects
      .ensure(
        namespace,
        shards.map(({ assignment, pool }) => ({
          name: assignment.shard,
          pool,
          owners: this.#ownersOf(assignment, pool),
        })),
        this.#pools,
        absent,
      )
      .catch((error: unknown) => {
        throw fault?.reason ?? error;
      });
    if (fault) throw fault.reason;
    return { after: untilNext(monitors, placement, now) };
  }

  /**
   * @returns why a part of it could not be done; what was done gets its pods nevertheless
   * @throws StaleAssignmentError
   */
  async #carryOut(placement: PlacementStep): Promise<{ readonly reason: unknown } | undefined> {
    try {
      await this.#placement.carryOut(placement);
      return undefined;
    } catch (error) {
      if (error instanceof StaleAssignmentError) throw error;
      return { reason: error };
    }
  }

  /** StreamMonitors that exist, have streams on shards, and were not told of yet: they stay as they are. */
  async #unseen(): Promise<readonly KubeObject[]> {
    const { namespace, sources, cluster, logger } = this.#options;
    const known = sources.keysOf(namespace);
    const running = cluster.shardsOf(namespace).flatMap(({ assignment }) => assignment.streams);
    const missing = new Set(running.map(({ monitor }) => monitor).filter((key) => !known.has(key)));
    const names = new Set([...missing].map((key) => key.slice(namespace.length + 1)));
    const unseen = await this.#departed.stillThere(names);
    for (const { metadata } of unseen) {
      logger.warn(
        { monitor: keyOf(metadata) },
        'not among the StreamMonitors that were listed: left as it runs',
      );
    }
    return unseen;
  }

  #takePools(monitors: readonly MonitorSource[]): Map<string, string> {
    const pools = new Map<string, PodPool>();
    const poolOf = new Map<string, string>();
    for (const { key, monitor, secrets } of monitors) {
      if (!monitor) continue;
      const pool = this.#podPoolOf(monitor, secrets);
      pools.set(pool.id, pool);
      poolOf.set(key, pool.id);
    }
    this.#pools = pools;
    this.#monitorsByPool = Map.groupBy(poolOf.keys(), (key) => poolOf.get(key)!);
    return poolOf;
  }

  #podPoolOf(monitor: StreamMonitor, secrets: readonly string[]): PodPool {
    const known = this.#podPools.get(monitor);
    if (known?.secrets.join() === secrets.join()) return known;
    const pool = podPoolOf(monitor, secrets, this.#options.pods);
    this.#podPools.set(monitor, pool);
    return pool;
  }

  #desired(
    { key, monitor, streams }: MonitorSource,
    poolOf: ReadonlyMap<string, string>,
    hosted: readonly HostedShard[],
    now: number,
  ): DesiredMonitor | undefined {
    const pool = poolOf.get(key);
    if (!monitor || pool === undefined) return asItRuns(key, hosted);
    return desiredMonitor(monitor, streams, pool, this.#options.installation, now);
  }

  /** A pool whose pods cannot be made anew takes no further shard. */
  #policyOf(id: string): PoolPolicy {
    const { policy } = this.#options;
    const pool = this.#pools.get(id);
    if (pool) return { ...policy, shardCapacity: pool.cpu };
    const existing = this.#host.shards().filter((shard) => shard.pool === id);
    return { ...policy, maxShards: existing.length };
  }

  async #removeUnreadable(): Promise<void> {
    const { namespace, cluster, logger } = this.#options;
    for (const shard of cluster.unreadable(namespace)) {
      logger.error(
        { shard },
        'its assignment was overwritten: the shard is removed and its streams go elsewhere',
      );
      await this.#host.remove(shard);
    }
  }

  /** A shard that is kept warm is there for all whose streams it may get. */
  #ownersOf({ monitors }: Assignment, pool: string): Owner[] {
    const named = Object.keys(monitors);
    const keys = named.length > 0 ? named : (this.#monitorsByPool.get(pool) ?? []);
    return keys.flatMap((key) => this.#owners.get(key) ?? []);
  }
}

function keyOf({ namespace, name }: ObjectMeta): string {
  return `${namespace}/${name}`;
}

/** Shards that have streams and no assignment, as somebody deleted it or it could not be written. */
function withoutAssignment({ plan }: PlacementStep, shards: readonly HostedShard[]): readonly PlannedShard[] {
  const present = new Set(shards.map(({ assignment }) => assignment.shard));
  return plan.shards.filter(({ name, placements }) => placements.length > 0 && !present.has(name));
}

function ownerOf({ name, uid }: { readonly name: string; readonly uid?: string }): Owner {
  return { name, uid: uid! };
}

function outsideWindows(monitors: readonly MonitorSource[], now: number): Map<string, string[]> {
  return new Map(
    monitors.map(({ key, streams }) => [
      key,
      streams.filter(({ window }) => !isWatchTime(window, now)).map(({ name }) => name),
    ]),
  );
}
