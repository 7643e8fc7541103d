import type { Assignment } from '../../crds/assignment.ts';
import type { ShardReport } from '../../crds/shard-report.ts';
import type { ShardHealth } from '../planner/shard-state.ts';

/** A shard as its host knows it. */
export interface HostedShard {
  readonly assignment: Assignment;
  readonly pool: string;
  readonly health: ShardHealth;
  /** The last that it said of itself, however long ago. */
  readonly report?: ShardReport;
}

/** Somebody else wrote an assignment since it was read: what was planned rests on what is no longer so. */
export class StaleAssignmentError extends Error {
  override name = 'StaleAssignmentError';
}

/** Where shards run: processes on this machine, or pods. */
export interface ShardHost {
  /** Every shard that exists, by what is known now. */
  shards(): readonly HostedShard[];
  /**
   * Writes the assignment of a shard, and starts the shard where there is none.
   * @throws StaleAssignmentError
   */
  apply(assignment: Assignment, pool: string): Promise<void>;
  /** Ends a shard that has no streams. */
  remove(shard: string): Promise<void>;
}
