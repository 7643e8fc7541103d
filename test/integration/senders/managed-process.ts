import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/** A child process that a test can pause and that ends with the test. */
export interface ManagedProcess {
  readonly stdout: Readable;
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** What it last wrote to stderr, for error messages. */
  stderrTail(): string;
  /** Stops it in its tracks, connections left open (SIGSTOP), and lets it go on. */
  suspend(): void;
  resume(): void;
  /** Ends it at once and waits until it is gone. Idempotent. */
  kill(): Promise<void>;
}

/** Starts a process; its stdout must be read when `readStdout` is set, and is discarded otherwise. */
export function startProcess(
  command: string,
  args: readonly string[],
  { readStdout = false, cwd }: { readStdout?: boolean; cwd?: string } = {},
): ManagedProcess {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  if (!readStdout) child.stdout.resume();

  let tail = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-4000);
  });
  child.once('error', (error) => {
    tail += error.message;
  });

  const killNow = () => child.kill('SIGKILL');
  // A test run that ends early must not leave senders behind.
  process.once('exit', killNow);
  const ended = endOf(child).finally(() => process.removeListener('exit', killNow));

  return {
    stdout: child.stdout,
    ended,
    stderrTail: () => tail,
    suspend: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    kill: () => {
      killNow();
      return ended;
    },
  };
}

async function endOf(child: ChildProcess): Promise<void> {
  // `close` also follows `error`, so a command that cannot start counts as ended.
  await new Promise<void>((resolve) => child.once('close', () => resolve()));
}

/** ffmpeg with the flags that every sender wants. */
export function startFfmpeg(args: readonly string[], options?: { readStdout?: boolean }): ManagedProcess {
  return startProcess('ffmpeg', ['-hide_banner', '-loglevel', 'warning', '-nostdin', '-y', ...args], options);
}

/**
 * Runs a process again and again, a moment after each end, until killed: a sender whose protocol has it end with
 * each receiver (an SRT listener), or fail while there is none yet (an SRT caller).
 */
export function startRepeatedly(start: () => ManagedProcess): Omit<ManagedProcess, 'stdout' | 'ended'> {
  const stopping = new AbortController();
  let current = start();
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      await current.ended;
      await delay(200, undefined, { signal: stopping.signal }).catch(() => {});
      if (!stopping.signal.aborted) current = start();
    }
  })();

  return {
    stderrTail: () => current.stderrTail(),
    suspend: () => current.suspend(),
    resume: () => current.resume(),
    kill: async () => {
      stopping.abort();
      await current.kill();
      await loop;
    },
  };
}

/**
 * Polls until the condition holds.
 * @param seconds how long at most
 * @throws Error naming what was waited for, with the process's last words
 */
export async function waitFor(
  what: string,
  condition: () => Promise<boolean>,
  sender: Pick<ManagedProcess, 'stderrTail'>,
  seconds = 30,
): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!(await condition())) {
    if (performance.now() > deadline)
      throw new Error(`${what}: not within ${seconds} s\n${sender.stderrTail()}`);
    await delay(50);
  }
}
