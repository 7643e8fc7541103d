import compress from '@fastify/compress';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { pageRoutes, type Wall } from '../../crds/page-api.ts';
import { type PageAssets, pageHeaders } from '../../crds/page-assets.ts';
import type { ShardReport } from '../../crds/shard-report.ts';
import type { Plan } from '../planner/plan.ts';
import type { ShardClient } from '../shards/shard-client.ts';
import { mergedMetrics, type PoolFigures } from './merged-metrics.ts';
import { mergedWall } from './merged-wall.ts';
import { pageFiles } from './page-files.ts';
import { pictureRoutes } from './picture-routes.ts';

/** What the server shows; read anew at each request. */
export interface Pool {
  readonly clients: ReadonlyMap<string, ShardClient>;
  readonly plan: Plan | undefined;
  readonly figures: PoolFigures;
}

/** One page, one API and one set of metrics for all shards of a pool, each request fanned out to them. Read-only. */
export async function poolServer(
  pool: () => Pool,
  assets: PageAssets,
  logger: Logger,
): Promise<FastifyInstance> {
  const server = Fastify({ logger: false, forceCloseConnections: true });
  await server.register(compress, { encodings: ['gzip'], zlibOptions: { level: 3 } });
  server.addHook('onSend', async (_, reply) => {
    reply.headers(pageHeaders);
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
  server.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send({ error: error.message });
    logger.error({ route: request.routeOptions.url, reason: error.message }, 'request failed');
    return reply.code(status).send({ error: 'internal error' });
  });

  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_, reply) => {
    const { clients, plan } = pool();
    const answers = await Promise.all([...clients.values()].map((client) => client.get('/readyz')));
    const ready = plan !== undefined && answers.every((answer) => answer?.status === 200);
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
    return mergedWall(walls, pool().plan, new Date().toISOString());
  });
  pictureRoutes(server, pool);
  pageFiles(server, assets);
  return server;
}

async function fromAll<T>({ clients }: Pool, path: string): Promise<T[]> {
  const answers = await Promise.all([...clients.values()].map((client) => client.json<T>(path)));
  return answers.filter((answer) => answer !== undefined);
}
