import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileHolds, type PackagedSender, startPackager } from './packaged.ts';
import { clip, h264, type Source } from './source.ts';

export interface HlsOptions {
  readonly source?: Source;
  readonly container?: 'mpegts' | 'fmp4';
  /** AES-128 with a key at `/key.bin`; MPEG-TS only, ffmpeg does not encrypt fMP4. */
  readonly encrypted?: boolean;
  /** Two adds a rendition of 240 lines to the source's own. */
  readonly renditions?: 1 | 2;
  /** Audio as a rendition of its own (`EXT-X-MEDIA`). */
  readonly separateAudio?: boolean;
  /** Of a segment, in seconds; not less than the source's distance of key frames (2 s). */
  readonly segmentSeconds?: number;
}

/**
 * Live HLS (RFC 8216) with a window of 6 segments. With one rendition and joint audio `url` is the media playlist
 * `stream.m3u8`, otherwise the multivariant playlist `master.m3u8`. Resolves when two segments are listed.
 */
export function startHls(options: HlsOptions = {}): Promise<PackagedSender> {
  const { container = 'mpegts', encrypted = false } = options;
  if (encrypted && container === 'fmp4') throw new RangeError('encrypted: ffmpeg does not encrypt fMP4');

  const variants = (options.renditions ?? 1) > 1 || options.separateAudio;
  const extension = container === 'fmp4' ? 'm4s' : 'ts';
  return startPackager({
    entry: variants ? 'master.m3u8' : 'stream.m3u8',
    prepare: async ({ directory, scratch, originUrl }) => [
      ...mediaArguments(options),
      ...['-f', 'hls', '-hls_time', String(options.segmentSeconds ?? 2), '-hls_list_size', '6'],
      ...['-hls_flags', 'delete_segments+temp_file+independent_segments+program_date_time'],
      ...['-hls_delete_threshold', '3', '-hls_segment_type', container],
      ...(encrypted ? ['-hls_key_info_file', await writeKey(directory, scratch, originUrl)] : []),
      ...(variants
        ? ['-master_pl_name', 'master.m3u8', '-var_stream_map', variantMap(options)]
        : ['-hls_fmp4_init_filename', 'init.mp4']),
      ...['-hls_segment_filename', join(directory, `${variants ? 'v%v-' : ''}%05d.${extension}`)],
      join(directory, variants ? 'v%v.m3u8' : 'stream.m3u8'),
    ],
    ready: async (directory) => {
      const last = variants ? `v${variantMap(options).split(' ').length - 1}.m3u8` : 'stream.m3u8';
      if (variants && !(await fileHolds(join(directory, 'master.m3u8'), /EXT-X-STREAM-INF/))) return false;
      return fileHolds(join(directory, last), /#EXTINF/, 2);
    },
  });
}

function mediaArguments({ source = clip(), renditions = 1, separateAudio = false }: HlsOptions): string[] {
  if (renditions === 1) return [...source.input, ...source.map, ...source.codec];
  const [video, audio] = [source.map.slice(0, 2), source.map.slice(2, 4)];
  // A variant of joint audio needs its own copy of it; a separate one is shared.
  const maps = separateAudio ? [...video, ...video, ...audio] : [...video, ...video, ...audio, ...audio];
  return [
    ...source.input,
    ...maps,
    ...source.codec,
    // Key frames wherever the other rendition's segments begin.
    ...h264({ rate: 25, bitrate: '300k' }).map((word) => (word === '-c:v' ? '-c:v:1' : word)),
    ...['-filter:v:1', 'scale=-2:240', '-force_key_frames:v:1', 'expr:gte(t,n_forced*2)'],
  ];
}

/** ffmpeg's `var_stream_map`: which streams make which playlist. */
function variantMap({ renditions = 1, separateAudio = false }: HlsOptions): string {
  const videos = renditions === 2 ? ['v:0', 'v:1'] : ['v:0'];
  if (separateAudio)
    return ['a:0,agroup:sound,default:yes', ...videos.map((v) => `${v},agroup:sound`)].join(' ');
  return videos.map((video, index) => `${video},a:${index}`).join(' ');
}

async function writeKey(directory: string, scratch: string, originUrl: string): Promise<string> {
  const keyFile = join(directory, 'key.bin');
  await writeFile(keyFile, randomBytes(16));
  const keyInfo = join(scratch, 'key-info');
  await writeFile(keyInfo, `${originUrl}/key.bin\n${keyFile}\n`);
  return keyInfo;
}
