import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy that knows how many readers a source has. */
export interface CountingProxy {
  /** A URL of the source, through the proxy. */
  url(of: string): string;
  readonly connections: number;
  /** The most at any time. */
  readonly most: number;
  close(): void;
}

/** Passes TCP connections on to a port of 127.0.0.1. */
export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const { port } = new URL(target);
  const clients = new Set<Socket>();
  let most = 0;
  const server = createServer((client) => {
    clients.add(client);
    most = Math.max(most, clients.size);
    const upstream = connect(Number(port), '127.0.0.1');
    client.once('close', () => {
      clients.delete(client);
      upstream.destroy();
    });
    upstream.once('close', () => client.destroy());
    for (const socket of [client, upstream]) socket.on('error', () => {});
    client.pipe(upstream).pipe(client);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port was assigned');
  return {
    url: (of) => {
      const url = new URL(of);
      url.port = String(address.port);
      return url.href;
    },
    get connections() {
      return clients.size;
    },
    get most() {
      return most;
    },
    close: () => {
      server.close();
      for (const socket of clients) socket.destroy();
    },
  };
}
