import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';

/** An origin whose one public address leads, for whoever has the token, to addresses that expire. */
export interface SigningOrigin {
  readonly url: string;
  /** Bearer token that the public address asks for from now on. */
  token: string;
  /** Times that the public address led on. */
  readonly resolved: number;
  /** Requests with a signature that had expired. */
  readonly expired: number;
  stop(): Promise<void>;
}

/**
 * Serves `directory` below paths signed with HMAC, as content delivery networks do: playlist and segments answer 403
 * once the signature has expired.
 * @param lifetime of a signature, in seconds
 */
export async function startSigningOrigin(
  directory: string,
  playlist: string,
  lifetime: number,
  token: string,
): Promise<SigningOrigin> {
  const secret = randomBytes(32);
  const signature = (expiry: string) => createHmac('sha256', secret).update(expiry).digest('hex');
  const counts = { resolved: 0, expired: 0 };
  const state = { token };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://origin');
    if (pathname === '/live.m3u8') {
      if (request.headers.authorization !== `Bearer ${state.token}`) return response.writeHead(401).end();
      counts.resolved++;
      const expiry = String(Date.now() + lifetime * 1000);
      const variant = `s/${expiry}/${signature(expiry)}/${playlist}`;
      return response.end(`#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=500000\n${variant}\n`);
    }
    const [, expiry = '', given] = /^\/s\/(\d+)\/(\w+)\//.exec(pathname) ?? [];
    if (given !== signature(expiry)) return response.writeHead(403).end();
    if (Date.now() > Number(expiry)) {
      counts.expired++;
      return response.writeHead(403).end();
    }
    const body = await readFile(join(directory, basename(pathname))).catch(() => undefined);
    return body ? response.end(body) : response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/live.m3u8`,
    get token() {
      return state.token;
    },
    set token(next) {
      state.token = next;
    },
    get resolved() {
      return counts.resolved;
    },
    get expired() {
      return counts.expired;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
