import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  type PageIncidentDetail,
  type PageStreamDetail,
  pageRoutes,
  type TileChanges,
  type Wall,
} from '../../crds/page-api.ts';
import {
  pageParameters,
  type StreamParameters,
  type ThumbnailParameters,
} from '../../crds/page-parameters.ts';
import { sendRevalidated } from '../../crds/page-server.ts';
import type { StreamIdentity } from '../watch/watch-event.ts';

/** What the page shows, asked for at each request. */
export interface PageSources {
  readonly wall: () => Wall;
  /** What changed since an earlier answer; all without. */
  readonly tiles: (since: string | undefined) => TileChanges;
  readonly stream: (identity: StreamIdentity) => PageStreamDetail | undefined;
  readonly incident: (id: string) => PageIncidentDetail | undefined;
  /** The newest picture of a stream as JPEG, where there is one. */
  readonly thumbnail: (identity: StreamIdentity) => Promise<Uint8Array | undefined>;
  /** The evidence picture of this file name as JPEG, where there is one. The name is a plain file name. */
  readonly evidence: (name: string) => Promise<Uint8Array | undefined>;
}

/** What the page reads. */
export function pageApiRoutes(
  server: FastifyInstance,
  { wall, tiles, stream, incident, thumbnail, evidence }: PageSources,
): void {
  server.get(pageRoutes.wall, async () => wall());

  server.get<{ Querystring: { since?: string } }>(
    pageRoutes.tiles,
    { schema: pageParameters.tiles },
    async ({ query }) => tiles(query.since),
  );

  server.get<{ Params: StreamParameters }>(
    `${pageRoutes.streams}/:namespace/:monitor/:name`,
    { schema: pageParameters.stream },
    async ({ params: { namespace, monitor, name } }, reply) =>
      stream({ namespace, monitor, stream: name }) ??
      reply.code(404).send({ error: 'this stream is not watched here' }),
  );

  server.get<{ Params: { id: string } }>(
    `${pageRoutes.incidents}/:id`,
    { schema: pageParameters.incident },
    async ({ params }, reply) =>
      incident(params.id) ?? reply.code(404).send({ error: 'this incident is not kept here' }),
  );

  server.get<{ Params: ThumbnailParameters }>(
    `${pageRoutes.thumbnails}/:namespace/:monitor/:file`,
    { schema: pageParameters.thumbnail },
    async (request, reply) => {
      const { namespace, monitor, file } = request.params;
      return sendPicture(
        request,
        reply,
        await thumbnail({ namespace, monitor, stream: file.replace(/\.jpe?g$/, '') }),
      );
    },
  );

  server.get<{ Params: { file: string } }>(
    `${pageRoutes.evidence}/:file`,
    { schema: pageParameters.evidence },
    async (request, reply) => sendPicture(request, reply, await evidence(request.params.file)),
  );
}

function sendPicture(
  request: FastifyRequest,
  reply: FastifyReply,
  jpeg: Uint8Array | undefined,
): FastifyReply {
  if (!jpeg) return reply.code(404).send({ error: 'there is no such picture' });
  const etag = `"${createHash('sha256').update(jpeg).digest('base64url')}"`;
  const body = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  // Evidence may still become worse under its name, so that only its contents say whether a copy is good.
  reply.header('cache-control', 'private, no-cache');
  return sendRevalidated(request, reply, { contentType: 'image/jpeg', etag, body });
}
