import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { freeUdpPort } from './free-port.ts';
import { startFfmpeg } from './managed-process.ts';
import type { Sender } from './sender.ts';
import { clip, type Source } from './source.ts';

/** What becomes of an MPEG-TS packet (188 bytes) on its way; `undefined` loses it. */
export type Tamper = (packet: Buffer) => Buffer | undefined;

/** A sender of MPEG-TS packets over one path that a test can damage. */
export interface PacketSender extends Sender {
  /** Treats each packet so from now on; without argument, lets all pass. */
  tamper(treatment?: Tamper): void;
}

const packetSize = 188;

/** MPEG-TS over HTTP without end: each client gets the live packets from when it comes. */
export async function startHttpTs({ source = clip() }: { source?: Source } = {}): Promise<PacketSender> {
  const clients = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'video/mp2t' });
    response.flushHeaders();
    clients.add(response);
    request.once('close', () => clients.delete(response));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port was assigned');

  const packets = startPackets(source, (chunk) => {
    for (const client of clients) client.write(chunk);
  });
  return {
    ...packets,
    url: `http://127.0.0.1:${address.port}/live.ts`,
    endMedia: async () => {
      await packets.endMedia();
      for (const client of clients) client.end();
    },
    stop: async () => {
      await packets.endMedia();
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** MPEG-TS over UDP, seven packets a datagram, to a free port of 127.0.0.1 that the receiver binds. */
export async function startUdpTs({
  source = clip(),
  port,
}: {
  source?: Source;
  port?: number;
} = {}): Promise<PacketSender> {
  const target = port ?? (await freeUdpPort());
  const socket = createSocket('udp4');
  // Nobody is bound to the port until the receiver comes.
  socket.on('error', () => {});
  const packets = startPackets(source, (chunk) => {
    for (let at = 0; at < chunk.length; at += 7 * packetSize) {
      socket.send(chunk.subarray(at, at + 7 * packetSize), target, '127.0.0.1');
    }
  });
  let closed = false;
  return {
    ...packets,
    url: `udp://127.0.0.1:${target}`,
    stop: async () => {
      await packets.endMedia();
      if (!closed) socket.close();
      closed = true;
    },
  };
}

function startPackets(source: Source, send: (packets: Buffer) => void) {
  const ffmpeg = startFfmpeg(
    [...source.input, ...source.map, ...source.codec, '-f', 'mpegts', '-flush_packets', '1', 'pipe:1'],
    { readStdout: true },
  );
  let treatment: Tamper = (packet) => packet;
  forEachRun(ffmpeg.stdout, (run) => {
    const packets: Buffer[] = [];
    for (let at = 0; at < run.length; at += packetSize) {
      const packet = treatment(run.subarray(at, at + packetSize));
      if (packet) packets.push(packet);
    }
    if (packets.length > 0) send(Buffer.concat(packets));
  });
  return {
    suspend: ffmpeg.suspend,
    resume: ffmpeg.resume,
    endMedia: ffmpeg.kill,
    tamper: (next: Tamper = (packet) => packet) => {
      treatment = next;
    },
  };
}

/** Calls back with whole packets, as many as have come. */
function forEachRun(stream: Readable, each: (packets: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    const bytes = Buffer.concat([rest, chunk]);
    const whole = bytes.length - (bytes.length % packetSize);
    rest = bytes.subarray(whole);
    if (whole > 0) each(bytes.subarray(0, whole));
  });
}
