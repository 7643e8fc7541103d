import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ShardClient } from './shard-client.ts';
import type { ShardDirectory } from './shard-directory.ts';

export interface ShardProcessOptions {
  readonly name: string;
  readonly executable: string;
  readonly arguments: readonly string[];
  readonly directory: ShardDirectory;
  readonly client: ShardClient;
  readonly socketPath: string;
  readonly logger: Logger;
  readonly onRestart: () => void;
}

/** A process that lived this long was well: the next end of it is no part of a series. Milliseconds. */
const wellAfter = 60_000;
const checkInterval = 5_000;
/** Checks in a row without an answer after which a process counts as hung. */
const patience = 6;
/** Time to close incidents and hand on what is queued before the process is killed. */
const stopGrace = 10_000;

/** Milliseconds before the n-th start in a row, from 0: half a second, doubling, at most half a minute. */
export function restartDelay(failures: number): number {
  return Math.min(30_000, 500 * 2 ** failures);
}

/** Keeps one shard's process running until it is stopped. Its state directory lives on through every restart. */
export class ShardProcess {
  readonly #options: ShardProcessOptions;
  readonly #stopping = new AbortController();
  #child: ChildProcess | undefined;
  #running: Promise<void> | undefined;

  constructor(options: ShardProcessOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#keepRunning();
  }

  /** Ends the process: asked first, killed when it takes too long. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const child = this.#child;
    if (child) {
      child.kill('SIGTERM');
      const deadline = setTimeout(() => killGroup(child), stopGrace);
      await this.#running;
      clearTimeout(deadline);
    }
    await this.#running;
  }

  async #keepRunning(): Promise<void> {
    const { name, directory, logger, onRestart } = this.#options;
    await directory.endLeftover();
    for (let failures = 0; !this.#stopping.signal.aborted; failures++) {
      const startedAt = Date.now();
      const ending = await this.#runOnce();
      if (this.#stopping.signal.aborted) return;
      if (Date.now() - startedAt > wellAfter) failures = 0;
      const delay = restartDelay(failures);
      logger.error(
        { shard: name, ending, restartInSeconds: delay / 1000 },
        'shard ended; it is started again',
      );
      onRestart();
      await sleep(delay, undefined, { signal: this.#stopping.signal }).catch(() => {});
    }
  }

  /** One life of the process. */
  async #runOnce(): Promise<string> {
    const { name, executable, arguments: args, directory, socketPath, logger } = this.#options;
    // A process that was killed left its socket, which nobody could listen on again.
    await rm(socketPath, { force: true });
    if (this.#stopping.signal.aborted) return 'not started';
    // Its standard input is a pipe that only this process holds: it ends with us, however we end. A group of its
    // own keeps Ctrl-C at the terminal from reaching it, so that it is stopped in order.
    const child = spawn(executable, args, { stdio: ['pipe', 'ignore', 'inherit'], detached: true });
    this.#child = child;
    const ended = once(child, 'exit').catch((error: Error) => [error.message]);
    if (child.pid === undefined) return `could not be started: ${(await ended)[0]}`;
    child.stdin?.on('error', () => {});
    logger.info({ shard: name, pid: child.pid }, 'shard started');
    const checking = new AbortController();
    const watchdog = this.#killWhenHung(child, checking.signal);
    await directory.writeProcessId(child.pid).catch((error: Error) => {
      logger.warn({ shard: name, reason: error.message }, 'the id of the process could not be written');
    });
    const [code, signal] = await ended;
    checking.abort();
    await watchdog;
    // What it started must not outlive it.
    killGroup(child);
    this.#child = undefined;
    return signal ? `signal ${signal}` : `exit code ${code}`;
  }

  async #killWhenHung(child: ChildProcess, signal: AbortSignal): Promise<void> {
    const { name, client, logger } = this.#options;
    let missed = 0;
    while (!signal.aborted) {
      await sleep(checkInterval, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      missed = (await client.get('/healthz')) === undefined ? missed + 1 : 0;
      if (missed < patience) continue;
      logger.error(
        { shard: name, seconds: (missed * checkInterval) / 1000 },
        'shard does not answer; it is killed',
      );
      killGroup(child);
      return;
    }
  }
}

function killGroup(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
  }
}
