import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFfmpeg, waitFor } from './managed-process.ts';
import { fileExists } from './packaged.ts';
import type { Sender } from './sender.ts';
import { clip, type Source } from './source.ts';

export interface RtspOptions {
  readonly source?: Source;
  /** Asked of every client (RFC 2617, Basic); not part of `url`. */
  readonly credentials?: { readonly user: string; readonly password: string };
}

/**
 * A live stream that clients pull over RTSP (RFC 2326), RTP interleaved with the control connection and no other
 * way. ffmpeg sends the RTP and describes it; this server hands both on. One video and one audio track.
 */
export async function startRtsp({ source = clip(), credentials }: RtspOptions = {}): Promise<Sender> {
  const scratch = await mkdtemp(join(tmpdir(), 'streammonitor-rtsp-'));
  const description = join(scratch, 'session.sdp');
  const clients = new Set<Client>();
  const sockets = [await boundSocket(), await boundSocket()];
  for (const [track, socket] of sockets.entries()) {
    socket.on('message', (packet) => {
      for (const client of clients) client.send(track, packet);
    });
  }
  const rtp = sockets.map((socket) => `rtp://127.0.0.1:${socket.address().port}?pkt_size=1200`);
  const [video, audio] = [source.map.slice(0, 2), source.map.slice(2, 4)];
  const ffmpeg = startFfmpeg([
    ...source.input,
    ...[...video, ...source.codec, '-an', '-f', 'rtp', rtp[0]!],
    ...[...audio, ...source.codec, '-vn', '-f', 'rtp', rtp[1]!],
    ...['-sdp_file', description],
  ]);
  const authorization = credentials && `Basic ${btoa(`${credentials.user}:${credentials.password}`)}`;
  const server = createServer((socket) => {
    const client = new Client(socket, () => describe(description), authorization);
    clients.add(client);
    socket.once('close', () => clients.delete(client));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port was assigned');

  const stop = async () => {
    await ffmpeg.kill();
    for (const client of clients) client.end();
    server.close();
    for (const socket of sockets.splice(0)) socket.close();
    await rm(scratch, { recursive: true, force: true });
  };
  try {
    await waitFor('session description', () => fileExists(description), ffmpeg);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `rtsp://127.0.0.1:${address.port}/live`,
    suspend: ffmpeg.suspend,
    resume: ffmpeg.resume,
    endMedia: async () => {
      await ffmpeg.kill();
      for (const client of clients) client.end();
    },
    stop,
  };
}

/** One control connection (RFC 2326): requests in, answers and interleaved packets out. */
class Client {
  readonly #socket: Socket;
  readonly #describe: () => Promise<string>;
  readonly #authorization: string | undefined;
  #received = Buffer.alloc(0);
  #playing = false;

  constructor(socket: Socket, describe: () => Promise<string>, authorization: string | undefined) {
    this.#socket = socket;
    this.#describe = describe;
    this.#authorization = authorization;
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => void this.#receive(chunk));
  }

  end(): void {
    this.#socket.destroy();
  }

  send(track: number, packet: Buffer): void {
    if (!this.#playing) return;
    const header = Buffer.from([0x24, 2 * track, packet.length >> 8, packet.length & 0xff]);
    this.#socket.write(Buffer.concat([header, packet]));
  }

  async #receive(chunk: Buffer): Promise<void> {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (;;) {
      // Reports of the receiver come between requests.
      if (this.#received[0] === 0x24) {
        if (this.#received.length < 4) return;
        const size = 4 + this.#received.readUInt16BE(2);
        if (this.#received.length < size) return;
        this.#received = this.#received.subarray(size);
        continue;
      }
      const end = this.#received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const request = this.#received.toString('latin1', 0, end);
      this.#received = this.#received.subarray(end + 4);
      await this.#answer(request);
    }
  }

  async #answer(request: string): Promise<void> {
    const [method, uri] = request.split(' ', 2);
    const header = (name: string) => new RegExp(`^${name}: *(.*)$`, 'im').exec(request)?.[1];
    const answer = (status: string, headers: Record<string, string> = {}, body = '') => {
      const all = { CSeq: header('CSeq') ?? '0', ...headers };
      const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
      this.#socket.write(`RTSP/1.0 ${status}\r\n${lines.join('')}\r\n${body}`);
    };
    if (method === 'OPTIONS') {
      return answer('200 OK', { Public: 'OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN' });
    }
    if (this.#authorization !== undefined && header('Authorization') !== this.#authorization) {
      return answer('401 Unauthorized', { 'WWW-Authenticate': 'Basic realm="live"' });
    }
    const { pathname } = new URL(uri!);
    if (!pathname.startsWith('/live')) return answer('404 Not Found');
    if (method === 'DESCRIBE') {
      const body = await this.#describe();
      const headers = { 'Content-Type': 'application/sdp', 'Content-Length': String(body.length) };
      return answer('200 OK', { ...headers, 'Content-Base': `${uri}/` }, body);
    }
    if (method === 'SETUP') {
      const transport = header('Transport') ?? '';
      if (!transport.includes('RTP/AVP/TCP')) return answer('461 Unsupported transport');
      return answer('200 OK', { Session: '1', Transport: transport });
    }
    answer('200 OK', { Session: '1' });
    if (method === 'PLAY') this.#playing = true;
    if (method === 'TEARDOWN') this.end();
  }
}

/** ffmpeg's own description, with an address for each track to be set up by. */
async function describe(file: string): Promise<string> {
  const lines = (await readFile(file, 'utf8')).split(/\r?\n/).filter((line) => line !== '');
  let track = 0;
  return lines
    .flatMap((line) => (line.startsWith('m=') ? [line, `a=control:track${track++}`] : [line]))
    .map((line) => `${line.replace(/^(m=\w+) \d+/, '$1 0')}\r\n`)
    .join('');
}

async function boundSocket(): Promise<UdpSocket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}
