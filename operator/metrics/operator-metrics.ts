import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { ShardHealth } from '../planner/shard-state.ts';
import { createMetricSet, type MetricSet, metricPrefix } from './metric-set.ts';

/** A request to the API server. */
export interface ApiCall {
  readonly verb: string;
  readonly resource: string;
  /** HTTP status, or why there was none. */
  readonly code: string;
  /** Until the answer began. */
  readonly seconds: number;
}

/** What is asked of a watch at each scrape. */
export interface WatchFigures {
  /** Seconds since the server was last heard. */
  readonly lastEventAge: number;
  readonly stats: {
    readonly reconnects: Readonly<Record<string, number>>;
    readonly relists: Readonly<Record<string, number>>;
  };
}

/** What is asked of the process at each scrape. */
export interface OperatorSources {
  /** Keys that wait, by controller. */
  readonly queues: () => Readonly<Record<string, { readonly depth: number }>>;
  /** By plural of the resource. */
  readonly watches: () => Readonly<Record<string, WatchFigures>>;
  /** Events given up since the start. */
  readonly eventsDropped: () => number;
}

/** What a plan came to, in one namespace. */
export interface PlanFigures {
  readonly planSeconds: number;
  /** Causes of what was placed, moved or taken away: one each. */
  readonly moveCauses: readonly string[];
  /** `planned` and `capacity` are CPU in ms per second. */
  readonly shards: readonly {
    readonly pool: string;
    readonly health: ShardHealth;
    readonly planned: number;
    readonly capacity: number;
  }[];
  /** Pools into which nothing is moved by choice until somebody has looked. */
  readonly haltedPools: readonly string[];
  readonly placed: number;
  readonly waiting: number;
  readonly shed: number;
}

export interface OperatorMetricsOptions {
  readonly version: string;
  /** Label of every series, where set. */
  readonly region?: string;
  readonly sources: OperatorSources;
}

/** Gauges that Prometheus' naming rules would have end otherwise. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];
const healths: readonly ShardHealth[] = ['Starting', 'Ready', 'Unknown', 'Draining', 'Lost'];

/**
 * What the operator tells Prometheus of itself. Labels are names and bounded sets; series of a namespace or pool
 * go with it. Each method is a callback for the part that it is of.
 */
export class OperatorMetrics {
  readonly registry = new Registry();
  readonly #set: MetricSet;
  /** Pools with series, by namespace. */
  readonly #pools = new Map<string, ReadonlySet<string>>();

  constructor({ version, region, sources }: OperatorMetricsOptions) {
    this.#set = createMetricSet(this.registry);
    if (region) this.registry.setDefaultLabels({ region });
    collectDefaultMetrics({ register: this.registry, prefix: metricPrefix });
    for (const name of misnamed) this.registry.removeSingleMetric(metricPrefix + name);
    collectSources(this.registry, sources);
    this.#set.buildInfo.set({ version, node_version: process.version }, 1);
    this.#set.leader.set(0);
    for (const result of ['answered', 'silent', 'invalid']) this.#set.polls.inc({ result }, 0);
    for (const result of ['written', 'failed']) this.#set.statusWrites.inc({ result }, 0);
  }

  apiCalled({ verb, resource, code, seconds }: ApiCall): void {
    this.#set.apiCalls.inc({ verb, resource, code });
    // An answer to a watch begins with its first event, whenever that is.
    if (verb !== 'watch') this.#set.apiSeconds.observe({ verb, resource }, seconds);
  }

  reconciled(controller: string, result: string, seconds: number): void {
    this.#set.reconcileSeconds.observe({ controller }, seconds);
    this.#set.reconciles.inc({ controller, result });
  }

  planned(namespace: string, figures: PlanFigures): void {
    const { planSeconds, moveCauses, shards, haltedPools, placed, waiting, shed } = figures;
    this.#set.planSeconds.observe(planSeconds);
    for (const cause of moveCauses) this.#set.moves.inc({ cause });
    for (const [state, count] of Object.entries({ placed, waiting, shed })) {
      this.#set.streams.set({ namespace, state }, count);
    }
    const byPool = Map.groupBy(shards, ({ pool }) => pool);
    this.#removePools(namespace, new Set(byPool.keys()));
    for (const [pool, members] of byPool) {
      for (const health of healths) {
        const count = members.filter((shard) => shard.health === health).length;
        this.#set.shards.set({ namespace, pool, health }, count);
      }
      this.#set.halted.set({ namespace, pool }, haltedPools.includes(pool) ? 1 : 0);
      this.#set.plannedCores.set({ namespace, pool }, sumOf(members, 'planned') / 1000);
      this.#set.capacityCores.set({ namespace, pool }, sumOf(members, 'capacity') / 1000);
    }
  }

  /** Nothing is planned in the namespace any more. */
  forget(namespace: string): void {
    this.#removePools(namespace, new Set());
    this.#pools.delete(namespace);
    for (const state of ['placed', 'waiting', 'shed']) this.#set.streams.remove({ namespace, state });
  }

  statusWritten(result: 'written' | 'failed' | 'suppressed'): void {
    if (result === 'suppressed') this.#set.statusSuppressed.inc();
    else this.#set.statusWrites.inc({ result });
  }

  polled(result: 'answered' | 'silent' | 'invalid'): void {
    this.#set.polls.inc({ result });
  }

  leads(isLeader: boolean): void {
    this.#set.leader.set(isLeader ? 1 : 0);
  }

  #removePools(namespace: string, kept: ReadonlySet<string>): void {
    for (const pool of this.#pools.get(namespace) ?? []) {
      if (kept.has(pool)) continue;
      for (const health of healths) this.#set.shards.remove({ namespace, pool, health });
      for (const gauge of [this.#set.halted, this.#set.plannedCores, this.#set.capacityCores]) {
        gauge.remove({ namespace, pool });
      }
    }
    this.#pools.set(namespace, kept);
  }
}

function sumOf<K extends string>(members: readonly Readonly<Record<K, number>>[], key: K): number {
  return members.reduce((sum, member) => sum + member[key], 0);
}

/** Metrics whose values are kept by other parts. */
function collectSources(registry: Registry, { queues, watches, eventsDropped }: OperatorSources): void {
  const registers = [registry];
  new Gauge({
    name: `${metricPrefix}queue_depth`,
    help: 'Keys that wait for their reconcile, by controller.',
    labelNames: ['controller'],
    registers,
    collect() {
      for (const [controller, { depth }] of Object.entries(queues())) this.set({ controller }, depth);
    },
  });
  new Gauge({
    name: `${metricPrefix}watch_age_seconds`,
    help: 'Time since the API server last sent anything on a watch, by resource; about 60 in quiet times.',
    labelNames: ['resource'],
    registers,
    collect() {
      for (const [resource, { lastEventAge }] of Object.entries(watches()))
        this.set({ resource }, lastEventAge);
    },
  });
  counted(
    registry,
    'watch_reconnects_total',
    'Watches opened again, by resource and cause.',
    ['resource', 'cause'],
    () =>
      Object.entries(watches()).flatMap(([resource, { stats }]) =>
        Object.entries(stats.reconnects).map(([cause, value]) => ({ labels: { resource, cause }, value })),
      ),
  );
  counted(
    registry,
    'relists_total',
    'Lists of all objects after the first, by resource and cause.',
    ['resource', 'cause'],
    () =>
      Object.entries(watches()).flatMap(([resource, { stats }]) =>
        Object.entries(stats.relists).map(([cause, value]) => ({ labels: { resource, cause }, value })),
      ),
  );
  counted(
    registry,
    'events_dropped_total',
    'Kubernetes Events given up, as too many were waiting.',
    [],
    () => [{ labels: {}, value: eventsDropped() }],
  );
}

/** A counter that somebody else counts. */
function counted(
  registry: Registry,
  name: string,
  help: string,
  labelNames: string[],
  read: () => readonly { readonly labels: Record<string, string>; readonly value: number }[],
): void {
  new Counter<string>({
    name: metricPrefix + name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      for (const { labels, value } of read()) this.inc(labels, value);
    },
  });
}
