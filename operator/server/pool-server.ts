import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { pageRoutes, type Wall } from '../../crds/page-api.ts';
import type { PageAssets } from '../../crds/page-assets.ts';
import { createPageServer } from '../../crds/page-server.ts';
import type { ShardReport } from '../../crds/shard-report.ts';
import { mergedMetrics } from './merged-metrics.ts';
import { mergedWall } from './merged-wall.ts';
import type { Pool } from './pool.ts';
import { shardPageRoutes } from './shard-page-routes.ts';
import type { WallShard } from './shard-wall.ts';

/** One page, one API and one set of metrics for all shards of a pool, each request fanned out to them. */
export async function poolServer(
  pool: () => Pool,
  assets: PageAssets,
  logger: Logger,
): Promise<FastifyInstance> {
  const server = await createPageServer(assets, logger);
  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_, reply) => {
    const { clients, shards } = pool();
    const answers = await Promise.all([...clients.values()].map((client) => client.get('/readyz')));
    const ready = shards !== undefined && answers.every((answer) => answer?.status === 200);
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ok' : 'not every shard is ready' });
  });
  server.get('/metrics', async (_, reply) => {
    const { clients, figures } = pool();
    const { contentType, text } = await mergedMetrics(clients, figures);
    return reply.type(contentType).send(text);
  });
  server.get('/report', async () => ({ shards: await fromAll<ShardReport>(pool(), '/report') }));
  server.get(pageRoutes.wall, async (): Promise<Wall> => {
    const walls = await fromAll<Wall>(pool(), pageRoutes.wall);
    return mergedWall(walls, pool().shards ?? [], new Date().toISOString());
  });
  shardPageRoutes(server, () => wallShards(pool()));
  return server;
}

/** Those too that run on, without a stream in the plan. */
function wallShards({ clients, shards = [] }: Pool): WallShard[] {
  const planned = shards.map(({ name, placements }): WallShard => ({ key: name, placements }));
  const all = new Map(planned.map((shard) => [shard.key, shard]));
  for (const [key, client] of clients) all.set(key, { key, placements: [], ...all.get(key), client });
  return [...all.values()];
}

async function fromAll<T>({ clients }: Pool, path: string): Promise<T[]> {
  const answers = await Promise.all([...clients.values()].map((client) => client.json<T>(path)));
  return answers.filter((answer) => answer !== undefined);
}
