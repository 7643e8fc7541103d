import { setTimeout as sleep } from 'node:timers/promises';
import { clip, type Sender, startUdpTs } from '../integration/senders.ts';
import { benchSet, decodeCommand, watchCommand, watched } from './commands.ts';
import { steadyMilliseconds } from './cpu-time.ts';
import { startLiveShard } from './live-shard.ts';
import { treeCpuSeconds, treeMemoryBytes } from './process-tree.ts';
import type { Rendition } from './renditions.ts';
import { interleaved } from './rounds.ts';
import { pairedRatio, type Spread } from './statistics.ts';

const streamCounts = [1, 2, 4, 8] as const;
const liveSeconds = 20;
const megabyte = 1e6;
/** The bench set in two, as a user might divide it: each half decodes for itself. */
const subsets: readonly (readonly string[])[] = [
  ['freeze', 'black', 'stall', 'loudness'],
  ['block-corruption', 'silence', 'clipping'],
];

export interface StreamsResult {
  readonly live: readonly {
    readonly streams: number;
    /** ms of CPU per second, of each stream, what the shard has once included. */
    readonly millisecondsPerStream: number;
    /** Of the shard and its converters. */
    readonly megabytes: number;
  }[];
  /** The bench set up to each of its detectors, ÷ bare decode. */
  readonly detectors: readonly { readonly detectors: readonly string[]; readonly ratio: Spread }[];
  /** Two halves, each with a decoding of its own ÷ the whole set in one. */
  readonly twoSubsets: Spread;
}

/** What one more stream, detector or subset takes. */
export async function measureStreams(rendition: Rendition, rounds: number): Promise<StreamsResult> {
  const live: StreamsResult['live'][number][] = [];
  for (const count of streamCounts) live.push(await liveStreams(rendition.file, count));

  const { cut, opening } = rendition;
  const watching = (set: readonly string[]) =>
    steadyMilliseconds((file) => watchCommand(file, set), cut, opening, watched);
  const sets = benchSet.map((_, index) => benchSet.slice(0, index + 1));
  const taken = await interleaved<string>(
    {
      decode: () => steadyMilliseconds(decodeCommand, cut, opening),
      ...Object.fromEntries([...sets, ...subsets].map((set) => [String(set), () => watching(set)])),
    },
    rounds,
  );
  const of = (set: readonly string[]) => taken[String(set)]!;
  return {
    live,
    detectors: sets.map((detectors) => ({ detectors, ratio: pairedRatio(of(detectors), taken.decode!) })),
    twoSubsets: pairedRatio(
      of(subsets[0]!).map((seconds, round) => seconds + of(subsets[1]!)[round]!),
      of(benchSet),
    ),
  };
}

async function liveStreams(file: string, count: number) {
  const senders: Sender[] = await Promise.all(
    Array.from({ length: count }, () => startUdpTs({ source: clip(file) })),
  );
  try {
    const shard = await startLiveShard(
      senders.map(({ url }) => url),
      benchSet,
    );
    try {
      const before = { cpu: treeCpuSeconds(shard.pid), at: performance.now() };
      await sleep(1000 * liveSeconds);
      const milliseconds = 1000 * (treeCpuSeconds(shard.pid) - before.cpu);
      const seconds = (performance.now() - before.at) / 1000;
      const { streams } = await shard.report();
      const lost = streams.filter(({ blindSeconds }) => blindSeconds > 1).map(({ name }) => name);
      if (lost.length > 0)
        throw new Error(`${count} live streams: ${lost.join(', ')} were not watched throughout`);
      return {
        streams: count,
        millisecondsPerStream: milliseconds / seconds / count,
        megabytes: treeMemoryBytes(shard.pid) / megabyte,
      };
    } finally {
      await shard.stop();
    }
  } finally {
    await Promise.all(senders.map((sender) => sender.stop()));
  }
}
