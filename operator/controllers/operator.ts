import type { Logger } from 'pino';
import type { ShardReport, StreamReport } from '../../crds/shard-report.ts';
import type { ObjectSource } from '../kube/ahead-cache.ts';
import type { EventRecorder } from '../kube/event-recorder.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import { KubeError } from '../kube/kube-error.ts';
import { type RunResult, WorkQueue } from '../kube/work-queue.ts';
import type { PlanFigures } from '../metrics/operator-metrics.ts';
import type { Installation } from '../planner/assignments.ts';
import type { PoolPolicy } from '../planner/pool-policy.ts';
import type { PodInstallation } from '../resources/pod-installation.ts';
import type { WallShard } from '../server/shard-wall.ts';
import { ClusterShards } from '../shards/cluster-shards.ts';
import type { HealthPolicy } from '../shards/shard-health.ts';
import { StaleAssignmentError } from '../shards/shard-host.ts';
import type { PollResult } from '../shards/shard-reports.ts';
import { ClusterCaches } from './cluster-caches.ts';
import { type MonitorSource, MonitorSources } from './monitor-sources.ts';
import { NamespaceController, type NamespaceState } from './namespace-controller.ts';
import type { MonitorView } from './observe-monitor.ts';
import { PoolObjects } from './pool-objects.ts';
import type { StatusHolder } from './status/status-writer.ts';
import { StatusController } from './status-controller.ts';

export interface OperatorOptions {
  readonly client: KubeClient;
  /** All namespaces when left out. */
  readonly namespace?: string;
  /** Whether nodes may be seen. */
  readonly nodes: boolean;
  readonly installation: Installation;
  readonly pods: PodInstallation;
  readonly policy: PoolPolicy;
  readonly health: HealthPolicy;
  /** Seconds. */
  readonly drainTimeout: number;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly observer: OperatorObserver;
  readonly logger: Logger;
}

/** Time between two looks at all statuses of a namespace, in ms for each of its StreamMonitors. */
const statusShare = 1;

/** Whoever counts what the operator does. */
export interface OperatorObserver {
  reconciled(controller: 'plan' | 'status', result: RunResult, seconds: number): void;
  planned(namespace: string, figures: PlanFigures): void;
  /** Nothing is left of a namespace. */
  forget(namespace: string): void;
  polled(result: PollResult): void;
  statusWritten(result: 'written' | 'failed' | 'suppressed'): void;
}

/** A namespace that is being deleted is looked at this often, until nothing is left of it: ms. */
const endingInterval = 5_000;

/**
 * observe → plan → apply → report: one queue of namespaces to plan, one of StreamMonitors whose status may have
 * changed. Copies are kept up to date on a standby as well; nothing is written, and no shard asked, before `lead`.
 */
export class Operator {
  readonly caches: ClusterCaches;
  readonly #options: OperatorOptions;
  readonly #sources: MonitorSources;
  readonly #cluster: ClusterShards;
  readonly #poolObjects: PoolObjects;
  readonly #plans: WorkQueue;
  readonly #statuses: WorkQueue;
  readonly #namespaces = new Map<string, NamespaceController>();
  /** Why the last step of a namespace could not be taken. */
  readonly #failures = new Map<string, string>();
  /** When the statuses of a namespace were last looked at as a whole, in ms of the monotonic clock. */
  readonly #saidAt = new Map<string, number>();
  readonly #status: StatusController;
  #isStopped = false;

  constructor(options: OperatorOptions) {
    const { client, namespace, nodes, pods, health, observer, logger } = options;
    this.#options = options;
    this.caches = new ClusterCaches(client, {
      ...(namespace !== undefined && { namespace }),
      nodes,
      logger,
      onNamespace: (changed) => this.#plans.add(changed),
      onNode: () => {
        for (const name of this.#namespaces.keys()) this.#plans.add(name);
      },
      onMonitorGone: (object) => {
        this.#sources.forget(object);
        this.#status.forget(object as StatusHolder);
      },
    });
    this.#sources = new MonitorSources(this.caches.monitors, this.caches.lists);
    this.#cluster = new ClusterShards({
      configMaps: this.caches.assignments,
      deployments: this.caches.deployments,
      pods: this.caches.pods,
      ...(this.caches.nodes && { nodes: this.caches.nodes }),
      health,
      isWanted: (shardNamespace, pool) => this.#namespaces.get(shardNamespace)?.isWanted(pool) ?? false,
      onReport: (from, shard, report, previous) => this.#reported(from, shard, report, previous),
      onPoll: (result, from, shard) => {
        observer.polled(result);
        if (result !== 'answered') this.#silent(from, shard);
      },
      logger,
    });
    this.#poolObjects = new PoolObjects(client, this.caches, pods);
    this.#status = new StatusController({
      monitors: this.caches.monitors as ObjectSource<StatusHolder>,
      client,
      events: options.events,
      view: (key) => this.#view(key),
      onResult: (result) => observer.statusWritten(result),
    });
    const backOff = { initial: 500, maximum: 60_000 };
    this.#plans = new WorkQueue({
      name: 'plan',
      handler: (name) => this.#plan(name),
      concurrency: 4,
      backOff,
      batch: { idle: 50, max: 1_000 },
      isRetryNow: (error) => error instanceof StaleAssignmentError,
      onResult: (result, seconds) => observer.reconciled('plan', result, seconds),
      logger,
    });
    this.#statuses = new WorkQueue({
      name: 'status',
      handler: (key) => this.#status.reconcile(key),
      concurrency: 8,
      backOff,
      batch: { idle: 100, max: 1_000 },
      onResult: (result, seconds) => observer.reconciled('status', result, seconds),
      logger,
    });
  }

  /** Namespaces, and StreamMonitors, that wait to be handled. */
  get depths(): { readonly plan: { readonly depth: number }; readonly status: { readonly depth: number } } {
    return { plan: this.#plans, status: this.#statuses };
  }

  /** Every shard, with what it should watch. */
  get shards(): readonly WallShard[] {
    return this.#cluster.onWall();
  }

  /** Fills the copies. */
  async follow(): Promise<void> {
    await this.caches.start();
  }

  /** Begins to act, once the copies are filled; no more when it was stopped before. */
  lead(): void {
    if (this.#isStopped) return;
    this.#cluster.start();
    this.#status.begin();
    for (const name of this.caches.namespaces) this.#plans.add(name);
    this.#plans.start();
    this.#statuses.start();
  }

  /** Ends in order: what has begun is brought to its end. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([this.#plans.stop(), this.#statuses.stop()]);
    await Promise.all([this.caches.stop(), this.#cluster.stop()]);
  }

  async #plan(namespace: string): Promise<{ readonly after: number } | undefined> {
    const controller = this.#controllerOf(namespace);
    try {
      const next = await controller.reconcile(Date.now());
      this.#failures.delete(namespace);
      this.#options.observer.planned(namespace, figuresOf(controller.state!));
      return this.#isEmpty(namespace) ? undefined : next;
    } catch (error) {
      // Its objects go one by one, and nothing new is taken: there is nothing to be done for it.
      if (isEnding(error)) return { after: endingInterval };
      if (!(error instanceof StaleAssignmentError)) this.#failures.set(namespace, (error as Error).message);
      throw error;
    } finally {
      this.#sayHow(namespace, controller.state?.sources ?? []);
      if (this.#isEmpty(namespace)) {
        this.#namespaces.delete(namespace);
        this.#failures.delete(namespace);
        this.#saidAt.delete(namespace);
        this.#cluster.setUrgent(namespace, new Set());
        this.#options.observer.forget(namespace);
      }
    }
  }

  /** A namespace with thousands of StreamMonitors that is planned every second is not looked at whole each time. */
  #sayHow(namespace: string, sources: readonly MonitorSource[]): void {
    const now = performance.now();
    const due = (this.#saidAt.get(namespace) ?? Number.NEGATIVE_INFINITY) + sources.length * statusShare;
    if (due <= now) this.#saidAt.set(namespace, now);
    for (const { key } of sources) {
      if (due <= now) this.#statuses.add(key);
      else this.#statuses.addAfter(key, due - now);
    }
  }

  #isEmpty(namespace: string): boolean {
    return (
      this.caches.monitors.list(namespace).length === 0 &&
      this.caches.assignments.list(namespace).length === 0 &&
      this.caches.deployments.list(namespace).length === 0
    );
  }

  #controllerOf(namespace: string): NamespaceController {
    let controller = this.#namespaces.get(namespace);
    if (!controller) {
      const { logger } = this.#options;
      controller = new NamespaceController({
        ...this.#options,
        namespace,
        sources: this.#sources,
        cluster: this.#cluster,
        assignments: this.caches.assignments,
        poolObjects: this.#poolObjects,
        logger: logger.child({ namespace }),
      });
      this.#namespaces.set(namespace, controller);
    }
    return controller;
  }

  #view(key: string): MonitorView | undefined {
    const [namespace = ''] = key.split('/');
    const state = this.#namespaces.get(namespace)?.state;
    if (!state) return undefined;
    return {
      state,
      failure: this.#failures.get(namespace),
      reportOf: (shard) => this.#cluster.reportOf(namespace, shard),
    };
  }

  /** Time alone makes of a silent shard one of which nothing is known: no event tells. */
  #silent(namespace: string, shard: string): void {
    const planned = this.#namespaces
      .get(namespace)
      ?.state?.placement.shards.find(({ name }) => name === shard)?.health;
    if (planned !== this.#cluster.healthOf(namespace, shard)) this.#plans.add(namespace);
  }

  #reported(namespace: string, shard: string, report: ShardReport, previous: ShardReport | undefined): void {
    const isNewGeneration = report.generation !== previous?.generation;
    if (isNewGeneration || this.#cluster.isUrgent(namespace, shard)) this.#plans.add(namespace);
    const before = new Map(previous?.streams.map((stream) => [`${stream.monitor}/${stream.name}`, stream]));
    for (const stream of report.streams) {
      const known = before.get(`${stream.monitor}/${stream.name}`);
      if (!known || isNewGeneration || !isSameNews(stream, known)) this.#statuses.add(stream.monitor);
    }
  }
}

/** Whether a write was refused as its namespace is being deleted. */
function isEnding(error: unknown): boolean {
  return error instanceof KubeError && error.causes.some(({ reason }) => reason === 'NamespaceTerminating');
}

function figuresOf({ placement: { plan, shards, planSeconds }, capacities }: NamespaceState): PlanFigures {
  const health = new Map(shards.map((shard) => [shard.name, shard.health]));
  return {
    planSeconds,
    moveCauses: plan.moves.map(({ cause }) => cause),
    shards: plan.shards.map(({ name, pool, placements }) => ({
      pool,
      health: health.get(name) ?? 'Starting',
      planned: placements.reduce((sum, { cost }) => sum + cost, 0),
      capacity: capacities.get(pool) ?? 0,
    })),
    haltedPools: plan.halted.map(({ pool }) => pool),
    placed: plan.shards.flatMap(({ placements }) => placements.filter(({ role }) => role === 'owner')).length,
    waiting: plan.waiting.length,
    shed: plan.shed.length,
  };
}

/** Whether two reports of a stream say the same to a person. */
function isSameNews(a: StreamReport, b: StreamReport): boolean {
  const news = ({ phase, reason, role, openIncidents, unknown }: StreamReport) =>
    JSON.stringify([phase, reason, role, openIncidents.map(({ id, revision }) => [id, revision]), unknown]);
  return news(a) === news(b);
}
