import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const renditionNames = ['1080p', '720p', '480p'] as const;
export type RenditionName = (typeof renditionNames)[number];

/** What a live encoder would send of one programme at one size. */
export interface Rendition {
  readonly name: RenditionName;
  readonly width: number;
  readonly height: number;
  readonly videoKilobits: number;
  /** MPEG-TS, long enough that starting a process hardly counts. */
  readonly file: string;
  readonly seconds: number;
  /** The beginning of the same, for what takes many times longer. */
  readonly cut: Media;
  /** Its first seconds, to tell what starting a process costs. */
  readonly opening: Media;
}

/** A file and its length. */
export interface Media {
  readonly file: string;
  readonly seconds: number;
}

/** Frames a second of every rendition. */
export const frameRate = 30;

/** Sizes, rates, and to how many seconds each is repeated: about as much CPU for each. */
const ladder = [
  { name: '1080p', width: 1920, height: 1080, videoKilobits: 4500, seconds: 90 },
  { name: '720p', width: 1280, height: 720, videoKilobits: 2500, seconds: 135 },
  { name: '480p', width: 854, height: 480, videoKilobits: 1200, seconds: 300 },
] as const;

/** Length of the programme before it is repeated, in seconds. */
const programmeSeconds = 24;
const mostClips = 3;
/** A cut for what is slow is this share of the whole. */
const cutShare = 1 / 3;
/** Long enough that every detector has begun, in seconds. */
const openingSeconds = 2;
/** A copied transport stream ends where a packet does: this much off is no error. */
const lengthTolerance = 1;

const containers = new Set(['.mp4', '.ts', '.webm', '.mkv', '.mov']);

/**
 * Makes one programme of the clips of a folder, the tallest with picture and sound in turn, and encodes it as a live
 * encoder would (x264 veryfast, key frames 2 s apart, AAC) in the sizes named. Kept in the project's cache by what went in.
 * @param seconds length of all renditions, instead of each its own
 * @throws Error when the folder holds fewer than two such clips, or ffmpeg fails
 */
export async function prepareRenditions(
  folder: string,
  names: ReadonlySet<RenditionName>,
  seconds: number | undefined,
): Promise<readonly Rendition[]> {
  const clips = await tallestClips(folder);
  const cache = join(process.env.STREAMMONITOR_CACHE ?? join(homedir(), '.cache/streammonitor'), 'bench');
  await mkdir(cache, { recursive: true });
  const contents = createHash('sha256');
  for (const clip of clips) contents.update(await readFile(clip));
  const source = contents.digest('hex');

  const renditions: Rendition[] = [];
  for (const { seconds: usual, ...format } of ladder) {
    if (!names.has(format.name)) continue;
    const encode = programmeArguments(clips, format);
    const programme = await cached(
      cache,
      [source, ...encode.filter((part) => !clips.includes(part))],
      encode,
    );
    const repeated = async (length: number) => {
      const copy = ['-stream_loop', '-1', '-i', programme, '-map', '0', '-c', 'copy', '-t', String(length)];
      const file = await cached(cache, copy, [...copy, '-f', 'mpegts']);
      await expectLength(file, length);
      return { file, seconds: length };
    };
    const length = seconds ?? usual;
    renditions.push({
      ...format,
      ...(await repeated(length)),
      cut: await repeated(Math.max(2 * openingSeconds, Math.round(length * cutShare))),
      opening: await repeated(openingSeconds),
    });
  }
  return renditions;
}

/** ffmpeg's arguments, but for the output, that encode the clips in turn as one live-like programme. */
export function programmeArguments(
  clips: readonly string[],
  { width, height, videoKilobits }: Pick<Rendition, 'width' | 'height' | 'videoKilobits'>,
): string[] {
  const each = programmeSeconds / clips.length;
  const pieces = clips.map((_, index) => {
    const fit = `scale=${width}:${height}:force_original_aspect_ratio=increase:flags=bicubic,crop=${width}:${height}`;
    const video = `[${index}:v:0]fps=${frameRate},${fit},setsar=1,format=yuv420p,trim=duration=${each},setpts=PTS-STARTPTS[v${index}]`;
    const sound = 'aresample=48000,aformat=sample_fmts=fltp:channel_layouts=stereo';
    const audio = `[${index}:a:0]${sound},atrim=duration=${each},asetpts=PTS-STARTPTS[a${index}]`;
    return `${video};${audio}`;
  });
  const labels = clips.map((_, index) => `[v${index}][a${index}]`).join('');
  const graph = `${pieces.join(';')};${labels}concat=n=${clips.length}:v=1:a=1[v][a]`;
  const rate = `${videoKilobits}k`;
  return [
    ...clips.flatMap((clip) => ['-stream_loop', '-1', '-i', clip]),
    ...['-filter_complex', graph, '-map', '[v]', '-map', '[a]'],
    ...[
      '-c:v',
      'libx264',
      '-preset',
      'veryfast',
      '-b:v',
      rate,
      '-maxrate',
      rate,
      '-bufsize',
      `${2 * videoKilobits}k`,
    ],
    ...['-g', String(2 * frameRate), '-keyint_min', String(2 * frameRate), '-sc_threshold', '0'],
    ...['-c:a', 'aac', '-b:a', '128k', '-f', 'mpegts'],
  ];
}

/** The file that ffmpeg makes with these arguments, made when it is not there under its key. */
async function cached(cache: string, key: readonly string[], made: readonly string[]): Promise<string> {
  const name = createHash('sha256').update(key.join('\0')).digest('hex').slice(0, 24);
  const file = join(cache, `${name}.ts`);
  if ((await readdir(cache)).includes(`${name}.ts`)) return file;
  const partial = `${file}.${process.pid}.part`;
  try {
    await run('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...made, partial]);
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
  return file;
}

async function tallestClips(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => containers.has(extname(name))).sort();
  const clips: { file: string; height: number }[] = [];
  for (const name of names) {
    const file = join(folder, name);
    const height = await heightWithSound(file);
    if (height !== undefined) clips.push({ file, height });
  }
  if (clips.length < 2) {
    throw new Error(
      `--media: ${folder} holds ${clips.length} clips with picture and sound; give two or more`,
    );
  }
  return clips
    .sort((one, other) => other.height - one.height)
    .slice(0, mostClips)
    .map(({ file }) => file);
}

/** Height of the picture; undefined for a file that lacks picture or sound. */
async function heightWithSound(file: string): Promise<number | undefined> {
  const { stdout } = await run('ffprobe', [
    ...['-v', 'error', '-show_entries', 'stream=codec_type,height', '-of', 'json', file],
  ]);
  const { streams } = JSON.parse(stdout) as { streams: { codec_type?: string; height?: number }[] };
  const sound = streams.some((stream) => stream.codec_type === 'audio');
  return sound ? streams.find((stream) => stream.codec_type === 'video')?.height : undefined;
}

async function expectLength(file: string, seconds: number): Promise<void> {
  const { stdout } = await run('ffprobe', [
    ...['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', file],
  ]);
  const actual = Number.parseFloat(stdout);
  if (!(Math.abs(actual - seconds) <= lengthTolerance))
    throw new Error(`${file}: is ${actual} s long, not ${seconds} s; remove it`);
}
