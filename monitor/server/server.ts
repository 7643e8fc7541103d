import compress from '@fastify/compress';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Wall } from '../../crds/page-api.ts';
import { type PageAssets, pageHeaders } from '../../crds/page-assets.ts';
import type { ShardReport } from '../../crds/shard-report.ts';
import type { StreamIdentity } from '../watch/watch-event.ts';
import { pageApiRoutes } from './page-api-routes.ts';
import { shardRoutes } from './shard-routes.ts';

/** What the server shows, asked for at each request. */
export interface ServerOptions {
  readonly metrics: Registry;
  readonly report: () => ShardReport;
  readonly wall: () => Wall;
  /** The newest picture of a stream as JPEG, where there is one. */
  readonly thumbnail: (identity: StreamIdentity) => Promise<Uint8Array | undefined>;
  /** The evidence picture of this file name as JPEG, where there is one. The name is a plain file name. */
  readonly evidence: (name: string) => Promise<Uint8Array | undefined>;
  /** Why the shard is not ready to watch; `undefined` when it is. */
  readonly notReady: () => string | undefined;
  readonly assets: PageAssets;
  readonly logger: Logger;
}

/** The shard's HTTP side: metrics, probes, report, page API and page. Read-only: GET and HEAD, nothing else. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { assets, logger } = options;
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

  shardRoutes(server, options);
  pageApiRoutes(server, options);
  for (const [path, { contentType, body, etag }] of assets) {
    server.get(path, (request, reply) => {
      // A new version must not meet modules of the old one: browsers ask each time, and get 304.
      reply.header('cache-control', 'no-cache').header('etag', etag);
      if (request.headers['if-none-match']?.includes(etag)) return reply.code(304).send();
      return reply.type(contentType).send(body);
    });
  }
  return server;
}
