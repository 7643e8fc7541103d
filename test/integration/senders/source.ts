import { join } from 'node:path';

/** What a sender sends: arguments for ffmpeg, read at the speed of playing. */
export interface Source {
  readonly input: readonly string[];
  readonly map: readonly string[];
  readonly codec: readonly string[];
}

export type Tracks = 'both' | 'video' | 'audio';

const media = join(import.meta.dirname, '../../media');

/** A clip of test/media (or any file with H.264 and AAC), looped for ever and sent as it is: costs next to nothing. */
export function clip(name = 'road', { tracks = 'both' }: { tracks?: Tracks } = {}): Source {
  const file = name.includes('/') ? name : join(media, `${name}.mp4`);
  return {
    input: ['-re', '-stream_loop', '-1', '-i', file],
    map: mapOf(tracks, '0:v:0', '0:a:0'),
    codec: ['-c', 'copy'],
  };
}

/** ffmpeg's moving test picture and a tone, encoded as it goes, with a key frame every 2 s. */
export function testPattern({
  size = '320x180',
  rate = 25,
  tracks = 'both',
}: {
  size?: string;
  rate?: number;
  tracks?: Tracks;
} = {}): Source {
  return {
    input: [
      ...['-re', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${rate}`],
      ...['-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'],
    ],
    map: mapOf(tracks, '0:v', '1:a'),
    codec: [...h264({ rate }), '-c:a', 'aac', '-b:a', '96k'],
  };
}

/** Cheap H.264 with a closed GOP of 2 s. */
export function h264({ rate, bitrate = '500k' }: { rate: number; bitrate?: string }): string[] {
  return [
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-threads', '1'],
    ...['-pix_fmt', 'yuv420p', '-b:v', bitrate, '-g', String(2 * rate), '-keyint_min', String(2 * rate)],
    ...['-sc_threshold', '0'],
  ];
}

function mapOf(tracks: Tracks, video: string, audio: string): string[] {
  return [...(tracks === 'audio' ? [] : ['-map', video]), ...(tracks === 'video' ? [] : ['-map', audio])];
}
