import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { filterMetadata } from '../../peers/metadata.ts';

/**
 * Gated loudness in LUFS, as ffmpeg's `ebur128` measures it, of a file or a stretch of one.
 * @throws Error when ffmpeg fails, or there is no sound above the gate
 */
export async function loudnessOf(
  path: string,
  stretch?: { readonly from: number; readonly seconds: number },
): Promise<number> {
  const { stderr } = await promisify(execFile)('ffmpeg', [
    ...['-nostdin', '-hide_banner', '-nostats'],
    ...(stretch ? ['-ss', String(stretch.from), '-t', String(stretch.seconds)] : []),
    ...['-i', path, '-map', '0:a', '-af', 'ebur128=framelog=verbose', '-f', 'null', '-'],
  ]);
  const told = /I:\s+(-?[\d.]+) LUFS/.exec(stderr.slice(stderr.lastIndexOf('Summary:')))?.[1];
  if (told === undefined) throw new Error(`ffmpeg measured no loudness of ${path}`);
  return Number(told);
}

/** The highest level between samples, of any channel in dBTP, in windows of a tenth of a second. */
export async function truePeaks(path: string): Promise<readonly { time: number; level: number }[]> {
  const [frames = []] = await filterMetadata(path, [
    {
      track: 'sound',
      filters:
        'aresample=192000,asetnsamples=n=19200:p=0,' +
        'astats=metadata=1:reset=1:measure_perchannel=none:measure_overall=Peak_level',
    },
  ]);
  return frames.map(({ time, values }) => ({
    time,
    level: Number(values.get('lavfi.astats.Overall.Peak_level')),
  }));
}
