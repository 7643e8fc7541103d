import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pageRoutes, type Wall } from '../../crds/page-api.ts';
import { sendRevalidated } from '../../crds/page-server.ts';
import type { StreamIdentity } from '../watch/watch-event.ts';

/** Kubernetes names, and streams with a rendition such as `channel-1@1080p`. */
const name = { type: 'string', pattern: '^[A-Za-z0-9]([-A-Za-z0-9.@_]{0,251}[A-Za-z0-9])?$' } as const;
const pictureName = { type: 'string', pattern: '^[A-Za-z0-9][-A-Za-z0-9.@_]{0,247}\\.jpe?g$' } as const;

/** What the page shows, asked for at each request. */
export interface PageSources {
  readonly wall: () => Wall;
  /** The newest picture of a stream as JPEG, where there is one. */
  readonly thumbnail: (identity: StreamIdentity) => Promise<Uint8Array | undefined>;
  /** The evidence picture of this file name as JPEG, where there is one. The name is a plain file name. */
  readonly evidence: (name: string) => Promise<Uint8Array | undefined>;
}

/** What the page reads. */
export function pageApiRoutes(server: FastifyInstance, { wall, thumbnail, evidence }: PageSources): void {
  server.get(pageRoutes.wall, async () => wall());

  server.get<{ Params: { namespace: string; monitor: string; file: string } }>(
    `${pageRoutes.thumbnails}/:namespace/:monitor/:file`,
    { schema: { params: paramsOf({ namespace: name, monitor: name, file: pictureName }) } },
    async (request, reply) => {
      const { namespace, monitor, file } = request.params;
      const stream = file.replace(/\.jpe?g$/, '');
      return sendPicture(request, reply, await thumbnail({ namespace, monitor, stream }));
    },
  );

  server.get<{ Params: { file: string } }>(
    `${pageRoutes.evidence}/:file`,
    { schema: { params: paramsOf({ file: pictureName }) } },
    async (request, reply) => sendPicture(request, reply, await evidence(request.params.file)),
  );
}

function paramsOf<P extends object>(properties: P) {
  return { type: 'object', properties, required: Object.keys(properties) } as const;
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
