import { AggregatorRegistry } from 'prom-client';
import type { ShardClient } from '../shards/shard-client.ts';

/** What the supervisor knows beside the metrics of its shards. */
export interface PoolFigures {
  /** Ends of shards that were not asked for, since the start. */
  readonly restarts: number;
  /** Streams that cannot be watched for want of capacity. */
  readonly shed: number;
}

/** The metrics of all shards in one text: series that several shards have are combined by each metric's aggregator. */
export async function mergedMetrics(
  clients: ReadonlyMap<string, ShardClient>,
  { restarts, shed }: PoolFigures,
): Promise<{ readonly contentType: string; readonly text: string }> {
  const answers = await Promise.all(
    [...clients.values()].map((client) => client.json<object[]>('/metrics?format=json')),
  );
  const shards = answers.filter((answer) => answer !== undefined);
  const own = [
    metric('gauge', 'streammonitor_shards', 'Shards that should run.', clients.size),
    metric(
      'gauge',
      'streammonitor_shards_answering',
      'Shards whose metrics are in this text.',
      shards.length,
    ),
    metric(
      'counter',
      'streammonitor_shard_restarts_total',
      'Ends of shards that nobody asked for.',
      restarts,
    ),
    metric('gauge', 'streammonitor_streams_shed', 'Streams not watched for want of capacity.', shed),
  ];
  const registry = AggregatorRegistry.aggregate([...shards, own]);
  return { contentType: registry.contentType, text: await registry.metrics() };
}

function metric(type: 'gauge' | 'counter', name: string, help: string, value: number): object {
  return { name, help, type, aggregator: 'sum', values: [{ value, labels: {} }] };
}
