import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import fluent from 'fluent-ffmpeg';

/** One `-i`: what ffmpeg opens, or a stream it reads on standard input. */
export interface FfmpegInput {
  readonly source: string | Readable;
  readonly options: readonly string[];
}

export interface FfmpegOutput {
  readonly target: string;
  readonly options: readonly string[];
}

export interface FfmpegRun {
  /** Resolves when the process is gone: the error it ended with, if any. */
  readonly ended: Promise<Error | undefined>;
  kill(): void;
  /** CPU used so far, in seconds; undefined once the process is gone or where the system does not tell. */
  cpuSeconds(): number | undefined;
}

/** Bounds the memory of each ffmpeg, so that a hostile stream ends alone. */
const limitedFfmpeg = fileURLToPath(new URL('limited-ffmpeg', import.meta.url));

/** Clock ticks per second of /proc/PID/stat: fixed for user space on Linux. */
const ticksPerSecond = 100;

/**
 * Runs one ffmpeg. The only module that knows fluent-ffmpeg, which is archived upstream: another launcher
 * replaces this file alone.
 */
export function runFfmpeg(
  inputs: readonly FfmpegInput[],
  outputs: readonly FfmpegOutput[],
  onLogLine: (line: string) => void,
): FfmpegRun {
  const command = createCommand();
  for (const input of inputs) command.input(input.source).inputOptions([...input.options]);
  for (const output of outputs) command.output(output.target).outputOptions([...output.options]);
  command.on('stderr', onLogLine);
  const ended = new Promise<Error | undefined>((resolve) => {
    command.once('end', () => resolve(undefined));
    command.once('error', (error: Error) => resolve(error));
  });
  let killed = false;
  // fluent-ffmpeg starts the process only after asking ffmpeg for its formats: a kill before that waits for it.
  command.once('start', () => {
    if (killed) command.kill('SIGKILL');
  });
  command.run();
  return {
    ended,
    kill: () => {
      killed = true;
      command.kill('SIGKILL');
    },
    cpuSeconds: () => cpuSecondsOf((command as unknown as { ffmpegProc?: ChildProcess }).ffmpegProc?.pid),
  };
}

/**
 * Lets fluent-ffmpeg ask ffmpeg for its formats and encoders, which it does once a process before the first
 * run, while there is something else to do. That ffmpeg is missing shows in the first run.
 */
export function warmUpFfmpeg(): void {
  const command = createCommand();
  command.getAvailableFormats(() => {});
  command.getAvailableEncoders(() => {});
}

type SpawnEnd = (error?: Error | null, stdout?: LinesRing, stderr?: LinesRing) => void;
type Spawn = (...args: [...unknown[], SpawnEnd]) => void;

interface LinesRing {
  get(): string;
}

const noLines: LinesRing = { get: () => '' };

/**
 * A command that keeps no more than the log's last line, of which fluent-ffmpeg would keep all for as long as a
 * stream lasts (`0` means no limit there), and that survives a system without processes or descriptors to give:
 * fluent-ffmpeg throws then, or reads line rings that it never made, where nobody can catch it.
 */
function createCommand(): fluent.FfmpegCommand {
  const command = fluent({ stdoutLines: 1 });
  command.setFfmpegPath(limitedFfmpeg);
  const inner = command as unknown as { _spawnFfmpeg: Spawn };
  const spawn = inner._spawnFfmpeg.bind(command);
  inner._spawnFfmpeg = (...args) => {
    const end = args.pop() as SpawnEnd;
    let ended = false;
    const once: SpawnEnd = (error, stdout = noLines, stderr = noLines) => {
      if (!ended) end(error, stdout, stderr);
      ended = true;
    };
    try {
      spawn(...args, once);
    } catch (error) {
      // What the system said comes as an event right after, and says more.
      setImmediate(() => once(error as Error));
    }
  };
  return command;
}

function cpuSecondsOf(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  } catch {
    return undefined;
  }
}
