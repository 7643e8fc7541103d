import type { ShardReport } from '../../crds/shard-report.ts';
import type { Placement, ShardHealth } from '../planner/shard-state.ts';
import type { MonitorSource } from './monitor-sources.ts';
import type { NamespaceState } from './namespace-controller.ts';
import type { HeldBack, MonitorObservation, ObservedPlacement } from './status/monitor-observation.ts';

/** What can be said of a StreamMonitor: its namespace as last planned, and what its shards say now. */
export interface MonitorView {
  readonly state: NamespaceState;
  /** Why the last step could not be taken. */
  readonly failure: string | undefined;
  readonly reportOf: (shard: string) => ShardReport | undefined;
}

interface Index {
  readonly sources: ReadonlyMap<string, MonitorSource>;
  readonly placements: ReadonlyMap<
    string,
    readonly { shard: string; health: ShardHealth; placement: Placement }[]
  >;
  readonly shed: ReadonlyMap<string, readonly HeldBack[]>;
  readonly waiting: ReadonlyMap<string, readonly HeldBack[]>;
  readonly haltedPools: ReadonlyMap<string, string>;
}

/** Each plan is read by StreamMonitor many times. */
const indexes = new WeakMap<NamespaceState, Index>();

/** @returns `undefined` for a StreamMonitor that the last plan did not know */
export function observeMonitor(
  key: string,
  { state, failure, reportOf }: MonitorView,
): MonitorObservation | undefined {
  const { sources, placements, shed, waiting, haltedPools } = indexOf(state);
  const source = sources.get(key);
  if (!source) return undefined;
  const desired = state.placement.desired.get(key)?.streams ?? [];
  const pools = new Set(desired.map(({ demand }) => demand.pool));
  return {
    generation: source.object.metadata.generation ?? 0,
    invalid: source.invalid,
    listProblems: source.listProblems,
    suspended: source.monitor?.spec.suspend ?? false,
    // Of one that never was right nothing is known but what runs of it.
    streams: source.monitor
      ? source.streams.map(({ name }) => name)
      : desired.map(({ demand }) => demand.name),
    outsideWindow: state.outsideWindow.get(key) ?? [],
    placements: (placements.get(key) ?? []).map((on) => observed(on, reportOf(on.shard))),
    shed: shed.get(key) ?? [],
    waiting: waiting.get(key) ?? [],
    halted: [...haltedPools].flatMap(([pool, reason]) => (pools.has(pool) ? [reason] : [])),
    ...(failure !== undefined && { applyError: failure }),
  };
}

function observed(
  { shard, health, placement }: { shard: string; health: ShardHealth; placement: Placement },
  report: ShardReport | undefined,
): ObservedPlacement {
  const own =
    report && report.generation >= placement.generation
      ? report.streams.find(({ monitor, name }) => monitor === placement.monitor && name === placement.name)
      : undefined;
  return { shard, health, placement, ...(own && { report: own }) };
}

function indexOf(state: NamespaceState): Index {
  let index = indexes.get(state);
  if (!index) {
    const { plan, shards } = state.placement;
    const health = new Map(shards.map((shard) => [shard.name, shard.health]));
    const placements = plan.shards.flatMap(({ name, placements: on }) =>
      on.map((placement) => ({ shard: name, health: health.get(name) ?? 'Starting', placement })),
    );
    index = {
      sources: new Map(state.sources.map((source) => [source.key, source])),
      placements: Map.groupBy(placements, ({ placement }) => placement.monitor),
      shed: Map.groupBy(plan.shed, ({ monitor }) => monitor),
      waiting: Map.groupBy(plan.waiting, ({ monitor }) => monitor),
      haltedPools: new Map(plan.halted.map(({ pool, reason }) => [pool, reason])),
    };
    indexes.set(state, index);
  }
  return index;
}
