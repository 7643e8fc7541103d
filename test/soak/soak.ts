import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { count } from '../../cli/options.ts';
import { clip, type Sender, startHls, startSrtListener, startUdpTs } from '../integration/senders.ts';
import { growth } from './flatness.ts';
import { type ShardSample, SoakShard } from './soak-shard.ts';

/** Real 480p live streams in real shards: memory, descriptors, frames and defects, minute by minute. */

const frameRate = 24;
const megabyte = 1024 * 1024;

const { minutes, streams, shards } = new Command('soak')
  .description('watch live streams for long: fails where memory or descriptors grow')
  .option('--minutes <count>', 'how long', count, 30)
  .option('--streams <count>', 'live streams, 480p', count, 6)
  .option('--shards <count>', 'processes that they are divided over', count, 1)
  .parse()
  .opts<{ minutes: number; streams: number; shards: number }>();

const senders = await startSenders(streams);
const monitors = Array.from(
  { length: shards },
  (_, index) => new SoakShard(senders.filter((__, place) => place % shards === index).map(({ url }) => url)),
);
const sampled: ShardSample[] = [];
try {
  console.log('minute  shards MB  converters MB  descriptors  CPU cores  frames/s  lost  defects');
  for (let minute = 1; minute <= minutes; minute++) {
    await sleep(60_000);
    sampled.push(await sampleAll());
    printMinute(minute, sampled.at(-1)!, sampled.at(-2));
  }
} finally {
  await Promise.all(monitors.map((monitor) => monitor.stop()));
  await Promise.all(senders.map((sender) => sender.stop()));
}
const grown = growth(sampled);
for (const one of grown) console.log(`GREW: ${one}`);
process.exit(grown.length === 0 ? 0 : 1);

async function startSenders(number: number): Promise<Sender[]> {
  const source = clip('bunny');
  const kinds = [
    () => startUdpTs({ source }),
    () => startHls({ source }),
    () => startSrtListener({ source }),
  ];
  return Promise.all(Array.from({ length: number }, (_, index) => kinds[index % kinds.length]!()));
}

/** All shards together. */
async function sampleAll(): Promise<ShardSample> {
  const samples = await Promise.all(monitors.map((monitor) => monitor.sample()));
  return samples.reduce((total, sample) => ({
    shardBytes: total.shardBytes + sample.shardBytes,
    converterBytes: total.converterBytes + sample.converterBytes,
    descriptors: total.descriptors + sample.descriptors,
    cpuSeconds: total.cpuSeconds + sample.cpuSeconds,
    frames: total.frames + sample.frames,
    monitoredSeconds: total.monitoredSeconds + sample.monitoredSeconds,
    defects: total.defects + sample.defects,
  }));
}

function printMinute(minute: number, now: ShardSample, before?: ShardSample): void {
  const due = now.monitoredSeconds * frameRate;
  const row = [
    minute,
    (now.shardBytes / megabyte).toFixed(0),
    (now.converterBytes / megabyte).toFixed(0),
    now.descriptors,
    ((now.cpuSeconds - (before?.cpuSeconds ?? 0)) / 60).toFixed(2),
    ((now.frames - (before?.frames ?? 0)) / 60).toFixed(1),
    `${Math.round(due - now.frames)} of ${Math.round(due)}`,
    now.defects,
  ];
  console.log(row.join('\t'));
}
