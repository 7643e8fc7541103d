import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Readable } from 'node:stream';

/** Enough for the longest probing of ffmpeg that the converter asks for. */
const replayLimit = 8 * 1024 * 1024;

/**
 * A loopback socket on which ffmpeg reads a session's bytes: TCP, because ffmpeg takes a unix socket for
 * something that it can seek in. Until `commit`, the bytes are kept, so that a second
 * ffmpeg, started because the first could not make out the streams, gets them all again.
 */
export class InputSocket {
  readonly #server: Server;
  readonly #source: Readable;
  #kept: Buffer[] | undefined = [];
  #keptBytes = 0;
  #given = 0;
  #sourceEnded = false;
  #closed = false;
  #reader: Socket | undefined;

  private constructor(source: Readable) {
    this.#source = source;
    source.pause();
    source.on('data', (chunk: Buffer) => this.#forward(chunk));
    source.once('end', () => this.#endSource());
    source.once('error', () => this.#endSource());
    source.once('close', () => this.#endSource());
    // The listener above set the stream flowing; nothing is read before ffmpeg asks.
    source.pause();
    this.#server = createServer((socket) => this.#serve(socket)).listen(0, '127.0.0.1');
  }

  static async listen(source: Readable): Promise<InputSocket> {
    const input = new InputSocket(source);
    await new Promise<void>((resolve, reject) => {
      input.#server.once('listening', resolve);
      input.#server.on('error', reject);
    });
    return input;
  }

  /** The source gave all it had, or broke off, before anyone closed it. */
  get sourceEnded(): boolean {
    return this.#sourceEnded;
  }

  /** Bytes of the source that a reader was given so far. */
  get given(): number {
    return this.#given;
  }

  /** More is there than its reader takes. */
  get waits(): boolean {
    return this.#reader?.writableNeedDrain ?? false;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The streams are known: what was kept for a second reader is dropped. */
  commit(): void {
    this.#kept = undefined;
  }

  close(): void {
    this.#closed = true;
    this.#server.close();
    this.#reader?.destroy();
    this.#source.destroy();
  }

  #serve(socket: Socket): void {
    this.#reader?.destroy();
    this.#reader = socket;
    socket.on('error', () => socket.destroy());
    socket.on('drain', () => this.#source.resume());
    for (const chunk of this.#kept ?? []) socket.write(chunk);
    if (this.#sourceEnded) socket.end();
    else this.#source.resume();
  }

  #forward(chunk: Buffer): void {
    if (this.#kept) {
      this.#kept.push(chunk);
      this.#keptBytes += chunk.length;
      if (this.#keptBytes > replayLimit) this.#kept = undefined;
    }
    this.#given += chunk.length;
    if (!this.#reader || this.#reader.destroyed || !this.#reader.write(chunk)) this.#source.pause();
  }

  #endSource(): void {
    if (this.#sourceEnded || this.#closed) return;
    this.#sourceEnded = true;
    this.#reader?.end();
  }
}
