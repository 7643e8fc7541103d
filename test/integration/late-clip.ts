import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** 16 s of a real clip with a flash and a tone that comes 300 ms after it. */
export function writeLateClip(path: string): void {
  const marker = "drawbox=w=iw/4:h=ih/4:t=fill:color=white:enable='lt(mod(t,2),0.06)'";
  const tone = "aevalsrc='0.8*sin(2*PI*1000*t)*lt(mod(t,2),0.08)':s=48000:d=16,adelay=300:all=1[tone]";
  const graph = `[0:v]scale=320:180,${marker}[v];[0:a]volume=0.2[quiet];${tone};[quiet][tone]amix=normalize=0[a]`;
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-i', join(import.meta.dirname, '../media/road.mp4'), '-filter_complex', graph],
    ...[
      '-map',
      '[v]',
      '-map',
      '[a]',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-g',
      '50',
      '-c:a',
      'aac',
      path,
    ],
  ]);
}
