import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Random } from '../accuracy/random.ts';

/**
 * How a network path is: `pass`; `frozen`: nothing comes through, connections stay; `cut`: connections end, and new
 * ones too; `half-open`: those that stand hear nothing any more, new ones pass; `failing`: HTTP 500 to all;
 * `slow`: everything comes `delay` later; `lossy`: now and then all that follows waits, as TCP makes of lost packets.
 */
export type RelayMode = 'pass' | 'frozen' | 'cut' | 'half-open' | 'failing' | 'slow' | 'lossy';

/** Milliseconds by which `slow` holds everything back. */
const delay = 1_500;
/** Of `lossy`: one chunk in so many waits this long, in ms, for what was lost to be sent again. */
const lostOneIn = 12;
const retransmission = 400;

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

/** A network path to a TCP port of 127.0.0.1 that a test can break and mend. */
export class Relay {
  readonly #server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  readonly #failing = createHttpServer((_, response) => response.writeHead(500).end());
  readonly #destination: number;
  readonly #pairs = new Set<Pair>();
  readonly #sockets = new Set<Socket>();
  #mode: RelayMode = 'pass';
  /** Of what is lost. */
  #random = new Random('relay');

  private constructor(destination: number) {
    this.#destination = destination;
  }

  /** @param destination port that it leads to */
  static async start(destination: number): Promise<Relay> {
    const relay = new Relay(destination);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** A URL that leads to the destination, through this path. */
  through(url: string): string {
    const changed = new URL(url);
    changed.port = String(this.port);
    return changed.href;
  }

  /** `random`: of `lossy`, which chunks are lost. */
  set(mode: RelayMode, random?: Random): void {
    this.#mode = mode;
    if (random) this.#random = random;
    if (mode === 'cut' || mode === 'failing') this.#destroyAll();
    else if (mode === 'half-open') this.#forget();
    for (const { near, far } of this.#pairs) {
      for (const socket of [near, far]) {
        if (mode === 'frozen') socket.pause();
        else socket.resume();
      }
    }
  }

  async close(): Promise<void> {
    this.#destroyAll();
    this.#failing.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Both sides of what stands are silent for ever, and neither is told. */
  #forget(): void {
    for (const { near, far } of this.#pairs) {
      for (const socket of [near, far]) socket.removeAllListeners('data').pause();
    }
    this.#pairs.clear();
  }

  #accept(near: Socket): void {
    this.#keep(near);
    if (this.#mode === 'cut') near.destroy();
    else if (this.#mode === 'failing') this.#failing.emit('connection', near);
    else this.#join(near);
  }

  #join(near: Socket): void {
    const far = connect({ port: this.#destination, host: '127.0.0.1', allowHalfOpen: true });
    this.#keep(far);
    const pair = { near, far };
    this.#pairs.add(pair);
    const passing = () => this.#pairs.has(pair);
    this.#carry(near, far, passing);
    this.#carry(far, near, passing);
    if (this.#mode === 'frozen') for (const socket of [near, far]) socket.pause();
  }

  #carry(from: Socket, to: Socket, passing: () => boolean): void {
    // One timer for all that waits: timers of one moment fire in any order.
    const waiting: { readonly due: number; readonly work: () => void }[] = [];
    let timer: NodeJS.Timeout | undefined;
    const flush = () => {
      while (waiting[0] && waiting[0].due <= performance.now()) waiting.shift()!.work();
      timer = waiting[0] && setTimeout(flush, Math.max(0, waiting[0].due - performance.now()));
    };
    const later = (work: () => void) => {
      const due = performance.now() + this.#holdBack();
      waiting.push({ due: Math.max(due, waiting.at(-1)?.due ?? 0), work });
      if (timer === undefined) flush();
    };
    from.on('data', (chunk: Buffer) => later(() => to.writable && to.write(chunk)));
    from.once('end', () => passing() && later(() => to.end()));
    from.once('close', () => passing() && later(() => to.destroy()));
  }

  /** Milliseconds that what comes now has to wait. */
  #holdBack(): number {
    if (this.#mode === 'slow') return delay;
    return this.#mode === 'lossy' && this.#random.chance(1 / lostOneIn) ? retransmission : 0;
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {}).once('close', () => this.#sockets.delete(socket));
  }
}
