import { setTimeout as sleep } from 'node:timers/promises';
import { clip, type Sender, startUdpTs } from '../integration/senders.ts';
import { benchSet, decodeCommand, watchCommand, watched } from './commands.ts';
import { steadyMilliseconds } from './cpu-time.ts';
import { startLiveShard } from './live-shard.ts';
import { treeCpuSeconds, treeMemoryBytes } from './process-tree.ts';
import type { Rendition } from './renditions.ts';
import { interleaved } from './rounds.ts';
import { pairedRatio, type Spread } from './statistics.ts';

const streamCounts = [1, 2, 4, 8, 16] as const;
const liveSeconds = 20;
const megabyte = 1e6;
export interface StreamsResult {
  readonly live: readonly {
    readonly streams: number;
    /** ms of CPU per second, of each stream, what the shard has once included. */
    readonly millisecondsPerStream: number;
    /** Of the shard and its converters. */
    readonly megabytes: number;
    /** Streams that were not watched for more than a second: the machine could not hold so many. */
    readonly blind: number;
  }[];
  /** The bench set up to each of its detectors, ÷ bare decode. */
  readonly detectors: readonly { readonly detectors: readonly string[]; readonly ratio: Spread }[];
}

/** What one more stream or detector takes. */
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
      ...Object.fromEntries(sets.map((set) => [String(set), () => watching(set)])),
    },
    rounds,
  );
  return {
    live,
    detectors: sets.map((detectors) => ({
      detectors,
      ratio: pairedRatio(taken[String(detectors)]!, taken.decode!),
    })),
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
      return {
        streams: count,
        millisecondsPerStream: milliseconds / seconds / count,
        megabytes: treeMemoryBytes(shard.pid) / megabyte,
        blind: streams.filter(({ blindSeconds }) => blindSeconds > 1).length,
      };
    } finally {
      await shard.stop();
    }
  } finally {
    await Promise.all(senders.map((sender) => sender.stop()));
  }
}
