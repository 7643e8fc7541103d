import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Lets pods in to servers of the tests, which listen on 127.0.0.1 only. */
export class Doorways {
  readonly #address: string;
  readonly #doors = new Map<number, { close(): void }>();

  /** @param address of this machine, as pods reach it */
  constructor(address: string) {
    this.#address = address;
  }

  /** The same URL as pods reach it: each connection is passed on to 127.0.0.1, at the same port. */
  async to(url: string): Promise<string> {
    const outside = new URL(url);
    const port = Number(outside.port);
    if (!this.#doors.has(port)) this.#doors.set(port, await this.#open(port));
    outside.hostname = this.#address;
    return outside.href;
  }

  close(): void {
    for (const door of this.#doors.values()) door.close();
    this.#doors.clear();
  }

  async #open(port: number): Promise<{ close(): void }> {
    const sockets = new Set<Socket>();
    const server = createServer((outside) => {
      const inside = connect(port, '127.0.0.1');
      for (const [socket, other] of [
        [outside, inside],
        [inside, outside],
      ] as const) {
        sockets.add(socket);
        socket.pipe(other);
        socket
          .on('error', () => {})
          .once('close', () => {
            sockets.delete(socket);
            other.destroy();
          });
      }
    }).listen(port, this.#address);
    await once(server, 'listening');
    return {
      close: () => {
        server.close();
        for (const socket of sockets) socket.destroy();
      },
    };
  }
}
