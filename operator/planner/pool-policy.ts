/** What the shards of a pool may use, and how much may move at once. Seconds unless said otherwise. */
export interface PoolPolicy {
  /** CPU that one shard may be given, in ms per second. */
  readonly shardCapacity: number;
  /** Most (stream, subset) pairs on one shard. */
  readonly streamsPerShard: number;
  /** Most shards of the pool. */
  readonly maxShards: number;
  /** Largest assignment document, in bytes. */
  readonly assignmentBytes: number;
  /** CPU kept free in the pool's shards for new streams, in ms per second: a new stream meets no cold start. */
  readonly warmHeadroom: number;
  /** Most moves under way at once, and most begun within a minute; loss of a shard is bound by neither. */
  readonly movesInFlight: number;
  readonly movesPerMinute: number;
  /** A stream that has moved stays for this long, unless it must go. */
  readonly coolDown: number;
  /** Share of the capacity by which things must be better before a stream moves for it, 0 … 1. */
  readonly hysteresis: number;
  /** A stream that warms for longer than this halts further moves into its pool. */
  readonly warmTimeout: number;
}

/** What holds unless the installation says otherwise. */
export const defaultPolicy: PoolPolicy = {
  shardCapacity: 2000,
  streamsPerShard: 30,
  maxShards: 500,
  // A ConfigMap may have 1 MiB; one that small is written and read in milliseconds.
  assignmentBytes: 256 * 1024,
  warmHeadroom: 0,
  movesInFlight: 20,
  movesPerMinute: 60,
  coolDown: 600,
  hysteresis: 0.1,
  warmTimeout: 120,
};
