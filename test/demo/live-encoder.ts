import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { type ManagedProcess, startFfmpeg } from '../integration/senders/managed-process.ts';

/** A sender: ffmpeg at the speed of playing, started again when it ends by itself. */
export interface LiveEncoder {
  /** Resolves with the first media sent. */
  readonly started: Promise<void>;
  /** Rejects with ffmpeg's last words when it ends again and again without sending any; pending otherwise. */
  readonly failed: Promise<never>;
  /** Kills the sender, and starts it again after this many seconds. */
  interrupt(seconds: number): void;
  stop(): Promise<void>;
}

const restartDelay = 300;
/** So many ends without media, one after another, mean that it cannot work. */
const mostFailures = 10;

/**
 * @param argumentsAt ffmpeg's arguments for a start so many seconds into the stream's own time
 * @param onPosition seconds of the stream that have been sent by now, several times a second
 */
export function startLiveEncoder(
  argumentsAt: (elapsed: number) => readonly string[],
  onPosition: (seconds: number) => void,
): LiveEncoder {
  const stopping = new AbortController();
  const { promise: sending, resolve } = Promise.withResolvers<void>();
  const { promise: failed, reject } = Promise.withResolvers<never>();
  const started = Promise.race([sending, failed]);
  // Not every caller wants to know both.
  for (const promise of [started, failed]) promise.catch(() => {});
  let current: ManagedProcess | undefined;
  let pause = 0;
  /** Wall clock of the stream's zero, once there is media. */
  let origin: number | undefined;

  const runOnce = async (): Promise<boolean> => {
    const elapsed = origin === undefined ? 0 : (Date.now() - origin) / 1000;
    const progress = ['-progress', 'pipe:1', '-stats_period', '0.1'];
    const process = startFfmpeg([...progress, ...argumentsAt(elapsed)], { readStdout: true });
    current = process;
    let sent = false;
    createInterface(process.stdout).on('line', (line) => {
      const position = positionOf(line);
      if (position === undefined) return;
      origin ??= Date.now() - 1000 * position;
      sent = true;
      resolve();
      onPosition(elapsed + position);
    });
    await process.ended;
    return sent;
  };

  const finished = (async () => {
    for (let failures = 0; !stopping.signal.aborted && failures < mostFailures; ) {
      failures = (await runOnce()) ? 0 : failures + 1;
      await delay(Math.max(restartDelay, pause), undefined, { signal: stopping.signal }).catch(() => {});
      pause = 0;
    }
    if (!stopping.signal.aborted) reject(new Error(`ffmpeg sends nothing: ${current?.stderrTail().trim()}`));
  })();

  return {
    started,
    failed,
    interrupt: (seconds) => {
      pause = 1000 * seconds;
      void current?.kill();
    },
    stop: async () => {
      stopping.abort();
      await current?.kill();
      await finished;
    },
  };
}

/** Seconds of a line of ffmpeg's progress report; undefined when it is about something else. */
function positionOf(line: string): number | undefined {
  const [name, value] = line.split('=', 2);
  const microseconds = Number(value);
  return name === 'out_time_us' && microseconds > 0 ? microseconds / 1e6 : undefined;
}
