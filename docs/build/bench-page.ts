import type { BenchFile } from '../../test/bench/bench-file.ts';
import { markdownTable } from './markdown-table.ts';

type Spread = { readonly median: number; readonly spread: readonly [number, number] };

/** What a run of the bench came to, as a page. */
export function benchPage(file: BenchFile): string {
  const { date, revision, command, machine, rounds } = file;
  return [
    '<!-- Written by `npm run generate` from bench.json; do not edit. -->',
    '# Cost',
    `Measured on ${date} at revision \`${revision}\` by \`${command}\`, on ${machine.cores} cores of ${machine.processor}, ` +
      `with Node ${machine.node} and ffmpeg ${machine.ffmpeg}. Every ratio is ours ÷ theirs, of the CPU time of whole process ` +
      `trees, both taken in the same round: median of ${rounds} interleaved rounds, and in brackets the least and the most. ` +
      'Below 1, ours takes less.',
    ...(Object.keys(file.ratios).length > 0 ? ['## Ratios', ratioText(file), ratioTable(file)] : []),
    ...(Object.keys(file.milliseconds).length > 0
      ? ['## What each takes', absoluteText, absolutes(file)]
      : []),
    ...(Object.keys(file.distributed).length > 0
      ? [
          '## Beside services with a bucket between them',
          distributedText,
          distributedTable(file),
          limitsText,
          limits(file),
        ]
      : []),
    ...(file.sharing ? ['## Subsets of detectors', sharingText, sharingTable(file.sharing)] : []),
    ...(file.streams ? ['## Streams and detectors', ...streamParts(file.streams)] : []),
    ...(file.latency ? ['## Latency', latencyText, latencies(file.latency)] : []),
    ...(file.planning ? ['## Planning', planningText, planningTable(file.planning)] : []),
    '',
  ].join('\n\n');
}

function ratioText({ renditions }: BenchFile): string {
  const media = Object.entries(renditions).map(
    ([name, { seconds, videoKilobits, cutSeconds }]) =>
      `${name}: ${seconds} s at ${(videoKilobits / 1000).toFixed(1)} Mb/s, the cut ${cutSeconds} s`,
  );
  return (
    'A programme of real clips in turn, 30 frames a second, encoded as a live encoder would (x264 veryfast, key frames 2 s ' +
    `apart, stereo AAC, MPEG-TS) and repeated. ${media.join('; ')}. The bench set is freeze, black, block-corruption, stall, ` +
    'silence, clipping and loudness; the small set is that without block-corruption. ffmpeg’s filters for it are ' +
    'freezedetect, blackdetect, blockdetect, silencedetect, astats and ebur128, all with one thread. With blockdetect they ' +
    'take several times what decoding does, and so run on the cut: what they cost there beside decoding it is set against ' +
    'what ours costs beside decoding the whole. What a process takes to start is measured in the same round, on the first 2 s ' +
    'of the programme, and left out on both sides: a stream is watched for weeks.'
  );
}

function ratioTable({ ratios }: BenchFile): string {
  return markdownTable(
    [
      'picture',
      'bench set ÷ bare decode',
      '÷ ffmpeg’s filters',
      'small set ÷ ffmpeg’s filters',
      '÷ distributed, 30 fps',
    ],
    Object.entries(ratios).map(([name, own]) => [
      name,
      spread(own.bareDecode),
      spread(own.nativeFilters),
      spread(own.nativeFiltersSmallSet),
      spread(own.distributed, 3),
    ]),
  );
}

const absoluteText =
  'Median CPU in ms per second of media. These depend on the machine; the ratios hardly do.';

const absoluteNames: Readonly<Record<string, string>> = {
  decode: 'bare decode',
  benchSet: 'bench set',
  smallSet: 'small set',
  nativeSmall: 'ffmpeg’s filters, small set',
  cutDecode: 'bare decode of the cut',
  nativeFull: 'ffmpeg’s filters, bench set, on the cut',
};

function absolutes({ milliseconds }: BenchFile): string {
  return markdownTable(
    ['picture', ...Object.values(absoluteNames)],
    Object.entries(milliseconds).map(([name, own]) => [
      name,
      ...Object.keys(absoluteNames).map((key) => rounded(own[key])),
    ]),
  );
}

const distributedText =
  'The same detectors as services: a converter writes each frame as a JPEG into a real S3 server, an orchestrator logs one ' +
  'transition of a workflow per second and detector, and freeze, black and block-corruption, each a process with the ' +
  'monitor’s own kernels, fetch, decode and judge each frame. Connections are kept alive, frames are fetched ahead, and the ' +
  'first second is not counted. The monolith beside it runs the three detectors on every frame of 30 a second, whatever the ' +
  'rate of the services. Sound is left out. CPU in ms per second of media.';

const steps = ['converter', 'put', 'get', 'detector', 'orchestrator', 's3', 'total'] as const;

function distributedTable({ distributed }: BenchFile): string {
  const rows = Object.entries(distributed).flatMap(([name, { rates, monolithMilliseconds }]) =>
    rates.map((rate) => [
      `${name}, ${rate.frameRate} fps`,
      rounded(monolithMilliseconds),
      ...steps.map((step) => rounded(rate.milliseconds[step])),
      `1/${(1 / rate.ratio.median).toFixed(1)} (1/${(1 / rate.ratio.spread[0]).toFixed(1)}–1/${(1 / rate.ratio.spread[1]).toFixed(1)})`,
      `${rate.putCalls.toFixed(0)} + ${rate.getCalls.toFixed(0)}`,
      rate.transitions.toFixed(1),
    ]),
  );
  return markdownTable(
    ['picture', 'monolith', ...steps, 'ratio', 'S3 calls a second', 'transitions a second'],
    rows,
  );
}

const limitsText =
  'Streams at which something ends: the default quota of state transitions of Step Functions (5,000 a second, in the ' +
  'largest regions), that of concurrent executions of Lambda (1,000; at the kindest, with functions of one vCPU that never ' +
  'wait), and the cores of this machine. The monolith needs neither service.';

function limits({ distributed }: BenchFile): string {
  const rows = Object.entries(distributed).flatMap(([name, { rates, monolithLimits }]) => [
    [`${name}, monolith`, '–', '–', whole(monolithLimits.machine)],
    ...rates.map(({ frameRate, limits: own }) => [
      `${name}, services, ${frameRate} fps`,
      whole(own.stateTransitions),
      whole(own.lambdaConcurrency),
      whole(own.machine),
    ]),
  ]);
  return markdownTable(['design', 'state transitions', 'concurrent executions', 'this machine'], rows);
}

function streamParts({ live, detectors }: NonNullable<BenchFile['streams']>): string[] {
  return [
    'Live streams of 480p in one shard, in real time, with the bench set. Where some were blind for more than a second, the ' +
      'machine could not hold so many.',
    markdownTable(
      ['streams', 'CPU of each, ms per second', 'memory of all, MB', 'blind'],
      live.map((own) => [
        String(own.streams),
        rounded(own.millisecondsPerStream),
        rounded(own.megabytes),
        String(own.blind),
      ]),
    ),
    'One detector more at a time, as a ratio to bare decoding of the 480p rendition.',
    markdownTable(
      ['detectors', '÷ bare decode'],
      detectors.map((own) => [own.detectors.join(', '), spread(own.ratio)]),
    ),
  ];
}

const sharingText =
  'The bench set divided among processes, ÷ the set in one process: with a decoding in each, and with one ffmpeg that ' +
  'decodes and writes into the pipes of all. What a shared decoding gives up is that a subset can restart, move and fail ' +
  'alone.';

function sharingTable(sharing: NonNullable<BenchFile['sharing']>): string {
  return markdownTable(
    ['picture', 'subsets', 'a decoding in each', 'one for all', 'takes less'],
    Object.entries(sharing).flatMap(([name, divisions]) =>
      divisions.map(({ subsets, replicated, shared }) => [
        name,
        String(subsets),
        spread(replicated),
        spread(shared),
        replicated.median < shared.median ? 'a decoding in each' : 'one for all',
      ]),
    ),
  );
}

const latencyText = 'Seconds.';

function latencies(latency: NonNullable<BenchFile['latency']>): string {
  return markdownTable(
    ['from … to …', 'median', '95th percentile', 'times'],
    Object.entries(latency).map(([name, { median, p95, count }]) => [
      name,
      median.toFixed(2),
      p95.toFixed(2),
      String(count),
    ]),
  );
}

const planningText =
  'The planner alone, on one core, in ms of CPU: a plan from nothing, one when nothing changed, and one for one stream ' +
  'more; and how many assignments are to be written.';

function planningTable(planning: NonNullable<BenchFile['planning']>): string {
  return markdownTable(
    ['streams', 'shards', 'first plan', 'nothing changed', 'one stream more', 'writes'],
    planning.map(({ streams, shards, first, unchanged, oneMore, writes }) => [
      String(streams),
      String(shards),
      spread(first, 1),
      spread(unchanged, 1),
      spread(oneMore, 1),
      `${writes.first}, ${writes.unchanged}, ${writes.oneMore}`,
    ]),
  );
}

function spread(own: Spread | undefined, digits = 2): string {
  if (!own) return '–';
  const [least, most] = own.spread;
  return `${own.median.toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`;
}

function rounded(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(value < 10 ? 1 : 0);
}

function whole(value: number | undefined): string {
  return value === undefined ? '–' : String(Math.floor(value));
}
