import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Clip } from './corpus.ts';
import { type Span, shifted } from './spans.ts';

/**
 * A clip made ready for injections: constant frame rate, nearly lossless picture, uncompressed sound, repeated
 * until it is long enough. Times in it begin at 0.
 */
export interface Master {
  readonly clip: Clip;
  /** Matroska: H.264 of intra frames, 16-bit PCM at 48 kHz with the clip's channels. */
  readonly path: string;
  readonly seconds: number;
  /** As it is in the master. */
  readonly picture?: { readonly width: number; readonly height: number; readonly rate: number };
  readonly sound?: { readonly channels: number; readonly rate: 48000 };
  /** Where the clip begins anew. */
  readonly seams: readonly number[];
}

/** The picture is scaled down to as many lines, where the clip has more; the sound of a master is at this rate. */
export interface MasterSize {
  readonly lines: number;
  readonly seconds: number;
}

const soundRate = 48_000;

/** Makes it, unless it is in the folder already. @throws Error when ffmpeg cannot decode the clip */
export async function makeMaster(clip: Clip, size: MasterSize, directory: string): Promise<Master> {
  const repeats = Math.max(1, Math.ceil(size.seconds / clip.duration));
  const name = clip.name.replaceAll(/[^a-zA-Z0-9.-]/g, '_');
  const path = join(directory, `${name}-${size.lines}-${size.seconds}.mkv`);
  if (!existsSync(path)) {
    await mkdir(directory, { recursive: true });
    await makeFile(clip, { path, repeats, lines: size.lines });
  }
  const picture = clip.picture && {
    ...scaled(clip.picture, size.lines),
    rate: clip.picture.rate,
  };
  return {
    clip,
    path,
    seconds: clip.duration * repeats,
    ...(picture && { picture }),
    ...(clip.sound && { sound: { channels: clip.sound.channels, rate: soundRate } }),
    seams: Array.from({ length: repeats - 1 }, (_, index) => clip.duration * (index + 1)),
  };
}

/** The clip as it was received, once. */
export function asReceived(clip: Clip): Master {
  const { path, duration, picture } = clip;
  return { clip, path, seconds: duration, ...(picture && { picture }), seams: [] };
}

/** Under its name only when it is whole. */
async function makeFile(
  clip: Clip,
  { path, repeats, lines }: { readonly path: string; readonly repeats: number; readonly lines: number },
): Promise<void> {
  const [once, list, whole] = [`${path}.once.mkv`, `${path}.txt`, `${path}.part.mkv`];
  await promisify(execFile)('ffmpeg', [
    ...['-nostdin', '-v', 'error', '-y', ...inputOptions(clip), '-i', clip.path, '-t', String(clip.duration)],
    ...(clip.picture ? ['-map', `0:${clip.picture.stream}`, ...pictureOptions(clip.picture, lines)] : []),
    ...(clip.sound ? ['-map', '0:a:0', '-c:a', 'pcm_s16le', '-ar', String(soundRate), ...padded(clip)] : []),
    once,
  ]);
  await writeFile(list, `ffconcat version 1.0\n${`file '${once}'\n`.repeat(repeats)}`);
  await promisify(execFile)('ffmpeg', [
    ...['-nostdin', '-v', 'error', '-y', '-f', 'concat', '-safe', '0', '-i', list],
    ...['-map', '0', '-c', 'copy', whole],
  ]);
  await Promise.all([rm(once), rm(list)]);
  await rename(whole, path);
}

/** Labelled spans of the clip on the timeline of its master. */
export function inMaster(master: Master, spans: readonly Span[]): Span[] {
  return [0, ...master.seams].flatMap((seam) => shifted(spans, seam));
}

function inputOptions({ path }: Clip): string[] {
  return path.endsWith('.m3u8') ? ['-allowed_extensions', 'ALL'] : [];
}

function pictureOptions(picture: NonNullable<Clip['picture']>, lines: number): string[] {
  const { width, height } = scaled(picture, lines);
  // Whether it begins later than the sound or ends before it: nothing may be missing where the clip begins anew.
  const whole = `fps=${picture.rate}:start_time=0,tpad=stop=-1:stop_mode=clone`;
  return [
    ...['-vf', `scale=${width}:${height}:flags=area,setsar=1,${whole}`, '-pix_fmt', 'yuv420p'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '6', '-g', '1'],
  ];
}

/** Sound and picture end together, so that repetitions do not drift apart. */
function padded({ duration, picture }: Clip): string[] {
  return picture ? ['-af', `aresample=async=1:first_pts=0,apad=whole_dur=${duration}`] : [];
}

function scaled({ width, height }: { width: number; height: number }, lines: number) {
  if (height <= lines) return { width: even(width), height: even(height) };
  return { width: even((width * lines) / height), height: even(lines) };
}

const even = (size: number): number => 2 * Math.round(size / 2);
