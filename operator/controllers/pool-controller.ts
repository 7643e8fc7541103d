import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Assignment, StreamAssignment } from '../../crds/assignment.ts';
import { detectorCatalogue } from '../../crds/detector-catalogue.ts';
import type { StreamMonitor } from '../../crds/stream-monitor.ts';
import { assignmentsOf, type Installation, planOf } from '../planner/assignments.ts';
import type { DetectorCosts } from '../planner/cost.ts';
import { demandsOf } from '../planner/demand.ts';
import { type Move, plan } from '../planner/plan.ts';
import type { Plan, PoolPolicy } from '../planner/pool-plan.ts';
import type { ShardHost } from '../shards/shard-host.ts';

const detectorCosts: DetectorCosts = Object.fromEntries(
  Object.values(detectorCatalogue).map(({ type, cost }) => [type, cost]),
);

/** Longest wait for a shard to let go of streams that move to another. Milliseconds. */
const releaseTimeout = 5_000;

/** Keeps the shards of one pool as the StreamMonitors ask. */
export class PoolController {
  readonly #host: ShardHost;
  readonly #policy: PoolPolicy;
  readonly #installation: Installation;
  readonly #logger: Logger;
  #plan: Plan | undefined;

  constructor(host: ShardHost, policy: PoolPolicy, installation: Installation, logger: Logger) {
    this.#host = host;
    this.#policy = policy;
    this.#installation = installation;
    this.#logger = logger;
  }

  /** What runs now; absent before the first `apply`. */
  get plan(): Plan | undefined {
    return this.#plan;
  }

  /** Plans anew and brings every shard to its part. Not to be called again before it is done. */
  async apply(monitors: readonly StreamMonitor[]): Promise<void> {
    const lying = this.#plan ? [] : await this.#host.assignments();
    const previous = this.#plan ?? planOf(lying);
    const streams = monitors.flatMap(demandsOf);
    // The host starts a shard again by itself and in its place, so none is ever lost.
    const { plan: next, moves } = plan({
      streams,
      detectorCosts,
      previous,
      health: {},
      policy: this.#policy,
    });
    this.#log(next, moves);

    const assignments = assignmentsOf(next, monitors, this.#installation);
    const unused = Object.keys(previous.shards).filter((shard) => !(shard in next.shards));
    await Promise.all(unused.map((shard) => this.#host.remove(shard)));
    await this.#release(assignments, moves, unused);
    await Promise.all(assignments.map((assignment) => this.#host.apply(assignment)));
    this.#plan = next;
  }

  /** Takes moving streams from where they are before they go on elsewhere: a stream never has two owners. */
  async #release(assignments: readonly Assignment[], moves: readonly Move[], removed: readonly string[]) {
    if (!this.#plan) return;
    const moving = moves.filter(({ from, to }) => from !== undefined && to !== undefined);
    const sources = assignments.filter(({ shard }) => moving.some(({ from }) => from === shard));
    await Promise.all(
      sources.map((assignment) => {
        const arrives = (stream: StreamAssignment) =>
          moving.some((move) => isMoveTo(move, assignment.shard, stream));
        const streams = assignment.streams.filter((stream) => !arrives(stream));
        return this.#host.apply({ ...assignment, streams });
      }),
    );
    const left = new Set(moving.map(({ from }) => from!));
    await Promise.all([...left].map((shard) => this.#released(shard, removed.includes(shard))));
  }

  async #released(shard: string, removed: boolean): Promise<void> {
    const generation = this.#plan!.generation + 1;
    const until = Date.now() + releaseTimeout;
    while (Date.now() < until) {
      const report = await this.#host.report(shard);
      if (report && report.generation >= generation && (!removed || report.streams.length === 0)) return;
      await sleep(50);
    }
    this.#logger.warn({ shard }, 'shard has not confirmed that it let go of streams; they go on elsewhere');
  }

  #log(next: Plan, moves: readonly Move[]): void {
    for (const { monitor, name, detectors, from, to, reason } of moves) {
      this.#logger.debug({ monitor, stream: name, detectors, from, to, reason }, 'stream placed');
    }
    for (const { monitor, name, reason } of next.shed) {
      this.#logger.error({ monitor, stream: name, reason }, 'stream cannot be watched');
    }
    const shards = Object.values(next.shards);
    this.#logger.info(
      {
        generation: next.generation,
        streams: shards.flat().length,
        shards: shards.length,
        moves: moves.length,
      },
      'plan made',
    );
  }
}

function isMoveTo(move: Move, shard: string, stream: StreamAssignment): boolean {
  return move.to === shard && move.monitor === stream.monitor && move.name === stream.name;
}
