import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { Readable } from 'node:stream';
import ipaddr from 'ipaddr.js';
import type { StreamUrl } from '../../crds/stream-url.ts';
import {
  type Ingress,
  IngressError,
  type IngressListener,
  type IngressOptions,
  type IngressSession,
} from './ingress.ts';
import { sight } from './input-kinds.ts';
import { TsDatagrams } from './ts-datagrams.ts';
import { TsTap } from './ts-tap.ts';

/** Half a second at 64 Mb/s for the kernel to hold while the process is busy; it may grant less. */
const kernelBuffer = 4 * 1024 * 1024;
/** What may wait for the decoder, in bytes. */
const queueLimit = 8 * 1024 * 1024;

type UdpOptions = IngressListener & Pick<IngressOptions, 'onRemark'>;

/**
 * Receives MPEG-TS over UDP or RTP on the address and port of the URL; joins the group when the address is a
 * multicast one. `?localaddr=` names the interface to join on, `?sources=` the senders to join from
 * (source-specific multicast, RFC 4607).
 * @throws IngressError Unreachable when the address cannot be bound or the group cannot be joined
 */
export async function openUdp(url: StreamUrl, options: UdpOptions): Promise<Ingress> {
  const host = url.hostname;
  const group = ipaddr.isValid(host) && ipaddr.parse(host).range() === 'multicast' ? host : undefined;
  // Several streams may take different groups at one port; two takers of one unicast port are a mistake.
  const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', reuseAddr: group !== undefined });
  try {
    socket.bind({ port: url.port, ...(host && { address: host }), exclusive: true });
    await once(socket, 'listening');
    if (group) join(socket, group, url.query);
  } catch (error) {
    socket.close();
    throw unreachable(error, url.port);
  }
  try {
    socket.setRecvBufferSize(kernelBuffer);
  } catch {
    options.onRemark('the receive buffer keeps its default size');
  }
  return new UdpIngress(socket, url.port, options);
}

function join(socket: Socket, group: string, query: URLSearchParams): void {
  const local = query.get('localaddr') ?? undefined;
  const sources = (query.get('sources') ?? '').split(',').filter(Boolean);
  if (sources.length === 0) socket.addMembership(group, local);
  for (const source of sources) socket.addSourceSpecificMembership(source, group, local);
}

function unreachable(error: unknown, port: number): IngressError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const told: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port} is in use by another receiver`,
    EADDRNOTAVAIL: 'the address is not one of this host, nor a multicast group that can be joined here',
    EACCES: `port ${port} may not be opened: ports below 1024 are privileged`,
    ENODEV: 'there is no network interface to join the multicast group on',
    EINVAL: 'the multicast group or its interface is not valid',
    ENOTFOUND: 'the host name does not resolve',
  };
  return new IngressError('Unreachable', told[code] ?? `the port cannot be opened: ${code}`);
}

/** A sender may pause and come back, so a session lasts until its consumer or the caller ends it. */
class UdpIngress implements Ingress {
  readonly #socket: Socket;
  readonly #options: UdpOptions;
  #closed = false;
  #failure: IngressError | undefined;
  #queue: Readable | undefined;
  #datagrams = new TsDatagrams();
  #tap: TsTap;
  #foreign = 0;
  #changed: () => void = () => {};

  constructor(socket: Socket, port: number, options: UdpOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#tap = new TsTap(options);
    socket.on('message', (datagram) => this.#receive(datagram));
    socket.on('error', (error) => {
      this.#failure = unreachable(error, port);
      this.#end();
    });
  }

  async next(): Promise<IngressSession | undefined> {
    // Receiving starts with the first call; what comes between two sessions belongs to the next.
    if (!this.#queue || this.#queue.destroyed) this.#begin();
    const queue = this.#queue!;
    while (queue.readableLength === 0 && !this.#closed && !this.#failure) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
    if (this.#failure) throw this.#failure;
    if (this.#closed) return undefined;
    return {
      inputs: [{ carries: 'program', format: 'mpegts', bytes: queue }],
      expectedGap: 2,
      live: true,
      ...sight.packets,
    };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
    this.#end();
  }

  #begin(): void {
    this.#tap = new TsTap(this.#options);
    this.#datagrams = new TsDatagrams();
    this.#queue = this.#newQueue();
  }

  #newQueue(): Readable {
    const queue = new Readable({ read: () => {}, highWaterMark: queueLimit });
    queue.once('close', () => this.#changed());
    return queue;
  }

  #end(): void {
    this.#queue?.push(null);
    this.#changed();
  }

  #receive(datagram: Buffer): void {
    const payload = this.#datagrams.take(datagram);
    if (!payload) {
      if (this.#foreign++ === 0)
        this.#options.onRemark('a datagram holds no MPEG-TS packets; such are left out');
      return;
    }
    const queue = this.#queue;
    if (!queue || queue.destroyed) return;
    this.#tap.write(payload);
    const change = this.#tap.programChange;
    if (change) {
      // A decoder would not notice that other tracks or codecs follow: another session does.
      queue.push(payload.subarray(0, change.before));
      queue.push(null);
      this.#queue = this.#newQueue();
      this.#queue.push(Buffer.concat([change.tables, payload.subarray(change.after)]));
      return;
    }
    if (queue.readableLength + payload.length > queueLimit) this.#giveUp(queue);
    else queue.push(payload);
    this.#changed();
  }

  /**
   * Keeping up with the sender is worth more than completeness: old pictures are no monitoring. What waits is left out as
   * a whole: a hole in the middle would look like a fault of the sender.
   */
  #giveUp(queue: Readable): void {
    this.#failure = new IngressError(
      'Overloaded',
      'it comes faster than it is decoded, as this pod gets too little CPU: what waited is left out',
    );
    queue.destroy();
    this.#changed();
  }
}
