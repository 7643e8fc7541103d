import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { validate } from '../../crds/validation-error.ts';
import { type ClipLabels, corpusLabels, readLabels } from './clip-labels.ts';

/** A clip with what is known of it. */
export interface Clip extends ClipLabels {
  /** As in `labels.json`. */
  readonly name: string;
  /** File or local playlist, as it is. */
  readonly path: string;
  /** Seconds. */
  readonly duration: number;
  readonly picture?: {
    readonly width: number;
    readonly height: number;
    readonly rate: number;
    /** Number of the stream in the file, where it has several pictures. */
    readonly stream: number;
  };
  readonly sound?: { readonly channels: number; readonly rate: number };
}

export interface Corpus {
  readonly clips: readonly Clip[];
  /** Clips that cannot be used, and why. */
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * The clips of a folder that its `labels.json` describes: files, or folders with a playlist.
 * @throws Error when there are no labels, or they are wrong, naming the field
 */
export async function readCorpus(directory: string): Promise<Corpus> {
  const path = join(directory, 'labels.json');
  const text = await readFile(path, 'utf8').catch(() => {
    throw new Error(`--media: ${directory} has no labels.json, which says what is in its clips by nature`);
  });
  const labels = validate(corpusLabels, parsed(path, text));
  const clips: Clip[] = [];
  const leftOut: { name: string; reason: string }[] = [];
  for (const [name, own] of Object.entries(labels)) {
    try {
      const target = await targetOf(join(directory, name));
      const media = await mediaOf(target);
      clips.push({ name, path: target, ...media, ...readLabels(own, media.duration) });
    } catch (error) {
      leftOut.push({ name, reason: (error as Error).message.split('\n')[0] ?? '' });
    }
  }
  const listed = Object.keys(labels).map((name) => name.replace(/\/$/, ''));
  for (const name of await readdir(directory)) {
    if (listed.includes(name) || !/\.(mp4|ts|webm|mkv|mov)$|^hls-/.test(name)) continue;
    leftOut.push({ name, reason: 'it is not in labels.json' });
  }
  if (clips.length === 0) throw new Error(`--media: no clip of ${path} can be read`);
  return { clips, leftOut };
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`--media: ${path} is not JSON: ${(error as Error).message}`);
  }
}

async function targetOf(path: string): Promise<string> {
  if (!(await stat(path)).isDirectory()) return path;
  const playlists = (await readdir(path)).filter((name) => name.endsWith('.m3u8')).sort();
  const best = ['master.m3u8', 'playlist.m3u8'].find((name) => playlists.includes(name)) ?? playlists[0];
  if (best === undefined) throw new Error('the folder has no playlist');
  return join(path, best);
}

const probed = z.object({
  format: z.object({ duration: z.coerce.number().positive().optional() }),
  streams: z.array(
    z.object({
      index: z.number(),
      codec_type: z.string().optional(),
      duration: z.coerce.number().positive().optional(),
      width: z.number().optional(),
      height: z.number().optional(),
      avg_frame_rate: z.string().optional(),
      channels: z.number().optional(),
      disposition: z.object({ attached_pic: z.number() }).optional(),
      sample_rate: z.coerce.number().optional(),
    }),
  ),
});

/** Rate that a stream without a usable average is taken to have. */
const usualRate = 25;

async function mediaOf(path: string): Promise<Pick<Clip, 'duration' | 'picture' | 'sound'>> {
  const options = path.endsWith('.m3u8') ? ['-allowed_extensions', 'ALL'] : [];
  const { stdout } = await promisify(execFile)('ffprobe', [
    ...['-v', 'quiet', ...options, '-show_format', '-show_streams', '-of', 'json', path],
  ]).catch(() => {
    throw new Error('ffprobe cannot read it');
  });
  const {
    format: { duration: whole },
    streams,
  } = validate(probed, JSON.parse(stdout));
  if (whole === undefined) throw new Error('it has no duration');
  // Several renditions are one programme: the largest, as the monitor takes it.
  const picture = streams
    .filter(({ codec_type, height, disposition }) => {
      return codec_type === 'video' && height && disposition?.attached_pic !== 1;
    })
    .sort((one, other) => (other.height ?? 0) - (one.height ?? 0))[0];
  const sound = streams.find((stream) => stream.codec_type === 'audio' && stream.channels);
  if (!picture && !sound) throw new Error('it has neither picture nor sound');
  const lengths = [picture, sound].flatMap((stream) => (stream ? [stream.duration ?? whole] : []));
  return {
    // Subtitles may go on after both.
    duration: Math.min(whole, Math.max(...lengths)),
    ...(picture && {
      picture: {
        stream: picture.index,
        width: picture.width ?? 0,
        height: picture.height ?? 0,
        rate: frameRate(picture.avg_frame_rate),
      },
    }),
    ...(sound && { sound: { channels: sound.channels ?? 0, rate: sound.sample_rate ?? 0 } }),
  };
}

function frameRate(fraction = ''): number {
  const [frames = 0, seconds = 0] = fraction.split('/').map(Number);
  const rate = frames / seconds;
  return rate > 1 && rate < 121 ? rate : usualRate;
}
