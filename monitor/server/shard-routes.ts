import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { ShardReport } from '../../crds/shard-report.ts';

/** What machines are told, asked for at each request. */
export interface ShardSources {
  readonly metrics: Registry;
  readonly report: () => ShardReport;
  /** Why the shard is not ready to watch; `undefined` when it is. */
  readonly notReady: () => string | undefined;
}

/** What machines read: Prometheus, the kubelet, the operator and `run`. */
export function shardRoutes(server: FastifyInstance, { metrics, report, notReady }: ShardSources): void {
  const querystring = {
    type: 'object',
    properties: { format: { type: 'string', enum: ['text', 'json'] } },
  } as const;
  server.get<{ Querystring: { format?: 'text' | 'json' } }>(
    '/metrics',
    { schema: { querystring } },
    async ({ query }, reply) => {
      // As prom-client's `AggregatorRegistry.aggregate` takes it, to add up the shards of one `run`.
      if (query.format === 'json') return reply.send(await metrics.getMetricsAsJSON());
      return reply.type(metrics.contentType).send(await metrics.metrics());
    },
  );
  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_, reply) => {
    const reason = notReady();
    return reply.code(reason === undefined ? 200 : 503).send({ status: reason ?? 'ok' });
  });
  server.get('/report', async () => report());
}
