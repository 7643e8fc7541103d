import type { Severity } from '../../crds/detector-manifest.ts';
import type { Incident } from '../../crds/incident.ts';
import type { PageStream } from '../../crds/page-api.ts';
import { streamKey } from './stream-key.ts';

/** What a stream is like at a glance, worst first: not to be watched at all, with a defect, or well. */
export const conditions = ['down', 'critical', 'warning', 'info', 'starting', 'ended', 'good'] as const;
export type Condition = (typeof conditions)[number];

export const conditionLabels: Readonly<Record<Condition, string>> = {
  down: 'Down',
  critical: 'Critical',
  warning: 'Warning',
  info: 'Info',
  starting: 'Starting',
  ended: 'Ended',
  good: 'Good',
};

const ranks: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

/** Open incidents that alarm, worst first and, of equal severity, oldest first. */
export function openIncidents({ incidents }: PageStream): readonly Incident[] {
  return incidents
    .filter(({ state, suppressed }) => state === 'open' && suppressed === undefined)
    .sort(
      (a, b) => ranks[a.severity] - ranks[b.severity] || Date.parse(a.startTime) - Date.parse(b.startTime),
    );
}

/** The worst that holds of a stream now. */
export function conditionOf(stream: PageStream): Condition {
  if (stream.phase === 'Down') return 'down';
  const [worst] = openIncidents(stream);
  if (worst) return worst.severity;
  if (stream.phase === 'Starting') return 'starting';
  return stream.phase === 'Ended' ? 'ended' : 'good';
}

/** Whether each word is in the stream's name, StreamMonitor, namespace, reason or open incidents. */
export function matches(stream: PageStream, search: string): boolean {
  const incidents = openIncidents(stream).flatMap(({ detector, kind, channel }) => [detector, kind, channel]);
  const text = [streamKey(stream), stream.reason, ...incidents].join(' ').toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Streams in the order of the wall; names count as people do: `channel-2` before `channel-10`. */
export function ordered(streams: readonly PageStream[], order: 'problems' | 'name'): readonly PageStream[] {
  const keyed = streams.map((stream) => ({
    stream,
    key: streamKey(stream),
    rank: order === 'problems' ? conditions.indexOf(conditionOf(stream)) : 0,
  }));
  keyed.sort((a, b) => a.rank - b.rank || collator.compare(a.key, b.key));
  return keyed.map(({ stream }) => stream);
}

const collator = new Intl.Collator('en', { numeric: true });
