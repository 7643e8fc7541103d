import type { FastifyInstance } from 'fastify';
import type { PageAssets } from '../../crds/page-assets.ts';

/** The page itself. Browsers ask each time whether a file is still good, so that no two versions ever mix. */
export function pageFiles(server: FastifyInstance, assets: PageAssets): void {
  for (const [path, { contentType, body, etag }] of assets) {
    server.get(path, (request, reply) => {
      reply.header('cache-control', 'no-cache').header('etag', etag);
      if (request.headers['if-none-match']?.includes(etag)) return reply.code(304).send();
      return reply.type(contentType).send(body);
    });
  }
}
