import compress from '@fastify/compress';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { type PageAssets, pageHeaders } from './page-assets.ts';

/**
 * An HTTP server with the page on it, to which monitor and operator add their routes. Read-only: GET and HEAD,
 * nothing else. What fails inside is logged, and never told to whoever asked.
 */
export async function createPageServer(assets: PageAssets, logger: Logger): Promise<FastifyInstance> {
  const server = Fastify({ logger: false, forceCloseConnections: true });
  // Level 3 takes a wall of 300 streams to a tenth in a few milliseconds; the default of 6 gains little more.
  await server.register(compress, { encodings: ['gzip'], zlibOptions: { level: 3 } });
  server.addHook('onSend', async (_, reply) => {
    reply.headers(pageHeaders);
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
  server.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send({ error: error.message });
    logger.error({ route: request.routeOptions.url, err: error }, 'request failed');
    return reply.code(status).send({ error: 'internal error' });
  });
  server.setNotFoundHandler((request, reply) => {
    const readOnly = request.method === 'GET' || request.method === 'HEAD';
    if (readOnly) return reply.code(404).send({ error: 'there is nothing here' });
    return reply.code(405).header('allow', 'GET, HEAD').send({ error: 'everything here is read-only' });
  });
  for (const [path, asset] of assets) {
    // A new version must not meet modules of the old one: browsers ask each time.
    server.get(path, (request, reply) =>
      sendRevalidated(request, reply.header('cache-control', 'no-cache'), asset),
    );
  }
  return server;
}

/** An answer that a browser may keep, and has to ask about each time it wants to use it. */
export interface Revalidated {
  readonly contentType: string;
  /** Strong validator (RFC 9110 §8.8.3), quoted. */
  readonly etag: string;
  readonly body: Buffer;
}

/** Sends an answer, or 304 where the browser has it already (RFC 9110 §13.1.2). */
export function sendRevalidated(
  request: FastifyRequest,
  reply: FastifyReply,
  { contentType, etag, body }: Revalidated,
): FastifyReply {
  reply.header('etag', etag);
  if (request.headers['if-none-match']?.includes(etag)) return reply.code(304).send();
  return reply.type(contentType).send(body);
}
