import type { StreamReport } from '../../../crds/shard-report.ts';
import type { FieldError } from '../../../crds/validation-error.ts';
import type { Placement, ShardHealth } from '../../planner/shard-state.ts';

/** One of a StreamMonitor's (stream, subset) pairs on one shard. */
export interface ObservedPlacement {
  readonly shard: string;
  readonly health: ShardHealth;
  readonly placement: Placement;
  /** What the shard last said of it, under the assignment that gave it its role; absent before it has. */
  readonly report?: StreamReport;
}

/** An entry of a stream list that cannot be used; the others are watched. */
export interface StreamListProblem {
  readonly configMap: string;
  readonly key?: string | undefined;
  readonly index?: number | undefined;
  /** The field and the fix. */
  readonly message: string;
}

/** A stream and why it is not where it should be. */
export interface HeldBack {
  readonly name: string;
  readonly reason: string;
}

/** What is known of one StreamMonitor after a plan, with the reports of its shards. */
export interface MonitorObservation {
  /** `metadata.generation` that the plan was made for. */
  readonly generation: number;
  /** Wrong fields of the spec: its streams stay as they were. */
  readonly invalid: readonly FieldError[];
  readonly listProblems: readonly StreamListProblem[];
  readonly suspended: boolean;
  /** Names of all streams that it asks for, those outside their window included. */
  readonly streams: readonly string[];
  /** Names of those whose window is not open now. */
  readonly outsideWindow: readonly string[];
  readonly placements: readonly ObservedPlacement[];
  /** Streams that cannot be watched. */
  readonly shed: readonly HeldBack[];
  /** Streams that should move and wait for it. */
  readonly waiting: readonly HeldBack[];
  /** Why a roll-out that concerns its streams is halted. */
  readonly halted: readonly string[];
  /** Why the shards could not be written, such as an exceeded quota. */
  readonly applyError?: string;
}
