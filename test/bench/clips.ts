import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';

/** Media long enough that starting a process hardly counts. */
export interface BenchClip {
  readonly name: string;
  readonly file: string;
  readonly mediaSeconds: number;
}

const containers = new Set(['.mp4', '.ts', '.webm', '.mkv', '.mov']);

/**
 * The media files of a folder; those shorter than `minimumSeconds` are repeated into `scratch`, not re-encoded.
 * @throws Error when there is none
 */
export async function prepareClips(
  folder: string,
  minimumSeconds: number,
  scratch: string,
): Promise<readonly BenchClip[]> {
  const names = (await readdir(folder)).filter((name) => containers.has(extname(name))).sort();
  if (names.length === 0)
    throw new Error(`--media: ${folder} holds no media file (${[...containers].join(' ')})`);

  const clips: BenchClip[] = [];
  for (const name of names) {
    const original = join(folder, name);
    const seconds = await durationOf(original);
    if (seconds >= minimumSeconds) {
      clips.push({ name, file: original, mediaSeconds: seconds });
      continue;
    }
    const file = join(scratch, name);
    const repeats = String(Math.ceil(minimumSeconds / seconds) - 1);
    await promisify(execFile)('ffmpeg', [
      ...['-nostdin', '-v', 'error', '-y', '-stream_loop', repeats, '-i', original],
      ...['-map', '0:v?', '-map', '0:a?', '-c', 'copy', file],
    ]);
    clips.push({ name, file, mediaSeconds: await durationOf(file) });
  }
  return clips;
}

async function durationOf(file: string): Promise<number> {
  const { stdout } = await promisify(execFile)('ffprobe', [
    ...['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', file],
  ]);
  const seconds = Number.parseFloat(stdout);
  if (!(seconds > 0)) throw new Error(`${file}: has no duration`);
  return seconds;
}
