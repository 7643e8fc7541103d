import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, expect, test } from 'vitest';
import { KubeClient } from '../../../operator/kube/kube-client.ts';
import { KubeConnection } from '../../../operator/kube/kube-connection.ts';
import { configMaps } from '../../../operator/kube/resource.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

test('a write whose connection takes longer than the right to write is not sent', async () => {
  const received: string[] = [];
  const server = await listening(
    createServer((request, response) => {
      received.push(request.method!);
      request.resume();
      response.setHeader('content-type', 'application/json').end('{}');
    }),
  );
  // A tunnel that is being made, as a TLS handshake is, until the test lets it stand.
  const { promise: standing, resolve: stand } = Promise.withResolvers<void>();
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  const proxy = createServer();
  proxy.on('connect', async (_request, near: Socket) => {
    const far = connect(server, '127.0.0.1');
    for (const side of [near, far]) {
      side.on('error', () => {});
      ends.push(() => side.destroy());
    }
    ask();
    await standing;
    near.write('HTTP/1.1 200 OK\r\n\r\n');
    near.pipe(far).pipe(near);
  });
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    {
      name: 'cluster',
      server: `http://127.0.0.1:${server}`,
      skipTLSVerify: true,
      proxyUrl: `http://127.0.0.1:${await listening(proxy)}`,
    },
    { name: 'user' },
  );
  const connection = new KubeConnection(() => config);
  ends.push(() => connection.close());
  let leads = true;
  const client = new KubeClient(connection, {
    ...{ userAgent: 'test', fieldManager: 'test', qps: 100, burst: 100 },
    mayWrite: () => leads,
  });

  const map = { metadata: { namespace: 'default', name: 'plan' } };
  const written = client.apply(configMaps, map).catch((error: Error) => error);
  await asked;
  leads = false;
  stand();
  expect(await written).toMatchObject({ code: 'Forbidden', reason: 'MayNotWrite' });
  expect(received).toEqual([]);

  leads = true;
  await client.apply(configMaps, map);
  expect(received).toEqual(['PATCH']);
});
