import { execFile } from 'node:child_process';
import { closeSync, constants, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NutReader, type NutSink } from './nut-reader.ts';

/** As much as a pipe of Linux holds (pipe(7)). */
const pipeBytes = 65_536;

/**
 * Makes the named pipes that outputs of ffmpeg are written to, and opens them.
 * @param pace what must be waited for before more is read
 * @throws Error when the system gives no more of them; nothing is left behind then
 */
export async function openPipes(
  outputs: readonly { readonly path: string; readonly sink: NutSink }[],
  pace: () => Promise<unknown> | undefined,
): Promise<readonly OutputPipe[]> {
  const pipes: OutputPipe[] = [];
  try {
    // Node makes none by itself.
    const paths = outputs.map(({ path }) => path);
    if (paths.length > 0) await makePipes(paths);
    for (const { path, sink } of outputs) pipes.push(new OutputPipe(path, sink, pace));
  } catch (error) {
    await Promise.all(pipes.map((pipe) => pipe.drain()));
    for (const { path } of outputs) rmSync(path, { force: true });
    throw error;
  }
  return pipes;
}

/**
 * Sees to it that named pipes can be made in a directory, before a stream needs them.
 * @throws Error saying what lacks
 */
export async function verifyPipes(directory: string): Promise<void> {
  const path = join(directory, 'probe');
  await makePipes([path]);
  rmSync(path, { force: true });
}

async function makePipes(paths: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)('mkfifo', ['-m', '600', ...paths]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error('mkfifo is not installed; on Debian or Ubuntu: apt-get install coreutils', {
      cause: error,
    });
  }
}

/**
 * One output of ffmpeg: a named pipe that feeds a NUT reader. It is read into memory that stays, most of a picture
 * right to where the frame is kept: a buffer of its own for each read costs more, in garbage, than judging it.
 */
export class OutputPipe {
  readonly #path: string;
  readonly #pace: () => Promise<unknown> | undefined;
  readonly #pipe: Socket;
  /** Resolves with what the reader or its sink threw; never where all is well. */
  readonly failed: Promise<unknown>;
  #held = false;
  /** What was read last is still being judged. */
  #paced = false;
  #released = false;
  #fail: (reason: unknown) => void = () => {};

  /** `path` is that of a named pipe, which is gone after `drain`. */
  constructor(path: string, sink: NutSink, pace: () => Promise<unknown> | undefined) {
    this.#path = path;
    this.#pace = pace;
    this.failed = new Promise((resolve) => {
      this.#fail = resolve;
    });
    const reader = new NutReader(sink);
    const between = Buffer.alloc(pipeBytes);
    this.#pipe = new Socket({
      // To wait for the writer would block the process.
      fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK),
      readable: true,
      writable: false,
      onread: {
        buffer: () => reader.rest() ?? between,
        callback: (count, buffer) =>
          this.#receive(() =>
            buffer === between ? reader.write(between.subarray(0, count)) : reader.filled(count),
          ),
      },
    });
    this.#pipe.on('error', () => this.#pipe.destroy());
    this.#pipe.once('end', () => this.#pipe.destroy());
    this.#flow();
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
    if (!this.#pipe.closed) {
      const closed = new Promise((resolve) => this.#pipe.once('close', resolve));
      // A pipe ends when its last writer goes; where ffmpeg never came to write, this is the only one.
      if (!this.#pipe.destroyed) closeSync(openSync(this.#path, constants.O_WRONLY | constants.O_NONBLOCK));
      await closed;
    }
    rmSync(this.#path, { force: true });
  }

  /** Whether to read on at once. */
  #receive(read: () => void): boolean {
    try {
      read();
    } catch (error) {
      this.#pipe.destroy();
      this.#fail(error);
      return false;
    }
    const waiting = this.#pace();
    if (!waiting) return true;
    this.#paced = true;
    this.#flow();
    waiting.finally(() => {
      this.#paced = false;
      this.#flow();
    });
    return !this.#waits;
  }

  get #waits(): boolean {
    return !this.#released && (this.#held || this.#paced);
  }

  #flow(): void {
    if (this.#waits) this.#pipe.pause();
    else this.#pipe.resume();
  }
}
