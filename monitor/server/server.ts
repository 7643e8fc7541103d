import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { PageAssets } from '../../crds/page-assets.ts';
import { createPageServer } from '../../crds/page-server.ts';
import { type PageSources, pageApiRoutes } from './page-api-routes.ts';
import { type ShardSources, shardRoutes } from './shard-routes.ts';

export interface ServerOptions extends PageSources, ShardSources {
  readonly assets: PageAssets;
  readonly logger: Logger;
}

/** The shard's HTTP side: metrics, probes, report, page API and page. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const server = await createPageServer(options.assets, options.logger);
  shardRoutes(server, options);
  pageApiRoutes(server, options);
  return server;
}
