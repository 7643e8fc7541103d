import { type StreamRole, shardApiVersion } from '../../../crds/assignment.ts';
import type { ShardReport } from '../../../crds/shard-report.ts';
import { advanceMoves } from '../../../operator/planner/advance-moves.ts';
import { type PlanRequest, type PoolsPlan, planPools } from '../../../operator/planner/plan-pools.ts';
import type { PoolPolicy } from '../../../operator/planner/pool-policy.ts';
import {
  type Placement,
  pairKey,
  type ShardHealth,
  type ShardState,
} from '../../../operator/planner/shard-state.ts';
import type { StreamDemand } from '../../../operator/planner/stream-demand.ts';

export const detectorCosts = {
  black: { fixed: 1, perMegapixel: 0 },
  blocks: { fixed: 2, perMegapixel: 0.4 },
  freeze: { fixed: 2, perMegapixel: 0.2 },
};

/** With measured costs the capacity reads as "ten streams of 100". */
export const policy: PoolPolicy = {
  shardCapacity: 1000,
  streamsPerShard: 50,
  maxShards: 50,
  assignmentBytes: 256_000,
  warmHeadroom: 0,
  movesInFlight: 4,
  movesPerMinute: 1000,
  coolDown: 600,
  hysteresis: 0.1,
  warmTimeout: 120,
};

export function demand(name: string, overrides: Partial<StreamDemand> = {}): StreamDemand {
  return {
    monitor: 'live/sports',
    name,
    pool: 'a',
    priority: 50,
    video: { width: 1920, height: 1080, frameRate: 30 },
    detectors: ['black', 'blocks'],
    bytes: 300,
    ...overrides,
  };
}

export function demands(count: number, overrides: Partial<StreamDemand> = {}): StreamDemand[] {
  return Array.from({ length: count }, (_, index) => demand(`s-${index + 100}`, overrides));
}

/** The shard process of a simulated pod: follows a document some time after it was written. */
interface SimulatedMonitor {
  generation: number;
  streams: Map<string, { readonly placement: Placement; readonly frames: boolean }>;
}

/**
 * Pods and documents in memory, with the planner between them. The operator keeps nothing from one step to the
 * next but what the documents and reports say.
 */
export class SimulatedPools {
  now = Date.UTC(2026, 0, 1);
  streams: StreamDemand[] = [];
  policies: Record<string, PoolPolicy> = { a: policy, b: policy };
  readonly costs = new Map<string, number>();
  readonly documents = new Map<
    string,
    { pool: string; generation: number; placements: readonly Placement[] }
  >();
  readonly health = new Map<string, ShardHealth>();
  readonly reports = new Map<string, ShardReport>();
  readonly #monitors = new Map<string, SimulatedMonitor>();

  state(): ShardState[] {
    return [...this.documents].map(([name, document]) => {
      const report = this.reports.get(name);
      return { name, ...document, health: this.health.get(name) ?? 'Ready', ...(report && { report }) };
    });
  }

  request(overrides: Partial<PlanRequest> = {}): PlanRequest {
    return {
      now: this.now,
      streams: this.streams,
      shards: advanceMoves(this.state()),
      policies: this.policies,
      detectorCosts,
      measuredCosts: this.costs,
      monitorBytes: {},
      ...overrides,
    };
  }

  /**
   * Plans and writes what changed.
   * @param written tells whether the n-th write succeeds
   * @param onWrite called after each of them
   */
  reconcile(written: (index: number) => boolean = () => true, onWrite: () => void = () => {}): PoolsPlan {
    const plan = planPools(this.request());
    let index = 0;
    for (const { name, pool, placements } of plan.shards) {
      const before = this.documents.get(name);
      if (before && JSON.stringify(before.placements) === JSON.stringify(placements)) continue;
      if (!written(index++)) continue;
      this.documents.set(name, { pool, placements, generation: (before?.generation ?? 0) + 1 });
      onWrite();
    }
    const planned = new Map(plan.shards.map((shard) => [shard.name, shard]));
    for (const [name, { placements }] of this.documents) {
      const unused = planned.get(name)?.placements.length === 0 && !plan.warm.has(name);
      if (unused && placements.length === 0) this.removeShard(name);
    }
    return plan;
  }

  /** A shard is as its host says from now on; the process of a lost one is dead. */
  become(name: string, health: ShardHealth): void {
    this.health.set(name, health);
    if (health === 'Lost') this.#monitors.delete(name);
  }

  /** A shard's process takes over its document. */
  follow(name: string): void {
    const document = this.documents.get(name);
    if (!document || this.health.get(name) === 'Lost') return;
    const before = this.#monitors.get(name)?.streams;
    const streams = new Map(
      document.placements.map((placement) => {
        const frames = before?.get(pairKey(placement))?.frames ?? false;
        return [pairKey(placement), { placement, frames }];
      }),
    );
    this.#monitors.set(name, { generation: document.generation, streams });
  }

  /** Frames arrive at every stream of a shard that it opens. */
  receive(name: string): void {
    const monitor = this.#monitors.get(name);
    for (const [key, stream] of monitor?.streams ?? [])
      monitor!.streams.set(key, { ...stream, frames: true });
  }

  /** A shard's report reaches the operator. */
  report(name: string): void {
    const monitor = this.#monitors.get(name);
    if (!monitor || this.health.get(name) === 'Lost') return;
    const streams = [...monitor.streams.values()].map(({ placement, frames }) => {
      const exclusive = this.streams.find((stream) => stream.name === placement.name)?.exclusive === true;
      return streamReport(
        placement,
        placement.role,
        frames && !(exclusive && placement.role !== 'owner'),
        this.now,
      );
    });
    this.reports.set(name, shardReport(name, monitor.generation, streams, this.now));
  }

  /** Everything that can happen by itself happens, `rounds` times, `seconds` apart. */
  settle(rounds: number, seconds = 10): void {
    for (let round = 0; round < rounds; round++) {
      this.reconcile();
      for (const name of this.documents.keys()) {
        this.follow(name);
        this.receive(name);
        this.report(name);
      }
      this.now += seconds * 1000;
    }
  }

  removeShard(name: string): void {
    this.documents.delete(name);
    this.health.delete(name);
    this.reports.delete(name);
    this.#monitors.delete(name);
  }

  /** Shards that name a pair's parts, as `role@shard`, sorted. */
  partsOf(key: string): string[] {
    return [...this.documents]
      .flatMap(([name, { placements }]) =>
        placements.filter((placement) => pairKey(placement) === key).map(({ role }) => `${role}@${name}`),
      )
      .sort();
  }

  placements(): { readonly shard: string; readonly placement: Placement }[] {
    return [...this.documents].flatMap(([shard, { placements }]) =>
      placements.map((placement) => ({ shard, placement })),
    );
  }

  /** Pairs that more than one document names an owner for. */
  doubleOwners(): string[] {
    const owners = new Map<string, number>();
    for (const { placement } of this.placements()) {
      if (placement.role === 'owner')
        owners.set(pairKey(placement), (owners.get(pairKey(placement)) ?? 0) + 1);
    }
    return [...owners].filter(([, count]) => count > 1).map(([key]) => key);
  }

  /** Pairs that more than one living process takes itself to own. */
  doubleSpeakers(): string[] {
    const owners = new Map<string, number>();
    for (const [name, { streams }] of this.#monitors) {
      if (this.health.get(name) === 'Lost') continue;
      for (const [key, { placement }] of streams) {
        if (placement.role === 'owner') owners.set(key, (owners.get(key) ?? 0) + 1);
      }
    }
    return [...owners].filter(([, count]) => count > 1).map(([key]) => key);
  }
}

export function streamReport(
  placement: Pick<Placement, 'monitor' | 'name' | 'detectors'>,
  role: StreamRole,
  frames: boolean,
  now: number,
): ShardReport['streams'][number] {
  const time = new Date(now).toISOString();
  return {
    phase: frames ? 'Up' : 'Starting',
    reason: frames ? 'Receiving' : 'Connecting',
    message: '',
    since: time,
    monitor: placement.monitor,
    name: placement.name,
    role,
    detectors: placement.detectors,
    ...(frames && { firstFrameTime: time }),
    monitoredSeconds: 0,
    blindSeconds: 0,
    defectSeconds: 0,
    cpuSeconds: 0,
    unknown: {},
    openIncidents: [],
    closedIncidents: [],
    watermarkTime: time,
  };
}

export function shardReport(
  shard: string,
  generation: number,
  streams: ShardReport['streams'],
  now: number,
): ShardReport {
  const time = new Date(now).toISOString();
  return {
    apiVersion: shardApiVersion,
    kind: 'ShardReport',
    shard,
    bootId: 'boot',
    generation,
    time,
    startedAt: time,
    cpuSeconds: 0,
    memoryBytes: 0,
    spoolBytes: 0,
    dropped: { notifications: 0, results: 0 },
    streams,
  };
}
