import { severities } from '../../../crds/detector-manifest.ts';
import type { StreamMonitorStatus } from '../../../crds/stream-monitor.ts';
import { clipped, firstFew } from './bounded-text.ts';
import type { StreamStanding } from './stream-standing.ts';

type WorstStream = NonNullable<StreamMonitorStatus['worstStreams']>[number];

/** Bounds of the status schema. */
const mostStreams = 50;
const longestMessage = 512;

/**
 * Streams that need attention: those that are down or without a shard, those that nobody knows of, then those with
 * open incidents, the most first.
 */
export function worstStreams(
  streams: readonly StreamStanding[],
  previous: StreamMonitorStatus['worstStreams'] = [],
): WorstStream[] {
  const before = new Map(previous.map((stream) => [stream.name, stream]));
  return streams
    .filter((stream) => urgency(stream) < urgencies.length)
    .sort(
      (a, b) =>
        urgency(a) - urgency(b) || b.incidents.length - a.incidents.length || (a.name < b.name ? -1 : 1),
    )
    .slice(0, mostStreams)
    .map((stream) => entry(stream, before.get(stream.name)));
}

const urgencies: readonly ((stream: StreamStanding) => boolean)[] = [
  ({ phase }) => phase === 'Down',
  ({ phase }) => phase === 'Unknown',
  ({ incidents }) => incidents.length > 0,
];

function urgency(stream: StreamStanding): number {
  const first = urgencies.findIndex((applies) => applies(stream));
  return first === -1 ? urgencies.length : first;
}

function entry(stream: StreamStanding, before: WorstStream | undefined): WorstStream {
  const { name, phase, incidents } = stream;
  const defective = phase !== 'Down' && phase !== 'Unknown';
  const reason = defective ? 'OpenDefects' : stream.reason;
  // Messages of a phase hold figures that change with every report: the first one stands.
  const known = !defective && before?.phase === phase && before.reason === reason;
  const said = defective ? defectsOf(stream) : stream.message;
  const message = known ? (before.message ?? said) : said;
  return {
    name,
    phase,
    reason,
    ...(message && { message: clipped(message, longestMessage) }),
    defects: incidents.length,
  };
}

function defectsOf({ incidents }: StreamStanding): string {
  const kinds = incidents
    .toSorted(
      (a, b) =>
        severities.indexOf(b.severity) - severities.indexOf(a.severity) || (a.detector < b.detector ? -1 : 1),
    )
    .map(({ detector, severity }) => `${detector} (${severity})`);
  return firstFew([...new Set(kinds)], 8);
}
