import { painted } from '../../cli/terminal.ts';
import { textTable } from '../../cli/text-table.ts';
import type { MonitorExplanation, PlacementExplanation, StreamExplanation } from './explanation.ts';
import { openDefects } from './stream-watching.ts';
import { watchingText } from './watching-text.ts';

/** A StreamMonitor for a person: what is amiss, and a line for each stream on each of its shards. */
export function monitorText(explanation: MonitorExplanation, now: number): string {
  const { namespace, name, problems, conditions, streams } = explanation;
  const total = streams.reduce((sum, { cost }) => sum + cost, 0);
  const rows = streams.flatMap((stream) => monitorRows(stream, now));
  return [
    `${namespace}/${name}: ${counted(streams.length, 'stream')}, ${milliseconds(total)} CPU per second`,
    ...problems.map((problem) => `  wrong: ${problem}`),
    ...conditions
      .filter(({ type, status }) => status !== (type === 'Ready' ? 'True' : 'False'))
      .map(({ type, status, reason, message }) => `  ${type} is ${status}, ${reason}: ${message}`),
    ...(rows.length > 0
      ? [
          '',
          ...textTable(
            ['STREAM', 'STATE', 'NOW', 'SHARD', 'ROLE', 'POD', 'NODE', 'AGE', 'COST', 'WHY'],
            rows,
          ),
        ]
      : []),
    '',
  ].join('\n');
}

/** One stream for a person, with all that is known of it. */
export function streamText(
  { namespace, name, problems }: MonitorExplanation,
  stream: StreamExplanation,
  now: number,
): string {
  const { placements, cost, extraDecode, attention } = stream;
  const lines = [`${namespace}/${name}/${stream.name}: ${sentence(stream)}`];
  if (attention !== undefined) lines.push(`  status: ${attention}`);
  for (const problem of problems) lines.push(`  wrong with the StreamMonitor: ${problem}`);
  if (stream.watching) lines.push(...watchingText(stream.watching, now));
  for (const problem of stream.silent ?? []) lines.push(`  nobody knows how it is: ${problem}`);
  if (placements.length > 0) {
    lines.push(
      '',
      ...textTable(
        ['SHARD', 'ROLE', 'POD', 'NODE', 'SINCE', 'AGE', 'COST'],
        placements.map((each) => [
          each.shard,
          each.role,
          each.pod ?? '-',
          each.node ?? '-',
          each.since ?? '-',
          age(each, now),
          costOf(each),
        ]),
      ),
      '',
      ...placements.flatMap(({ shard, reason, from, detectors }) => [
        `${shard}: ${reason ?? 'no reason was kept'}${from === undefined ? '' : ` (from ${from})`}`,
        `  detectors: ${detectors.join(', ')}`,
      ]),
      '',
      `Cost: ${milliseconds(cost)} CPU per second${decodeText(extraDecode)}.`,
    );
  }
  lines.push('', ...detectorLines(stream));
  return `${lines.join('\n')}\n`;
}

function detectorLines({ detectors, disabled }: StreamExplanation): string[] {
  const rows = detectors.map(({ type, needs, cost, unknown }) => [
    type,
    needs.join(', ') || '-',
    cost === undefined ? '-' : `${rounded(cost)} ms/s`,
    unknown === undefined ? '' : painted('yellow', `cannot tell: ${unknown}`),
  ]);
  return [
    ...textTable(['DETECTOR', 'NEEDS', 'DECLARED', ''], rows),
    ...(disabled.length > 0 ? [`Disabled: ${disabled.join(', ')}.`] : []),
  ];
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(2)));
}

function sentence({ state, why, placements }: StreamExplanation): string {
  const shards = [...new Set(placements.map(({ shard }) => shard))].join(' and ');
  switch (state) {
    case 'Placed':
      return `on ${shards}.`;
    case 'Moving':
      return `moving, ${why}.`;
    case 'Leaving':
      return `leaving ${shards}, as ${why}.`;
    case 'Suspended':
      return `not watched, as ${why}.`;
    case 'OutsideWindow':
      return `not watched, as ${why}.`;
    case 'NoCapacity':
      return `cannot be placed: ${why}.`;
    case 'Waiting':
      return `not placed yet: ${why}.`;
  }
}

function decodeText(extra: number): string {
  return extra === 0 ? '' : `, some ${extra} ms of it as its divided detectors decode it more than once`;
}

function monitorRows(stream: StreamExplanation, now: number): string[][] {
  const { name, state, why, placements } = stream;
  if (placements.length === 0) return [[name, state, '-', '-', '-', '-', '-', '-', '-', why]];
  return placements.map((each) => [
    name,
    state,
    nowText(stream),
    each.shard,
    each.role,
    each.pod ?? '-',
    each.node ?? '-',
    age(each, now),
    costOf(each),
    state === 'Placed' ? (each.reason ?? '-') : why,
  ]);
}

/** How it is watched, in a few words. */
function nowText({ watching, silent = [] }: StreamExplanation): string {
  if (!watching) return silent.length > 0 ? 'Unknown' : '-';
  const defects = openDefects(watching).length;
  return defects > 0 ? `${watching.phase}, ${counted(defects, 'defect')}` : watching.phase;
}

/** As kubectl writes it. */
function age({ since }: PlacementExplanation, now: number): string {
  if (since === undefined) return '-';
  const seconds = Math.max(0, Math.floor((now - Date.parse(since)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

function costOf({ cost }: PlacementExplanation): string {
  return cost === undefined ? '-' : `${milliseconds(cost)}/s`;
}

function milliseconds(value: number): string {
  return `${Math.round(value)} ms`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
