import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import type { IncidentEvent } from '../../crds/incident-event.ts';

/** A request whose signature the public Standard Webhooks library has verified. */
export interface Delivery {
  readonly id: string;
  readonly event: IncidentEvent;
  readonly headers: IncomingHttpHeaders;
  /** ms of a monotonic clock. */
  readonly at: number;
}

/** How to answer the n-th request (from 1); 204 when nothing is returned, never when `hang`. */
export type Answer = (
  delivery: Delivery,
  number: number,
) =>
  | { status?: number; headers?: Record<string, string>; body?: string; delay?: number; hang?: boolean }
  | undefined;

export interface WebhookServer {
  readonly url: string;
  readonly port: number;
  /** Every verified request in order of arrival, repetitions and refused ones included. */
  readonly deliveries: Delivery[];
  /** Ids of the requests that were answered with 2xx, in that order. */
  readonly acknowledged: string[];
  readonly unverified: () => number;
  close(): Promise<void>;
}

/** A webhook receiver that verifies each request with the secret of the moment and answers as told. */
export async function startWebhookServer(
  secret: () => string,
  answer: Answer = () => undefined,
  port = 0,
): Promise<WebhookServer> {
  const deliveries: Delivery[] = [];
  const acknowledged: string[] = [];
  let unverified = 0;

  const respond = async (delivery: Delivery, response: ServerResponse) => {
    const { status = 204, headers = {}, body, delay = 0, hang } = answer(delivery, deliveries.length) ?? {};
    if (hang) return;
    await sleep(delay);
    if (response.destroyed) return;
    if (status >= 200 && status < 300) acknowledged.push(delivery.id);
    response.writeHead(status, headers).end(body);
  };
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    try {
      const event = new Webhook(secret()).verify(
        body,
        request.headers as Record<string, string>,
      ) as IncidentEvent;
      const delivery = {
        id: String(request.headers['webhook-id']),
        event,
        headers: request.headers,
        at: performance.now(),
      };
      deliveries.push(delivery);
      await respond(delivery, response);
    } catch {
      unverified++;
      response.writeHead(401).end();
    }
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}/hook?token=in-the-url`,
    port: address.port,
    deliveries,
    acknowledged,
    unverified: () => unverified,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
