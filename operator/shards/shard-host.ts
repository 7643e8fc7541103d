import type { Assignment } from '../../crds/assignment.ts';
import type { ShardReport } from '../../crds/shard-report.ts';

/** Where shards run: processes on this machine, or pods. */
export interface ShardHost {
  /** Brings a shard to its assignment; starts it where there is none. */
  apply(assignment: Assignment): Promise<void>;
  /** What a shard says of itself; `undefined` when it does not answer, which says nothing about its streams. */
  report(shard: string): Promise<ShardReport | undefined>;
  /** Takes all streams from a shard and ends it once all that it still has to deliver is delivered. */
  remove(shard: string): Promise<void>;
  /** The assignments that lie there, of shards that are not being removed: what ran before the planner started. */
  assignments(): Promise<Assignment[]>;
}
