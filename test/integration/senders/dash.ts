import { join } from 'node:path';
import { fileExists, type PackagedSender, startPackager } from './packaged.ts';
import { clip, type Source } from './source.ts';

/**
 * Live DASH (ISO/IEC 23009-1): fMP4 segments of 2 s, one adaptation set each for video and audio, with a
 * SegmentTimeline or, without `timeline`, numbered by `duration`. Resolves when two segments are there. (ffmpeg's own
 * DASH player is no judge of it: it asks for segments that do not exist yet in a busy loop.)
 */
export function startDash({
  source = clip(),
  timeline = true,
}: {
  source?: Source;
  timeline?: boolean;
} = {}): Promise<PackagedSender> {
  return startPackager({
    entry: 'manifest.mpd',
    prepare: async ({ directory }) => [
      ...source.input,
      ...source.map,
      ...source.codec,
      ...['-f', 'dash', '-seg_duration', '2', '-window_size', '6', '-extra_window_size', '4'],
      ...['-use_template', '1', '-use_timeline', timeline ? '1' : '0'],
      ...['-init_seg_name', 'init-$RepresentationID$.m4s'],
      ...['-media_seg_name', 'chunk-$RepresentationID$-$Number%05d$.m4s'],
      join(directory, 'manifest.mpd'),
    ],
    ready: (directory) => fileExists(join(directory, 'chunk-0-00002.m4s')),
  });
}
