/** What watching costs: beside bare decoding, ffmpeg's own filters, and services with a bucket between them. */
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { count } from '../../cli/options.ts';
import { benchPage } from '../../docs/build/bench-page.ts';
import { commandOutput, revision } from '../accuracy/result-file.ts';
import { type BenchFile, benchFileText } from './bench-file.ts';
import { root } from './commands.ts';
import { costMeasurement } from './cost-measurement.ts';
import { measureDistributed } from './distributed/distributed.ts';
import { measureLatency } from './latency.ts';
import { measurePlanning } from './planning.ts';
import { measureRatios } from './ratios.ts';
import { prepareRenditions, type Rendition, type RenditionName, renditionNames } from './renditions.ts';
import { measureSharing } from './sharing.ts';
import { measureStreams } from './streams.ts';

const parts = ['ratios', 'distributed', 'sharing', 'streams', 'latency', 'planning'] as const;
type Part = (typeof parts)[number];

/** Of the parts with live streams. */
const liveRendition: RenditionName = '480p';

interface Options {
  readonly media: string;
  readonly rounds: number;
  readonly only: readonly Part[];
  readonly renditions: readonly RenditionName[];
  readonly seconds?: number;
  readonly json?: string;
  readonly cost?: string;
  readonly write?: true;
}

await new Command('bench')
  .description('what watching costs, as ratios within one run, of the CPU of whole process trees')
  .option('--media <dir>', 'folder of clips that the programme is made of', join(root, 'test/media'))
  .option('--rounds <count>', 'interleaved rounds', count, 3)
  .option('--only <parts>', `some of ${parts.join(', ')}`, someOf(parts), parts)
  .option(
    '--renditions <names>',
    `some of ${renditionNames.join(', ')}`,
    someOf(renditionNames),
    renditionNames,
  )
  .option('--seconds <length>', 'media of each rendition, instead of 90, 135 and 300', count)
  .option('--json <file>', 'write the figures there')
  .option('--cost <file>', 'write there what `streammonitor cost --measured` reads')
  .option('--write', 'write docs/bench.json and docs/bench.md')
  .action(bench)
  .parseAsync();
// Whatever still holds a connection open must not hold up the exit.
process.exit();

async function bench(options: Options): Promise<void> {
  const file = emptyFile(options);
  const wanted = new Set(options.only);
  if (wanted.has('planning')) file.planning = measurePlanning(options.rounds);
  await measureRenditions(options, wanted, file);
  console.log(benchPage(file));
  if (options.json) await writeFile(options.json, benchFileText(file));
  if (options.cost) await writeFile(options.cost, `${JSON.stringify(costMeasurement(file), undefined, 1)}\n`);
  if (options.write) {
    await writeFile(join(root, 'docs/bench.json'), benchFileText(file));
    await writeFile(join(root, 'docs/bench.md'), benchPage(file));
  }
}

async function measureRenditions(
  { media, rounds, renditions, seconds }: Options,
  wanted: ReadonlySet<Part>,
  file: BenchFile,
): Promise<void> {
  const each = wanted.has('ratios') || wanted.has('distributed') || wanted.has('sharing');
  const live = wanted.has('streams') || wanted.has('latency');
  const names = new Set<RenditionName>([...(each ? renditions : []), ...(live ? [liveRendition] : [])]);
  if (names.size === 0) return;
  progress('renditions');
  for (const rendition of await prepareRenditions(media, names, seconds)) {
    if (each && renditions.includes(rendition.name)) await measureRendition(rendition, wanted, rounds, file);
    if (rendition.name !== liveRendition) continue;
    if (wanted.has('streams')) {
      progress('streams');
      file.streams = await measureStreams(rendition, rounds);
    }
    if (wanted.has('latency')) {
      progress('latency');
      file.latency = await measureLatency(rendition);
    }
  }
}

async function measureRendition(
  rendition: Rendition,
  wanted: ReadonlySet<Part>,
  rounds: number,
  file: BenchFile,
): Promise<void> {
  const { name, width, height, videoKilobits, seconds, cut } = rendition;
  file.renditions[name] = { width, height, videoKilobits, seconds, cutSeconds: cut.seconds };
  if (wanted.has('ratios')) {
    progress(`ratios, ${name}`);
    const { milliseconds, ...ratios } = await measureRatios(rendition, rounds);
    file.milliseconds[name] = milliseconds;
    file.ratios[name] = ratios;
  }
  if (wanted.has('distributed')) {
    progress(`distributed, ${name}`);
    const distributed = await measureDistributed(rendition, rounds);
    file.distributed[name] = distributed;
    file.ratios[name] = { ...file.ratios[name], distributed: distributed.rates[0]!.ratio };
  }
  if (wanted.has('sharing')) {
    progress(`sharing, ${name}`);
    file.sharing = { ...file.sharing, [name]: await measureSharing(rendition, rounds) };
  }
}

function emptyFile({ rounds }: Options): BenchFile {
  return {
    date: new Date().toISOString().slice(0, 10),
    revision: revision(),
    command: ['npm run bench --', ...process.argv.slice(2)].join(' '),
    machine: {
      processor: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      node: process.version,
      ffmpeg: commandOutput('ffmpeg', '-version').split(' ')[2] ?? 'unknown',
    },
    rounds,
    renditions: {},
    ratios: {},
    milliseconds: {},
    distributed: {},
  };
}

function progress(text: string): void {
  console.error(`bench: ${text}`);
}

function someOf<T extends string>(all: readonly T[]): (text: string) => readonly T[] {
  return (text) =>
    text.split(',').map((name) => {
      const known = all.find((one) => one === name);
      if (!known) throw new InvalidArgumentError(`"${name}" is none of ${all.join(', ')}`);
      return known;
    });
}
