import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pageRoutes } from '../../crds/page-api.ts';
import { sendRevalidated } from '../../crds/page-server.ts';
import type { ShardClient } from '../shards/shard-client.ts';
import type { Pool } from './pool.ts';

/** Thumbnails and evidence, from the shard that has them. */
export function pictureRoutes(server: FastifyInstance, pool: () => Pool): void {
  server.get<{ Params: { namespace: string; monitor: string; file: string } }>(
    `${pageRoutes.thumbnails}/:namespace/:monitor/:file`,
    (request, reply) => {
      const { namespace, monitor, file } = request.params;
      const name = file.replace(/\.jpe?g$/, '');
      return firstPicture(clientsOf(pool(), `${namespace}/${monitor}`, name), request, reply);
    },
  );
  // Evidence may be on any shard: its stream may have moved since.
  server.get(`${pageRoutes.evidence}/:file`, (request, reply) =>
    firstPicture([...pool().clients.values()], request, reply),
  );
}

function clientsOf({ clients, shards }: Pool, monitor: string, name: string): ShardClient[] {
  return (shards ?? [])
    .filter(({ placements }) => placements.some((on) => on.monitor === monitor && on.name === name))
    .flatMap((shard) => clients.get(shard.name) ?? []);
}

async function firstPicture(
  clients: readonly ShardClient[],
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  for (const client of clients) {
    const answer = await client.get(request.url);
    if (answer?.status !== 200) continue;
    const { contentType, etag, body } = answer;
    reply.header('cache-control', 'private, no-cache');
    if (etag === undefined) return reply.type(contentType).send(body);
    return sendRevalidated(request, reply, { contentType, etag, body });
  }
  return reply.code(404).send({ error: 'there is no such picture' });
}
