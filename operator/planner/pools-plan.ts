import type { DetectorCosts } from './cost.ts';
import type { PoolPolicy } from './pool-policy.ts';
import type { PlannedShard, ShardState } from './shard-state.ts';
import type { StreamDemand } from './stream-demand.ts';

/**
 * Why a (stream, subset) is put somewhere, or taken away. `Lost`, `Drain`, `RollOut`, `Overload` and `Consolidate`
 * concern the shard that it leaves, `Priority` the more important stream that it makes room for, `Duplicate` a second
 * owner that must not be.
 */
export type MoveCause =
  | 'New'
  | 'Lost'
  | 'Drain'
  | 'RollOut'
  | 'Overload'
  | 'Consolidate'
  | 'Priority'
  | 'Ended'
  | 'Duplicate';

/** One (stream, subset) of a plan. */
export interface PairName {
  /** `namespace/name` of the StreamMonitor. */
  readonly monitor: string;
  readonly name: string;
  readonly detectors: readonly string[];
}

/** What a plan decides to change. `from` is absent for what was not watched, `to` for what no longer is. */
export interface Move extends PairName {
  readonly from?: string;
  readonly to?: string;
  readonly cause: MoveCause;
  readonly reason: string;
}

/** A move that is due and held back. */
export interface WaitingMove extends PairName {
  readonly from: string;
  readonly cause: MoveCause;
  readonly reason: string;
}

/** What cannot be watched, why, and what would help. */
export interface ShedPair extends PairName {
  /** ms CPU per second. */
  readonly cost: number;
  readonly reason: string;
}

/** A pool into which no stream is moved by choice until somebody has looked. */
export interface HaltedPool {
  readonly pool: string;
  readonly reason: string;
}

/** A stream divided because no shard could hold it whole. */
export interface StreamSplit {
  readonly monitor: string;
  readonly name: string;
  readonly subsets: readonly (readonly string[])[];
  /** What decoding it more than once costs, in ms CPU per second. */
  readonly extraCost: number;
  readonly reason: string;
}

export interface PlanRequest {
  /** ms since 1970. */
  readonly now: number;
  readonly streams: readonly StreamDemand[];
  /** Every shard that exists, after `advanceMoves`. */
  readonly shards: readonly ShardState[];
  /** For every pool of `streams` and `shards`. */
  readonly policies: Readonly<Record<string, PoolPolicy>>;
  readonly detectorCosts: DetectorCosts;
  /** By `pairKey`, in ms CPU per second. What is not in it costs what it was placed with, or what is declared. */
  readonly measuredCosts: ReadonlyMap<string, number>;
  /** Size of a StreamMonitor's settings in an assignment document, by `namespace/name`. */
  readonly monitorBytes: Readonly<Record<string, number>>;
}

/** Who watches what, in all pools. */
export interface PoolsPlan {
  /** Every shard that should exist from now, those included that are empty and go once they have delivered. */
  readonly shards: readonly PlannedShard[];
  /** Names of empty shards that stay, so that a new stream meets no cold start. */
  readonly warm: ReadonlySet<string>;
  readonly moves: readonly Move[];
  readonly waiting: readonly WaitingMove[];
  readonly shed: readonly ShedPair[];
  readonly halted: readonly HaltedPool[];
  readonly splits: readonly StreamSplit[];
}
