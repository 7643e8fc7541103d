/** What watching costs beside bare decoding: CPU of `streammonitor probe` over CPU of ffmpeg on the same media. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { type BenchClip, prepareClips } from './clips.ts';
import { cpuSecondsOf } from './cpu-time.ts';
import { median } from './median.ts';

interface Measurement extends BenchClip {
  /** CPU seconds by round. */
  readonly decode: readonly number[];
  readonly watch: readonly number[];
  /** Of watching to decoding, by round. */
  readonly ratios: readonly number[];
}

const root = join(import.meta.dirname, '../..');

await new Command('bench')
  .description(
    'CPU of watching a file with the recommended detectors, as a ratio to decoding it with one thread',
  )
  .option('--media <dir>', 'folder of media files', join(root, 'test/media'))
  .option('--rounds <count>', 'interleaved rounds', positive, 5)
  .option('--seconds <length>', 'repeat shorter clips to this length', positive, 60)
  .option('--json <file>', 'write the figures there')
  .action(bench)
  .parseAsync();

async function bench(options: { media: string; rounds: number; seconds: number; json?: string }) {
  const scratch = await mkdtemp(join(tmpdir(), 'streammonitor-bench-'));
  try {
    console.log('CPU seconds, user + system, of the whole process tree: median (least to most)\n');
    console.log(row(['clip', 'media s', 'decode', 'watch', 'ratio']));
    const measurements: Measurement[] = [];
    for (const clip of await prepareClips(options.media, options.seconds, scratch)) {
      const measurement = await measure(clip, options.rounds);
      measurements.push(measurement);
      console.log(rowOf(measurement));
    }
    const overall = median(measurements.map(({ ratios }) => median(ratios)));
    console.log(`\nmedian ratio over ${measurements.length} clips: ${overall.toFixed(2)}`);
    if (options.json) await writeFile(options.json, `${jsonOf(measurements, overall)}\n`);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function measure(clip: BenchClip, rounds: number): Promise<Measurement> {
  const decode: number[] = [];
  const watch: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const takeDecode = async () => decode.push(await cpuSecondsOf(decodeCommand(clip.file), [0]));
    const takeWatch = async () => watch.push(await cpuSecondsOf(watchCommand(clip.file), [0, 1]));
    // In turns, so that a machine that slows down or speeds up favours neither.
    for (const take of round % 2 === 0 ? [takeDecode, takeWatch] : [takeWatch, takeDecode]) await take();
  }
  return { ...clip, decode, watch, ratios: watch.map((seconds, round) => seconds / decode[round]!) };
}

function decodeCommand(file: string): string[] {
  return ['ffmpeg', '-nostdin', '-v', 'error', '-threads', '1', '-i', file, '-f', 'null', '-'];
}

function watchCommand(file: string): string[] {
  return [join(root, 'bin/streammonitor'), 'probe', file, '--json'];
}

function rowOf({ name, mediaSeconds, decode, watch, ratios }: Measurement): string {
  return row([name, mediaSeconds.toFixed(0), spread(decode), spread(watch), spread(ratios)]);
}

function row([name = '', ...figures]: readonly string[]): string {
  return name.padEnd(32).slice(0, 32) + figures.map((figure) => figure.padStart(20)).join('');
}

function spread(values: readonly number[]): string {
  const [least, middle, most] = [Math.min(...values), median(values), Math.max(...values)];
  return `${middle.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)})`;
}

function jsonOf(measurements: readonly Measurement[], overall: number): string {
  const clips = measurements.map(({ file: _, ...figures }) => ({
    ...figures,
    medianRatio: median(figures.ratios),
    watchMillisecondsPerMediaSecond: (1000 * median(figures.watch)) / figures.mediaSeconds,
  }));
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
  return JSON.stringify(
    { time: new Date().toISOString(), machine, medianRatio: overall, clips },
    undefined,
    2,
  );
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('write a whole number from 1');
  return value;
}
