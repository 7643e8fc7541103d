import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { Incident } from '../../crds/incident.ts';

/** A notification as it arrived, its signature verified. */
export interface ReceivedChange {
  readonly change: 'opened' | 'updated' | 'closed';
  readonly incident: Incident;
  /** Wall clock of the arrival, in ms since 1970. */
  readonly at: number;
}

export interface WebhookReceiver {
  readonly url: string;
  /** Every verified change, in order of arrival; repetitions under one id are left out. */
  readonly changes: readonly ReceivedChange[];
  /** Requests whose signature did not verify. */
  readonly rejected: () => number;
  close(): void;
}

/** A receiver as a user would write it: verifies with the public Standard Webhooks library. */
export async function startWebhookReceiver(
  secret: string,
  onChange: (change: ReceivedChange) => void,
): Promise<WebhookReceiver> {
  const webhook = new Webhook(secret);
  const changes: ReceivedChange[] = [];
  const seen = new Set<string>();
  let rejected = 0;
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    try {
      webhook.verify(body, request.headers as Record<string, string>);
    } catch {
      rejected++;
      response.writeHead(401).end();
      return;
    }
    response.writeHead(204).end();
    const event = JSON.parse(body) as { id: string; type: string; data: { incident: Incident } };
    if (seen.has(event.id)) return;
    seen.add(event.id);
    const received: ReceivedChange = {
      change: event.type.split('.').at(-1) as ReceivedChange['change'],
      incident: event.data.incident,
      at: Date.now(),
    };
    changes.push(received);
    onChange(received);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/incidents`,
    changes,
    rejected: () => rejected,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
