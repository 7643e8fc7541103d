import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** What a filter says of one frame of picture or sound. */
export interface FrameMetadata {
  /** Media seconds from the beginning of the file. */
  readonly time: number;
  /** Such as `lavfi.block`. */
  readonly values: ReadonlyMap<string, string>;
}

/** A chain of filters, all on the picture or all on the sound of a file, that leaves metadata on its frames. */
export interface Branch {
  readonly track: 'picture' | 'sound';
  readonly filters: string;
}

/**
 * Runs several chains over a file at once, each on a copy of what was decoded. A file without the track gives nothing;
 * what cannot be decoded is skipped, as ffmpeg does by itself. Needs no more than ffmpeg 5.1.
 * @throws Error when ffmpeg cannot open the file
 */
export async function filterMetadata(
  path: string,
  branches: readonly Branch[],
): Promise<readonly (readonly FrameMetadata[])[]> {
  const directory = await mkdtemp(join(tmpdir(), 'streammonitor-peer-'));
  try {
    for (const track of ['picture', 'sound'] as const) {
      const own = branches.flatMap((branch, index) =>
        branch.track === track ? [{ ...branch, file: `${index}.txt` }] : [],
      );
      if (own.length > 0) await run(resolve(path), track, own, directory);
    }
    const texts = branches.map((_, index) =>
      readFile(join(directory, `${index}.txt`), 'utf8').catch(() => ''),
    );
    return (await Promise.all(texts)).map(parseMetadata);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The files lie in the folder that ffmpeg runs in, so that their names need no escapes in the graph. */
async function run(
  path: string,
  track: Branch['track'],
  branches: readonly (Branch & { readonly file: string })[],
  directory: string,
): Promise<void> {
  const [input, split, sink] =
    track === 'picture' ? ['0:v:0', 'split', 'nullsink'] : ['0:a:0', 'asplit', 'anullsink'];
  const print = track === 'picture' ? 'metadata' : 'ametadata';
  const copies = branches.map((_, index) => `[copy${index}]`);
  const chains = branches.map(
    ({ filters, file }, index) => `${copies[index]}${filters},${print}=mode=print:file=${file},${sink}`,
  );
  const graph = [`[${input}]${split}=${branches.length + 1}[out]${copies.join('')}`, ...chains].join(';');
  const playlist = path.endsWith('.m3u8') ? ['-allowed_extensions', 'ALL'] : [];
  await promisify(execFile)(
    'ffmpeg',
    [
      ...['-nostdin', '-v', 'fatal', '-y', ...playlist, '-i', path, '-filter_complex', graph],
      ...['-map', '[out]', '-f', 'null', '-'],
    ],
    { cwd: directory },
  );
}

/** The lines of the filter `metadata`: `frame:1 pts:3600 pts_time:0.04`, then `key=value` for each key. */
export function parseMetadata(text: string): FrameMetadata[] {
  const frames: { readonly time: number; readonly values: Map<string, string> }[] = [];
  for (const line of text.split('\n')) {
    const time = /^frame:.* pts_time:(\S+)/.exec(line)?.[1];
    if (time !== undefined) {
      frames.push({ time: Number(time), values: new Map() });
      continue;
    }
    const separator = line.indexOf('=');
    if (separator > 0) frames.at(-1)?.values.set(line.slice(0, separator), line.slice(separator + 1));
  }
  return frames.filter((frame) => Number.isFinite(frame.time));
}
