import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { createPageServer } from '../../crds/page-server.ts';

export interface OperatorServerOptions {
  readonly metrics: Registry;
  /** Why the process should be started anew; `undefined` when it is sound. */
  readonly unhealthy: () => string | undefined;
  /** Why it cannot do its work yet; `undefined` when it can, as a standby too. */
  readonly notReady: () => string | undefined;
  readonly logger: Logger;
}

/** What Prometheus and the kubelet ask of the operator. Read-only. */
export async function operatorServer(options: OperatorServerOptions): Promise<FastifyInstance> {
  const { metrics, unhealthy, notReady, logger } = options;
  const server = await createPageServer(new Map(), logger);
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
