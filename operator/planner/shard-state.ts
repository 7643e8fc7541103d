import type { HandOver, StreamRole } from '../../crds/assignment.ts';
import type { ShardReport } from '../../crds/shard-report.ts';

/**
 * How a shard is, as its host sees it.
 * - `Starting`: its pod was not ready yet; it takes streams.
 * - `Ready`: it answers.
 * - `Unknown`: it does not answer, which is no reason to move anything; it takes nothing new.
 * - `Draining`: its node is to be emptied; its streams leave by moves and it takes nothing new.
 * - `Lost`: nobody watches its streams any more; they go elsewhere at once.
 */
export type ShardHealth = 'Starting' | 'Ready' | 'Unknown' | 'Draining' | 'Lost';

/** One (stream, detector subset) pair on a shard. */
export interface Placement {
  /** `namespace/name` of the StreamMonitor. */
  readonly monitor: string;
  readonly name: string;
  /** Sorted. */
  readonly detectors: readonly string[];
  /** CPU that it is planned with, in ms per second. */
  readonly cost: number;
  readonly role: StreamRole;
  /** Generation of the shard's assignment in which it got its role. */
  readonly generation: number;
  /** Since when it is on this shard, in ms since 1970. */
  readonly since: number;
  /** Why it was put here: one sentence. */
  readonly reason: string;
  /** Shard that it came from, or is coming from. */
  readonly from?: string;
  /** What the owner takes over; gone once it has said that it is the owner. */
  readonly adopt?: HandOver;
}

/** A shard and what its assignment names. */
export interface PlannedShard {
  readonly name: string;
  /** Pods of one pool look the same; a stream can be on shards of its own pool only. */
  readonly pool: string;
  readonly placements: readonly Placement[];
}

/** A shard that exists. */
export interface ShardState extends PlannedShard {
  readonly health: ShardHealth;
  /** Of the assignment that holds `placements`. */
  readonly generation: number;
  /** The last that it said of itself, however long ago. */
  readonly report?: ShardReport;
}

/** What a (stream, subset) pair is called among all pairs. */
export function pairKey({
  monitor,
  name,
  detectors,
}: Pick<Placement, 'monitor' | 'name' | 'detectors'>): string {
  return `${monitor}/${name} ${detectors.join(',')}`;
}
