/** The converter of the distributed baseline: each frame as a JPEG into the bucket. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { processCpuSeconds } from '../process-tree.ts';
import { FrameBucket } from './frame-bucket.ts';
import type { ConverterDone, DistributedRun, SecondStored } from './messages.ts';
import { MpjpegReader } from './mpjpeg-reader.ts';

/** Uploads under way at a time. */
const uploads = 4;

process.once('message', async (run: DistributedRun) => {
  await convert(run);
  process.disconnect();
});

async function convert({ store, file, frameRate, seconds }: DistributedRun): Promise<void> {
  const bucket = new FrameBucket(store);
  // Limited levels are kept as they are: no conversion of the range, and detectors see what the monolith sees.
  const ffmpeg = spawn(
    'ffmpeg',
    [
      ...[
        '-nostdin',
        '-v',
        'error',
        '-threads',
        '1',
        '-filter_threads',
        '1',
        '-i',
        file,
        '-t',
        String(seconds),
      ],
      ...['-an', '-vf', `fps=${frameRate}`, '-c:v', 'mjpeg', '-threads', '1', '-strict', 'unofficial'],
      ...['-q:v', '2', '-f', 'mpjpeg', 'pipe:1'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(ffmpeg, 'exit');
  const reader = new MpjpegReader();
  const underWay = new Set<Promise<void>>();
  let keys: string[] = [];
  let stored: Promise<void>[] = [];
  let frames = 0;
  let bytes = 0;
  let warm: { readonly ffmpeg: number; readonly own: NodeJS.CpuUsage } | undefined;
  let ffmpegSeconds = 0;

  for await (const chunk of ffmpeg.stdout as AsyncIterable<Buffer>) {
    for (const picture of reader.read(chunk)) {
      ffmpegSeconds = processCpuSeconds(ffmpeg.pid!) ?? ffmpegSeconds;
      // The first second warms up.
      if (frames === frameRate) warm = { ffmpeg: ffmpegSeconds, own: process.cpuUsage() };
      const key = `frames/${String(frames++).padStart(8, '0')}.jpg`;
      bytes += picture.length;
      keys.push(key);
      const upload = bucket.put(key, picture).finally(() => underWay.delete(upload));
      underWay.add(upload);
      stored.push(upload);
      if (frames % frameRate === 0) {
        const second: SecondStored = { type: 'second', second: frames / frameRate - 1, keys };
        await Promise.all(stored);
        process.send!(second);
        keys = [];
        stored = [];
      }
      if (underWay.size >= uploads) await Promise.race(underWay);
    }
  }
  await Promise.all(stored);
  const [code] = await ended;
  if (code !== 0 || !warm)
    throw new Error(`converter: ffmpeg ended with code ${code} after ${frames} frames`);
  const own = process.cpuUsage(warm.own);
  const done: ConverterDone = {
    type: 'converted',
    frames,
    ffmpegMilliseconds: 1000 * (ffmpegSeconds - warm.ffmpeg),
    putMilliseconds: (own.user + own.system) / 1000,
    putCalls: bucket.putCalls,
    bytes,
  };
  process.send!(done);
}
