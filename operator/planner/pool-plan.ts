/** What a pool may use. */
export interface PoolPolicy {
  /** CPU that one shard may be given, in ms per second. */
  readonly shardCapacity: number;
  /** Most (stream, subset) pairs on one shard. */
  readonly streamsPerShard: number;
  readonly maxShards: number;
}

/** One (stream, detector subset) pair on a shard; `cost` in ms CPU per second. */
export interface Placement {
  readonly monitor: string;
  readonly name: string;
  readonly detectors: readonly string[];
  readonly cost: number;
}

/** Who watches what, in one pool. */
export interface Plan {
  /** Rises with every plan; a shard refuses a lower one. */
  readonly generation: number;
  /** Placements of each shard, by its name; no shard is empty. */
  readonly shards: Readonly<Record<string, readonly Placement[]>>;
  /** What cannot be watched, and why. */
  readonly shed: readonly (Placement & { readonly reason: string })[];
}
