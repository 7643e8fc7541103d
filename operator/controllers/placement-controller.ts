import type { Logger } from 'pino';
import { advanceMoves } from '../planner/advance-moves.ts';
import {
  type ChangedAssignment,
  changedAssignments,
  type Installation,
  placementsOf,
} from '../planner/assignments.ts';
import { type DesiredMonitor, documentBytes } from '../planner/desired-monitor.ts';
import { detectorCosts } from '../planner/detector-costs.ts';
import { LearnedCosts } from '../planner/learned-cost.ts';
import { type PoolsPlan, planPools } from '../planner/plan-pools.ts';
import type { PoolPolicy } from '../planner/pool-policy.ts';
import type { ShardState } from '../planner/shard-state.ts';
import { type HostedShard, type ShardHost, StaleAssignmentError } from '../shards/shard-host.ts';

export interface PlacementOptions {
  readonly host: ShardHost;
  readonly installation: Installation;
  readonly policyOf: (pool: string) => PoolPolicy;
  /** Longest that a shard without streams goes on trying to deliver, in seconds. */
  readonly drainTimeout: number;
  readonly logger: Logger;
}

/** What was planned, and for whom, with all that follows from it. */
export interface PlacementStep {
  readonly desired: ReadonlyMap<string, DesiredMonitor>;
  readonly plan: PoolsPlan;
  readonly shards: readonly ShardState[];
  /** Time that planning took, in seconds. */
  readonly planSeconds: number;
  /** Assignments that are to be written. */
  readonly changed: readonly ChangedAssignment[];
  /** Shards that are to be removed. */
  readonly drained: readonly string[];
}

/**
 * Keeps a set of shards as the StreamMonitors ask. Level-triggered: each call looks at what is there and takes the
 * next step, so that it can end at any point and be called again by another process. The assignments are all its
 * memory, but for the costs that it has learned.
 */
export class PlacementController {
  readonly #options: PlacementOptions;
  readonly #costs = new LearnedCosts();
  /** What was said already of streams that cannot be watched, by StreamMonitor and stream. */
  #shed: ReadonlyMap<string, string> = new Map();

  constructor(options: PlacementOptions) {
    this.#options = options;
  }

  /**
   * One step. Not to be called again before it is done.
   * @param now ms since 1970
   * @throws StaleAssignmentError when somebody else wrote: to be called again
   */
  async reconcile(monitors: readonly DesiredMonitor[], now: number): Promise<PlacementStep> {
    const step = this.plan(monitors, now);
    await this.carryOut(step);
    return step;
  }

  /**
   * The next step, by what is known now.
   * @param now ms since 1970
   */
  plan(monitors: readonly DesiredMonitor[], now: number): PlacementStep {
    const { host, installation } = this.#options;
    const hosted = host.shards();
    const desired = new Map(monitors.map((monitor) => [monitor.key, monitor]));
    const started = performance.now();
    const shards = advanceMoves(hosted.map(stateOf));
    const plan = this.#plan(shards, monitors, now);
    const current = new Map(hosted.map(({ assignment }) => [assignment.shard, assignment]));
    const running = new Map(
      hosted.flatMap(({ assignment, report }) => (report ? [[assignment.shard, report.generation]] : [])),
    );
    const changed = changedAssignments(plan.shards, current, desired, installation, now, running);
    const planSeconds = (performance.now() - started) / 1000;
    this.#log(plan);
    return { desired, plan, shards, planSeconds, changed, drained: this.#drained(hosted, plan, now) };
  }

  /**
   * Does as much of a step as can be done, also when a part of it fails: each assignment is a whole by itself.
   * @throws StaleAssignmentError when somebody else wrote: to be planned again
   */
  async carryOut({ changed, drained }: PlacementStep): Promise<void> {
    const written = await Promise.allSettled(
      changed.map(({ assignment, pool }) => this.#options.host.apply(assignment, pool)),
    );
    const failures = written.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as unknown] : [],
    );
    // A fault is told before a conflict, which is none.
    const fault = failures.find((failure) => !(failure instanceof StaleAssignmentError)) ?? failures[0];
    if (fault instanceof StaleAssignmentError) throw fault;
    await Promise.all(drained.map((name) => this.#remove(name)));
    if (fault !== undefined) throw fault;
  }

  #plan(shards: readonly ShardState[], monitors: readonly DesiredMonitor[], now: number): PoolsPlan {
    for (const { report, placements } of shards) if (report) this.#costs.observe(report, placements);
    const streams = monitors.flatMap((monitor) => monitor.streams.map(({ demand }) => demand));
    const pools = new Set([...streams, ...shards].map(({ pool }) => pool));
    this.#costs.retain(shards);
    return planPools({
      now,
      streams,
      shards,
      policies: Object.fromEntries([...pools].map((pool) => [pool, this.#options.policyOf(pool)])),
      detectorCosts,
      measuredCosts: this.#costs.byPair,
      monitorBytes: Object.fromEntries(monitors.map(({ key, settings }) => [key, documentBytes(settings)])),
    });
  }

  /** Shards without streams that have delivered everything, or have tried for long enough. */
  #drained(hosted: readonly HostedShard[], { shards, warm }: PoolsPlan, now: number): string[] {
    const unused = new Set(
      shards
        .filter(({ name, placements }) => placements.length === 0 && !warm.has(name))
        .map(({ name }) => name),
    );
    return hosted
      .filter(({ assignment }) => unused.has(assignment.shard) && assignment.streams.length === 0)
      .filter(({ assignment, health, report }) => {
        if (!report) return health === 'Lost' || this.#hasWaited(assignment.time, now);
        const emptied = report.generation >= assignment.generation && report.streams.length === 0;
        return (emptied && report.spoolBytes === 0) || this.#hasWaited(assignment.time, now);
      })
      .map(({ assignment }) => assignment.shard);
  }

  #hasWaited(since: string | undefined, now: number): boolean {
    return now - Date.parse(since ?? '1970-01-01T00:00:00Z') > this.#options.drainTimeout * 1000;
  }

  async #remove(shard: string): Promise<void> {
    await this.#options.host.remove(shard);
    this.#options.logger.info({ shard }, 'shard removed');
  }

  #log({ moves, shed }: PoolsPlan): void {
    const { logger } = this.#options;
    for (const { monitor, name, detectors, from, to, cause, reason } of moves) {
      logger[from === undefined ? 'debug' : 'info'](
        { monitor, stream: name, detectors, from, to, cause, reason },
        'stream placed',
      );
    }
    const said = this.#shed;
    this.#shed = new Map(shed.map(({ monitor, name, reason }) => [`${monitor}/${name}`, reason]));
    for (const { monitor, name, reason } of shed) {
      if (said.get(`${monitor}/${name}`) === reason) continue;
      logger.warn({ monitor, stream: name, reason }, 'stream cannot be watched');
    }
  }
}

function stateOf({ assignment, pool, health, report }: HostedShard): ShardState {
  return {
    name: assignment.shard,
    pool,
    health,
    generation: assignment.generation,
    placements: placementsOf(assignment),
    ...(report && { report }),
  };
}
