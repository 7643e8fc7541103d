import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A proxy on the way out of a network. */
export interface ForwardProxy {
  readonly url: string;
  /** Tunnels that were asked for. */
  readonly tunnels: () => number;
  close(): void;
}

/** Answers CONNECT. */
export async function startHttpProxy(): Promise<ForwardProxy> {
  let tunnels = 0;
  const server = createHttpServer();
  server.on('connect', (request, client: Duplex) => {
    tunnels++;
    const [host, port] = request.url!.split(':');
    join(client, host!, Number(port), () => client.write('HTTP/1.1 200 Connection established\r\n\r\n'));
  });
  return listening(server, 'http', () => tunnels);
}

/** SOCKS 5 without authentication (RFC 1928), for destinations given as IPv4 or as a name. */
export async function startSocksProxy(): Promise<ForwardProxy> {
  let tunnels = 0;
  const server = createServer(async (client: Socket) => {
    await once(client, 'readable');
    client.read();
    client.write(Buffer.from([5, 0]));
    await once(client, 'readable');
    const request: Buffer = client.read();
    tunnels++;
    const isName = request[3] === 3;
    const end = isName ? 5 + request[4]! : 8;
    const host = isName ? request.toString('latin1', 5, end) : [...request.subarray(4, end)].join('.');
    join(client, host, request.readUInt16BE(end), () =>
      client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])),
    );
  });
  return listening(server, 'socks5', () => tunnels);
}

/** Passes connections on to a port of this machine, and counts them. */
export interface Relay {
  readonly port: number;
  /** All that were made. */
  readonly made: () => number;
  /** Those that are open. */
  readonly open: () => number;
  close(): void;
}

export async function startRelay(target: number): Promise<Relay> {
  let made = 0;
  let open = 0;
  const server = createServer((client) => {
    made++;
    open++;
    client.once('close', () => open--);
    join(client, '127.0.0.1', target, () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, made: () => made, open: () => open, close: () => server.close() };
}

function join(client: Duplex, host: string, port: number, onConnected: () => void): void {
  const upstream = connect(port, host, () => {
    onConnected();
    client.pipe(upstream).pipe(client);
  });
  client.on('error', () => upstream.destroy());
  upstream.on('error', () => client.destroy());
}

async function listening(server: Server, scheme: string, tunnels: () => number): Promise<ForwardProxy> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `${scheme}://127.0.0.1:${port}`, tunnels, close: () => server.close() };
}
