import type { Plan } from '../planner/pool-plan.ts';
import type { ShardClient } from '../shards/shard-client.ts';
import type { PoolFigures } from './merged-metrics.ts';

/** What the server shows; read anew at each request. */
export interface Pool {
  readonly clients: ReadonlyMap<string, ShardClient>;
  /** Absent before the first one is made. */
  readonly plan: Plan | undefined;
  readonly figures: PoolFigures;
}
