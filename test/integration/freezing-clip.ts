import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** A real clip of `seconds` that stands still between two of them, as a live encoder would send it. */
export function writeFreezingClip(
  path: string,
  { from, to, seconds }: { from: number; to: number; seconds: number },
): void {
  const bunny = join(import.meta.dirname, '../media/bunny.mp4');
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-stream_loop', '-1', '-t', String(seconds), '-i', bunny],
    ...['-vf', `select='lt(t,${from})+gt(t,${to})',fps=24`, '-c:v', 'libx264', '-preset', 'ultrafast'],
    ...['-g', '48', '-c:a', 'aac', path],
  ]);
}
