import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pageRoutes } from '../../crds/page-api.ts';
import {
  pageParameters,
  type StreamParameters,
  type ThumbnailParameters,
} from '../../crds/page-parameters.ts';
import { sendRevalidated } from '../../crds/page-server.ts';
import type { ShardAnswer } from '../shards/shard-client.ts';
import { type Found, ShardPages } from './shard-pages.ts';
import { ShardWall, type WallShard } from './shard-wall.ts';

/** What the page reads, from many shards. Read-only, and nothing but what the page API of a shard tells. */
export function shardPageRoutes(
  server: FastifyInstance,
  shards: () => readonly WallShard[],
  region?: string,
): void {
  const wall = new ShardWall({ shards, ...(region !== undefined && { region }) });
  const pages = new ShardPages(shards);
  server.addHook('onClose', async () => wall.stop());

  server.get<{ Querystring: { since?: string } }>(
    pageRoutes.tiles,
    { schema: pageParameters.tiles },
    async ({ query }) => wall.tiles(query.since),
  );
  server.get<{ Params: StreamParameters }>(
    `${pageRoutes.streams}/:namespace/:monitor/:name`,
    { schema: pageParameters.stream },
    async ({ params: { namespace, monitor, name } }, reply) => {
      const path = [pageRoutes.streams, ...[namespace, monitor, name].map(encodeURIComponent)].join('/');
      const answer = await pages.stream(`${namespace}/${monitor}`, name, path);
      return told(answer, reply, 'this stream is not watched here');
    },
  );
  server.get<{ Params: { id: string } }>(
    `${pageRoutes.incidents}/:id`,
    { schema: pageParameters.incident },
    async ({ params }, reply) =>
      told(
        await pages.incident(`${pageRoutes.incidents}/${params.id}`),
        reply,
        'this incident is not kept here',
      ),
  );
  server.get<{ Params: ThumbnailParameters }>(
    `${pageRoutes.thumbnails}/:namespace/:monitor/:file`,
    { schema: pageParameters.thumbnail },
    async (request, reply) => {
      const { namespace, monitor, file } = request.params;
      const path = [pageRoutes.thumbnails, ...[namespace, monitor, file].map(encodeURIComponent)].join('/');
      const name = file.replace(/\.jpe?g$/, '');
      return sendPicture(request, reply, await pages.thumbnail(`${namespace}/${monitor}`, name, path));
    },
  );
  server.get<{ Params: { file: string } }>(
    `${pageRoutes.evidence}/:file`,
    { schema: pageParameters.evidence },
    async (request, reply) => {
      const path = `${pageRoutes.evidence}/${encodeURIComponent(request.params.file)}`;
      return sendPicture(request, reply, await pages.evidence(path));
    },
  );
}

function told<T>(answer: Found<T>, reply: FastifyReply, absent: string): T | FastifyReply {
  if ('found' in answer) return answer.found;
  if (answer.missing === 'nowhere') return reply.code(404).send({ error: absent });
  return reply.code(503).send({ error: 'a process that may know does not answer' });
}

function sendPicture(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: ShardAnswer | undefined,
): FastifyReply {
  if (!answer) return reply.code(404).send({ error: 'there is no such picture' });
  const { contentType, etag, body } = answer;
  reply.header('cache-control', 'private, no-cache');
  if (etag === undefined) return reply.type(contentType).send(body);
  return sendRevalidated(request, reply, { contentType, etag, body });
}
