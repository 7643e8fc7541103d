import type { PlannedShard } from '../planner/shard-state.ts';
import type { ShardClient } from '../shards/shard-client.ts';
import type { PoolFigures } from './merged-metrics.ts';

/** What the server shows; read anew at each request. */
export interface Pool {
  readonly clients: ReadonlyMap<string, ShardClient>;
  /** What was planned for each; absent before the first plan is made. */
  readonly shards: readonly PlannedShard[] | undefined;
  readonly figures: PoolFigures;
}
