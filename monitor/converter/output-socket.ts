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
  /** What was read last is still being judged. */
  #paced = false;
  #released = false;
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

  /** While `held`, nothing is read. */
  hold(held: boolean): void {
    this.#held = held;
    this.#flow();
  }

  /** Reads what is left at once, whatever asks it to wait. */
  release(): void {
    this.#released = true;
    this.#flow();
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
          this.#paced = true;
          this.#flow();
          waiting.finally(() => {
            this.#paced = false;
            this.#flow();
          });
        }
      } catch (error) {
        socket.destroy();
        this.#fail(error);
      }
    });
    this.#flow();
  }

  #flow(): void {
    if (!this.#released && (this.#held || this.#paced)) this.#open?.pause();
    else this.#open?.resume();
  }
}
