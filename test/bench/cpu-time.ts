import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Media } from './renditions.ts';

/**
 * CPU seconds, user and system, of a command and of all its descendants that were waited for; its output is
 * discarded. Measured by bash's `times`, that is by getrusage(2) of the children.
 * @param accepted exit codes that mean the work was done
 * @throws Error with the command and its last words when it ends with another one
 */
export async function cpuSecondsOf(command: readonly string[], accepted: readonly number[]): Promise<number> {
  const script = '"$@" </dev/null >/dev/null; echo $?; times';
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script, 'bash', ...command], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const [exitCode, , children] = stdout.split('\n');
  if (!accepted.includes(Number(exitCode)))
    throw new Error(`${command.join(' ')}: exit code ${exitCode}: ${stderr.slice(-1000).trim()}`);
  return parseTimes(children ?? '');
}

/**
 * Seconds of a line of bash's `times`, such as `0m1.204s 0m0.310s`: user and system, summed.
 * @throws RangeError when it is none
 */
export function parseTimes(line: string): number {
  const parts = [...line.matchAll(/(\d+)m([\d.,]+)s/g)];
  if (parts.length !== 2) throw new RangeError(`"${line}" is not a line of bash's times`);
  return parts.reduce(
    (sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds?.replace(',', '.')),
    0,
  );
}

/**
 * ms of CPU per second of media of a command, without what starting it costs: as much as it takes for the opening of
 * the same media. A stream is watched for weeks.
 */
export async function steadyMilliseconds(
  command: (file: string) => readonly string[],
  media: Media,
  opening: Media,
  accepted: readonly number[] = [0],
): Promise<number> {
  const start = await cpuSecondsOf(command(opening.file), accepted);
  const whole = await cpuSecondsOf(command(media.file), accepted);
  return (1000 * (whole - start)) / (media.seconds - opening.seconds);
}
