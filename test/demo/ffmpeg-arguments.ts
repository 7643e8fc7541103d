import { join } from 'node:path';
import { type FilteredDefects, pictureFilters, soundFilters } from './filters.ts';

/** A repeated clip, at the speed of playing, as filtered `[picture]` and `[sound]`. */
export interface Programme {
  /** List for ffmpeg's concat demuxer. */
  readonly list: string;
  /** Frames per second of the clip. */
  readonly rate: number;
  /** Whether it carries a sync marker. */
  readonly marker?: boolean;
}

const keyFrameSeconds = 2;
const mpegts = ['-f', 'mpegts', '-flush_packets', '1'];

export function mpegtsOverUdp(programme: Programme, defects: FilteredDefects, port: number): string[] {
  return [...encodedOnce(programme, defects), ...mpegts, udpUrl(port)];
}

/** Waits for one caller; ends when that leaves. */
export function mpegtsOverSrt(programme: Programme, defects: FilteredDefects, port: number): string[] {
  const url = `srt://127.0.0.1:${port}?mode=listener&transtype=live&pkt_size=1316`;
  return [...encodedOnce(programme, defects), ...mpegts, url];
}

/** The clip as it is, which costs next to nothing. */
export function copiedOverUdp(list: string, port: number): string[] {
  return [...repeated(list), '-map', '0:v', '-map', '0:a', '-c', 'copy', ...mpegts, udpUrl(port)];
}

/** Two AES-128 renditions of 480 and 240 lines in `directory`, under `master.m3u8`. */
export function encryptedHls(
  programme: Programme,
  defects: FilteredDefects,
  { directory, keyInfo }: { readonly directory: string; readonly keyInfo: string },
): string[] {
  const renditions = '[picture]split[high][full];[full]scale=-2:240[low];[sound]asplit[highSound][lowSound]';
  return [
    ...repeated(programme.list),
    ...['-filter_complex', `${filters(programme, defects)};${renditions}`],
    ...['-map', '[high]', '-map', '[highSound]', '-map', '[low]', '-map', '[lowSound]'],
    ...codecs(programme.rate),
    ...rate('0', '900k'),
    ...rate('1', '250k'),
    ...['-f', 'hls', '-hls_time', String(keyFrameSeconds), '-hls_list_size', '6'],
    ...['-hls_flags', 'delete_segments+independent_segments+temp_file', '-hls_key_info_file', keyInfo],
    ...['-master_pl_name', 'master.m3u8', '-var_stream_map', 'v:0,a:0,name:480p v:1,a:1,name:240p'],
    ...['-hls_segment_filename', join(directory, '%v-%d.ts'), join(directory, '%v.m3u8')],
  ];
}

function encodedOnce(programme: Programme, defects: FilteredDefects): string[] {
  return [
    ...repeated(programme.list),
    ...['-filter_complex', filters(programme, defects), '-map', '[picture]', '-map', '[sound]'],
    ...codecs(programme.rate),
    ...rate('0', '800k'),
  ];
}

function repeated(list: string): string[] {
  return ['-re', '-f', 'concat', '-safe', '0', '-i', list];
}

function filters({ rate, marker = false }: Programme, defects: FilteredDefects): string {
  return `${pictureFilters(defects, { rate, marker })};${soundFilters(defects, { marker })}`;
}

function codecs(frameRate: number): string[] {
  const keyFrame = String(keyFrameSeconds * frameRate);
  return [
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'],
    ...['-g', keyFrame, '-keyint_min', keyFrame, '-sc_threshold', '0', '-c:a', 'aac', '-b:a', '96k'],
  ];
}

function rate(video: string, bits: string): string[] {
  return [`-b:v:${video}`, bits, `-maxrate:v:${video}`, bits, `-bufsize:v:${video}`, bits];
}

function udpUrl(port: number): string {
  return `udp://127.0.0.1:${port}?pkt_size=1316`;
}
