import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { AudioObservation } from '../../../monitor/detectors/contract.ts';

/** Sound of a clip of test/media through an ffmpeg filter, and through a codec where one is named. */
export function clipSound(
  name: string,
  { filter = 'anull', codec, seconds = 8 }: { filter?: string; codec?: string; seconds?: number } = {},
): AudioObservation {
  let pcm = run([
    '-i',
    clipPath(name),
    '-t',
    `${seconds}`,
    '-vn',
    '-af',
    `asetpts=N/SR/TB,${filter}`,
    ...(codec ? ['-c:a', codec, '-b:a', '128k', '-f', 'adts'] : ['-f', 's16le']),
  ]);
  if (codec) pcm = run(['-i', 'pipe:0', '-f', 's16le'], pcm);
  return stereo(pcm);
}

/** Sound of a clip of test/media as a receiver hears it that is sent `repeats` times, copied, in one stream. */
export function repeatedClipSound(name: string, repeats: number): AudioObservation {
  const loop = ['-stream_loop', `${repeats - 1}`, '-i', clipPath(name), '-vn', '-c', 'copy', '-f', 'adts'];
  return stereo(run(['-i', 'pipe:0', '-f', 's16le'], run(loop)));
}

function clipPath(name: string): string {
  return join(import.meta.dirname, '../../media', name);
}

function stereo(pcm: Buffer): AudioObservation {
  const samples = new Int16Array(pcm.buffer, pcm.byteOffset, Math.floor(pcm.length / 4) * 2);
  return { type: 'audio', time: 0, sampleRate: 48_000, channels: 2, channelNames: ['FL', 'FR'], samples };
}

function run(args: readonly string[], input?: Buffer): Buffer {
  const { status, stdout, stderr } = spawnSync('ffmpeg', ['-v', 'error', ...args, 'pipe:1'], {
    maxBuffer: 1e8,
    ...(input && { input }),
  });
  if (status !== 0) throw new Error(`ffmpeg ${args.join(' ')}: ${stderr}`);
  return stdout;
}
