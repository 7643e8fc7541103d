import type { Logger } from 'pino';
import type { Assignment } from '../../crds/assignment.ts';
import type { ShardReport } from '../../crds/shard-report.ts';
import type { ObjectSource } from '../kube/ahead-cache.ts';
import type { KubeObject } from '../kube/resource.ts';
import { type FoundConfigMap, readAssignmentConfigMap } from '../resources/assignment-config-map.ts';
import { labelKeys } from '../resources/labels.ts';
import { monitorPort } from '../resources/pod-template.ts';
import type { WallShard } from '../server/shard-wall.ts';
import { ShardClient } from './shard-client.ts';
import { type HealthPolicy, shardHealth } from './shard-health.ts';
import type { HostedShard } from './shard-host.ts';
import { type ClusterNode, currentPod, type ShardDeployment, type ShardPod } from './shard-objects.ts';
import { type PolledShard, type PollResult, ShardReports } from './shard-reports.ts';

/** A ConfigMap that should hold an assignment. */
export type AssignmentConfigMap = KubeObject & FoundConfigMap;

export interface ClusterShardsOptions {
  readonly configMaps: ObjectSource<AssignmentConfigMap>;
  readonly deployments: ObjectSource<ShardDeployment>;
  readonly pods: ObjectSource<ShardPod>;
  /** Absent where nodes may not be seen. */
  readonly nodes?: ObjectSource<ClusterNode>;
  readonly health: HealthPolicy;
  /** Whether the pods of a pool can be made anew: somebody asks for it. */
  readonly isWanted: (namespace: string, pool: string) => boolean;
  readonly onReport: (namespace: string, shard: string, report: ShardReport, previous?: ShardReport) => void;
  /** How asking a shard ended. */
  readonly onPoll?: (result: PollResult, namespace: string, shard: string) => void;
  readonly logger: Logger;
}

interface Read {
  readonly pool: string;
  readonly assignment: Assignment;
}

/** All shards that the API server knows of, read from caches, with what they say of themselves. */
export class ClusterShards {
  readonly #options: ClusterShardsOptions;
  readonly #reports: ShardReports;
  /** Parsed once for each version. */
  readonly #read = new WeakMap<AssignmentConfigMap, Read | undefined>();
  readonly #clients = new Map<string, { readonly podIP: string; readonly client: ShardClient }>();
  /** Shards whose next answer something waits for, by namespace. */
  readonly #urgent = new Map<string, ReadonlySet<string>>();

  constructor(options: ClusterShardsOptions) {
    const { onReport, onPoll, logger } = options;
    this.#options = options;
    this.#reports = new ShardReports({
      shards: () => this.#polled(),
      exists: (key) => {
        const [namespace = '', shard = ''] = key.split('/');
        return options.configMaps.get(namespace, shard) !== undefined;
      },
      onReport: (key, report, previous) => {
        const [namespace = '', shard = ''] = key.split('/');
        onReport(namespace, shard, report, previous);
      },
      onPoll: (result, key) => {
        const [namespace = '', shard = ''] = key.split('/');
        onPoll?.(result, namespace, shard);
      },
      logger,
    });
  }

  start(): void {
    this.#reports.start();
  }

  async stop(): Promise<void> {
    this.#reports.stop();
    await Promise.all([...this.#clients.values()].map(({ client }) => client.close()));
  }

  shardsOf(namespace: string): HostedShard[] {
    const now = Date.now();
    const pods = this.#podsByShard(namespace);
    return this.#options.configMaps.list(namespace).flatMap((configMap): HostedShard[] => {
      const read = this.#readOnce(configMap);
      if (!read) return [];
      const { name } = configMap.metadata;
      const report = this.#reports.last(`${namespace}/${name}`);
      return [
        {
          ...read,
          health: this.#health(namespace, name, read.pool, pods.get(name) ?? [], now),
          ...(report && { report }),
        },
      ];
    });
  }

  /** Names of shards whose assignment nobody can read. A ConfigMap that only says who manages it is none of them. */
  unreadable(namespace: string): string[] {
    const ours = this.#options.configMaps
      .list(namespace)
      .filter(({ metadata: { labels = {} } }) => labels[labelKeys.pool] ?? labels[labelKeys.shard]);
    return ours.filter((configMap) => !this.#readOnce(configMap)).map(({ metadata }) => metadata.name);
  }

  podsOf(namespace: string, shard: string): ShardPod[] {
    return this.#podsByShard(namespace).get(shard) ?? [];
  }

  /** Shards of a namespace that are asked at short intervals until this is called again. */
  setUrgent(namespace: string, shards: ReadonlySet<string>): void {
    if (shards.size > 0) this.#urgent.set(namespace, shards);
    else this.#urgent.delete(namespace);
  }

  /** The last that a shard said of itself. */
  reportOf(namespace: string, shard: string): ShardReport | undefined {
    return this.#reports.last(`${namespace}/${shard}`);
  }

  /** The shard is removed: another of its name is not to be taken for it. */
  forget(namespace: string, shard: string): void {
    this.#reports.forget(`${namespace}/${shard}`);
  }

  /** How a shard is now; `undefined` for one that has no assignment. */
  healthOf(namespace: string, shard: string): HostedShard['health'] | undefined {
    const configMap = this.#options.configMaps.get(namespace, shard);
    const pool = configMap && this.#readOnce(configMap)?.pool;
    if (pool === undefined) return undefined;
    return this.#health(namespace, shard, pool, this.podsOf(namespace, shard), Date.now());
  }

  /** Every shard that has an assignment or a pod: what it should watch, and how to ask it once it has an address. */
  onWall(): WallShard[] {
    const shards = new Map<string, WallShard>();
    for (const configMap of this.#options.configMaps.list()) {
      const { namespace = '', name } = configMap.metadata;
      const read = this.#readOnce(configMap);
      const key = `${namespace}/${name}`;
      if (read) shards.set(key, { key, namespace, placements: read.assignment.streams });
    }
    for (const { key, client } of this.#polled()) {
      const [namespace = ''] = key.split('/');
      shards.set(key, { key, namespace, placements: [], ...shards.get(key), client });
    }
    return [...shards.values()];
  }

  isUrgent(namespace: string, shard: string): boolean {
    return this.#urgent.get(namespace)?.has(shard) ?? false;
  }

  #health(
    namespace: string,
    shard: string,
    pool: string,
    shardPods: readonly ShardPod[],
    now: number,
  ): HostedShard['health'] {
    const { deployments, nodes, health, isWanted } = this.#options;
    const pod = currentPod(shardPods);
    const nodeName = pod?.spec?.nodeName;
    const evidence = {
      deployment: deployments.get(namespace, shard),
      pod,
      node: nodeName === undefined ? undefined : nodes?.get(undefined, nodeName),
      nodesKnown: nodes !== undefined,
      silence: this.#reports.silence(`${namespace}/${shard}`),
      replaceable: isWanted(namespace, pool),
    };
    return shardHealth(evidence, health, now);
  }

  #readOnce(configMap: AssignmentConfigMap): Read | undefined {
    if (!this.#read.has(configMap)) this.#read.set(configMap, this.#parse(configMap));
    return this.#read.get(configMap);
  }

  /** One that nobody can read is said, once for each version; see `unreadable`. */
  #parse(configMap: AssignmentConfigMap): Read | undefined {
    try {
      return readAssignmentConfigMap(configMap);
    } catch (error) {
      const { namespace, name } = configMap.metadata;
      this.#options.logger.error(
        { namespace, configMap: name, reason: (error as Error).message },
        'not an assignment',
      );
      return undefined;
    }
  }

  #podsByShard(namespace: string): Map<string, ShardPod[]> {
    return Map.groupBy(
      this.#options.pods.list(namespace),
      ({ metadata }) => metadata.labels?.[labelKeys.shard] ?? '',
    );
  }

  *#polled(): Generator<PolledShard & { readonly client: ShardClient }> {
    const ofShards = this.#options.pods.list().filter(({ metadata }) => metadata.labels?.[labelKeys.shard]);
    const byKey = Map.groupBy(
      ofShards,
      ({ metadata }) => `${metadata.namespace}/${metadata.labels![labelKeys.shard]}`,
    );
    for (const [key, { client }] of this.#clients) {
      if (byKey.has(key)) continue;
      this.#clients.delete(key);
      client.close().catch(() => {});
    }
    for (const [key, shardPods] of byKey) {
      const podIP = currentPod(shardPods)?.status?.podIP;
      if (podIP === undefined) continue;
      const [namespace = '', name = ''] = key.split('/');
      yield { key, name, client: this.#clientOf(key, podIP), urgent: this.isUrgent(namespace, name) };
    }
  }

  #clientOf(key: string, podIP: string): ShardClient {
    const known = this.#clients.get(key);
    if (known?.podIP === podIP) return known.client;
    known?.client.close().catch(() => {});
    const host = podIP.includes(':') ? `[${podIP}]` : podIP;
    const client = new ShardClient({ origin: `http://${host}:${monitorPort}` });
    this.#clients.set(key, { podIP, client });
    return client;
  }
}
