import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { FailureReason } from '../watch/running-detector.ts';
import type { FromThread, ThreadData, ToThread } from './thread-messages.ts';

export interface ModuleWorkerOptions {
  readonly module: string;
  readonly location: ThreadData;
  readonly onMessage: (message: FromThread) => void;
  /** Once: the thread is over. */
  readonly onEnd: (reason: FailureReason, message: string) => void;
  readonly logger: Logger;
}

/** JavaScript heap of one module, in MiB. */
const heapMegabytes = 64;
/** Memory outside of the heap, such as array buffers and WebAssembly, in MiB: no limit of the engine covers it. */
const externalMegabytes = 128;
const tickMilliseconds = 500;
/** Ticks without an answer after which a step is given up, and the import of the module. */
const patience = { step: 6, import: 20 } as const;

let code: URL | undefined;

/** The program of the thread without its types. */
function threadCode(): URL {
  if (!code) {
    const text = readFileSync(new URL('./module-thread.ts', import.meta.url), 'utf8');
    code = new URL(`data:text/javascript,${encodeURIComponent(stripTypeScriptTypes(text))}`);
  }
  return code;
}

/**
 * One thread with one module, watched from outside: it is ended when it blocks or takes more memory than it may.
 * Ticks are counted rather than time, so that a pause of this process is not held against the module.
 */
export class ModuleWorker {
  readonly #options: ModuleWorkerOptions;
  readonly #worker: Worker;
  readonly #timer: NodeJS.Timeout;
  #loaded = false;
  #unanswered = 0;
  #idleTicks = 0;
  #ended = false;

  constructor(options: ModuleWorkerOptions) {
    this.#options = options;
    this.#worker = new Worker(threadCode(), {
      name: `module ${options.module}`,
      workerData: options.location,
      env: {},
      argv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes, maxYoungGenerationSizeMb: 8, stackSizeMb: 4 },
    });
    this.#timer = setInterval(() => this.#tick(), tickMilliseconds).unref();
    this.#worker.on('message', (message: FromThread) => this.#receive(message));
    this.#worker.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY')
        this.#end('memory', `it used more than ${heapMegabytes} MiB of heap`);
      else this.#end('threw', `it threw outside of a step: ${error.message}`);
    });
    this.#worker.on('exit', () => this.#end('exited', 'its thread ended by itself'));
    this.#logOutput();
  }

  post(message: ToThread, transfer: readonly ArrayBuffer[] = []): void {
    if (message.type !== 'destroy') this.#unanswered++;
    this.#worker.postMessage(message, [...transfer]);
  }

  /** CPU that the thread has used, in seconds. */
  async cpuSeconds(): Promise<number> {
    const { user, system } = await this.#worker.cpuUsage();
    return (user + system) / 1e6;
  }

  /** Ends the thread without telling of it. */
  async close(): Promise<void> {
    this.#ended = true;
    clearInterval(this.#timer);
    await this.#worker.terminate();
  }

  #receive(message: FromThread): void {
    if (this.#ended) return;
    this.#idleTicks = 0;
    if (message.type === 'loaded' || message.type === 'not-loaded') this.#loaded = true;
    else this.#unanswered--;
    this.#options.onMessage(message);
  }

  #tick(): void {
    if (this.#loaded && this.#unanswered === 0) this.#idleTicks = 0;
    else this.#idleTicks++;
    const limit = this.#loaded ? patience.step : patience.import;
    if (this.#idleTicks > limit) {
      const what = this.#loaded ? 'a step' : 'its import';
      this.#end('blocked', `${what} took more than ${(limit * tickMilliseconds) / 1000} s`);
      return;
    }
    this.#worker.getHeapStatistics().then(
      ({ external_memory }) => {
        if (external_memory <= externalMegabytes * 2 ** 20) return;
        this.#end('memory', `it holds more than ${externalMegabytes} MiB outside of its heap`);
      },
      // The thread is over; its exit says why.
      () => {},
    );
  }

  #end(reason: FailureReason, message: string): void {
    if (this.#ended) return;
    void this.close();
    this.#options.onEnd(reason, message);
  }

  #logOutput(): void {
    for (const input of [this.#worker.stdout, this.#worker.stderr]) {
      createInterface({ input }).on('line', (line) => {
        this.#options.logger.info({ module: this.#options.module, line }, 'module says');
      });
    }
  }
}
