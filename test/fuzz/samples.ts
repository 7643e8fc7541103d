import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Real media of a second, each as the installed ffmpeg writes it: what is damaged must have been right. */
export interface Samples {
  readonly ts: Buffer;
  /** Fragmented: an initialisation section and fragments. */
  readonly mp4: Buffer;
  /** Luma planes and PCM, as the converter asks for them. */
  readonly nut: readonly Buffer[];
  readonly adts: Buffer;
  readonly hls: string;
  readonly dash: string;
}

const media = [
  ...['-f', 'lavfi', '-i', 'testsrc2=size=64x36:rate=25:duration=1', '-f', 'lavfi', '-i', 'sine=duration=1'],
  ...[
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-g',
    '12',
    '-pix_fmt',
    'yuv420p',
    '-c:a',
    'aac',
    '-b:a',
    '32k',
  ],
];

export function makeSamples(): Samples {
  const directory = mkdtempSync(join(tmpdir(), 'streammonitor-fuzz-'));
  const make = (...options: readonly string[]) =>
    execFileSync('ffmpeg', ['-v', 'error', '-bitexact', ...options], { cwd: directory });
  try {
    make(...media, '-bitexact', 's.ts');
    make(
      '-i',
      's.ts',
      '-c',
      'copy',
      '-bsf:a',
      'aac_adtstoasc',
      '-movflags',
      'frag_keyframe+empty_moov+default_base_moof',
      's.mp4',
    );
    const nut = ['-syncpoints', 'none', '-strict', 'experimental', '-f', 'nut'];
    make('-i', 's.ts', '-an', '-vf', 'format=gray', '-c:v', 'rawvideo', ...nut, 'v.nut');
    make('-i', 's.ts', '-vn', '-c:a', 'pcm_s16le', ...nut, 'a.nut');
    make('-i', 's.ts', '-vn', '-c:a', 'copy', '-f', 'adts', 's.aac');
    make('-i', 's.ts', '-c', 'copy', '-f', 'hls', '-hls_time', '0.4', '-hls_list_size', '0', 's.m3u8');
    make('-i', 's.mp4', '-c', 'copy', '-f', 'dash', '-seg_duration', '0.4', 's.mpd');
    const read = (name: string) => readFileSync(join(directory, name));
    if (readdirSync(directory).length === 0) throw new Error('ffmpeg made nothing');
    return {
      ...{ ts: read('s.ts'), mp4: read('s.mp4'), nut: [read('v.nut'), read('a.nut')], adts: read('s.aac') },
      ...{ hls: read('s.m3u8').toString(), dash: read('s.mpd').toString() },
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
