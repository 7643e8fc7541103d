import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { pageRoutes, type Wall } from '../../crds/page-api.ts';
import type { ShardReport } from '../../crds/shard-report.ts';
import type { Plan } from '../planner/plan.ts';
import type { ShardAnswer, ShardClient } from '../shards/shard-client.ts';
import { mergedMetrics, type PoolFigures } from './merged-metrics.ts';
import { mergedWall } from './merged-wall.ts';

/** What the server shows; read anew at each request. */
export interface Pool {
  readonly clients: ReadonlyMap<string, ShardClient>;
  readonly plan: Plan | undefined;
  readonly figures: PoolFigures;
}

/** One API and one set of metrics for all shards of a pool, each request fanned out to them. Read-only. */
export function poolServer(pool: () => Pool, logger: Logger): FastifyInstance {
  const server = Fastify({ logger: false, forceCloseConnections: true });
  server.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send({ error: error.message });
    logger.error({ route: request.routeOptions.url, reason: error.message }, 'request failed');
    return reply.code(status).send({ error: 'internal error' });
  });

  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_, reply) => {
    const answers = await Promise.all([...pool().clients.values()].map((client) => client.get('/readyz')));
    const ready = pool().plan !== undefined && answers.every((answer) => answer?.status === 200);
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ok' : 'not all shards are ready' });
  });
  server.get('/metrics', async (_, reply) => {
    const { clients, figures } = pool();
    const { contentType, text } = await mergedMetrics(clients, figures);
    return reply.type(contentType).send(text);
  });
  server.get('/report', async () => ({ shards: await fromAll<ShardReport>(pool(), '/report') }));
  server.get(pageRoutes.wall, async (_, reply): Promise<Wall> => {
    const walls = await fromAll<Wall>(pool(), pageRoutes.wall);
    reply.header('cache-control', 'no-store');
    return mergedWall(walls, pool().plan, new Date().toISOString());
  });
  // Which shard has a picture is known for streams; evidence may be on any, also of one that moved since.
  server.get<{ Params: { namespace: string; monitor: string; file: string } }>(
    `${pageRoutes.thumbnails}/:namespace/:monitor/:file`,
    ({ url, params: { namespace, monitor, file } }, reply) =>
      firstOf(clientsOf(pool(), `${namespace}/${monitor}`, file.replace(/\.jpg$/, '')), url, reply),
  );
  server.get(`${pageRoutes.evidence}/*`, ({ url }, reply) =>
    firstOf([...pool().clients.values()], url, reply),
  );
  return server;
}

async function fromAll<T>({ clients }: Pool, path: string): Promise<T[]> {
  const answers = await Promise.all([...clients.values()].map((client) => client.json<T>(path)));
  return answers.filter((answer) => answer !== undefined);
}

function clientsOf({ clients, plan }: Pool, monitor: string, name: string): ShardClient[] {
  return Object.entries(plan?.shards ?? {})
    .filter(([, on]) => on.some((placement) => placement.monitor === monitor && placement.name === name))
    .flatMap(([shard]) => clients.get(shard) ?? []);
}

/** The first shard's answer that is a picture. */
async function firstOf(
  clients: readonly ShardClient[],
  path: string,
  reply: FastifyReply,
): Promise<FastifyReply> {
  let best: ShardAnswer | undefined;
  for (const client of clients) {
    best = await client.get(path);
    if (best?.status === 200) break;
  }
  if (best?.status !== 200) return reply.code(404).send({ error: 'there is no such picture' });
  return reply.type(best.contentType).header('cache-control', 'private, max-age=60').send(best.body);
}
