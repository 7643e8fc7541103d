import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { loadPageAssets } from '../../crds/page-assets.ts';
import { createPageServer } from '../../crds/page-server.ts';
import { shardPageRoutes } from './shard-page-routes.ts';
import type { WallShard } from './shard-wall.ts';

export interface OperatorServerOptions {
  readonly metrics: Registry;
  /** Why the process should be started anew; `undefined` when it is sound. */
  readonly unhealthy: () => string | undefined;
  /** Why it cannot do its work yet; `undefined` when it can, as a standby too. */
  readonly notReady: () => string | undefined;
  /** Shards whose streams the page shows, as they are known now: on a standby too. */
  readonly shards: () => readonly WallShard[];
  readonly region?: string;
  readonly logger: Logger;
}

/** What Prometheus and the kubelet ask of the operator, and the page of the whole cluster. Read-only. */
export async function operatorServer(options: OperatorServerOptions): Promise<FastifyInstance> {
  const { metrics, unhealthy, notReady, shards, region, logger } = options;
  const server = await createPageServer(loadPageAssets(), logger);
  shardPageRoutes(server, shards, region);
  server.get('/metrics', async (_, reply) => reply.type(metrics.contentType).send(await metrics.metrics()));
  for (const [path, problem] of [
    ['/healthz', unhealthy],
    ['/readyz', notReady],
  ] as const) {
    server.get(path, async (_, reply) => {
      const status = problem();
      return reply.code(status === undefined ? 200 : 503).send({ status: status ?? 'ok' });
    });
  }
  return server;
}
