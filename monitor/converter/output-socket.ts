import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { NutReader, type NutSink } from './nut-reader.ts';

/** One output of ffmpeg: a unix socket server that feeds a NUT reader. */
export class OutputSocket {
  readonly #server: Server;
  readonly #pace: () => Promise<unknown> | undefined;
  readonly listening: Promise<void>;
  /** Resolves with what the reader or its sink threw; never where all is well. */
  readonly failed: Promise<unknown>;
  #open: Socket | undefined;
  #held = false;
  #fail: (reason: unknown) => void = () => {};

  constructor(path: string, sink: NutSink, pace: () => Promise<unknown> | undefined) {
    this.#pace = pace;
    this.failed = new Promise((resolve) => {
      this.#fail = resolve;
    });
    rmSync(path, { force: true });
    const reader = new NutReader(sink);
    this.#server = createServer((socket) => this.#receive(socket, reader)).listen(path);
    this.listening = new Promise((resolve, reject) => {
      this.#server.once('listening', resolve);
      this.#server.on('error', reject);
    });
  }

  hold(held: boolean): void {
    this.#held = held;
    if (held) this.#open?.pause();
    else this.#open?.resume();
  }

  /** Resolves when everything that ffmpeg wrote before it ended has been read. */
  async drain(): Promise<void> {
    this.#server.close();
    const socket = this.#open;
    if (socket && !socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  }

  #receive(socket: Socket, reader: NutReader): void {
    this.#open = socket;
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      try {
        reader.write(chunk);
        const waiting = this.#pace();
        if (waiting) {
          socket.pause();
          waiting.finally(() => socket.resume());
        }
      } catch (error) {
        socket.destroy();
        this.#fail(error);
      }
    });
    if (this.#held) socket.pause();
  }
}
