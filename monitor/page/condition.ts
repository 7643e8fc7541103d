import type { Severity } from '../../crds/detector-manifest.ts';
import { type PageTile, streamKey, type TileIncident } from '../../crds/page-api.ts';
import type { StreamState } from '../../crds/stream-state.ts';

/** What a stream is like at a glance, worst first: not to be watched at all, with a defect, not told of, or well. */
export const conditions = [
  'down',
  'critical',
  'warning',
  'unheard',
  'info',
  'starting',
  'ended',
  'good',
] as const;
export type Condition = (typeof conditions)[number];

export const conditionLabels: Readonly<Record<Condition, string>> = {
  down: 'Down',
  critical: 'Critical',
  warning: 'Warning',
  unheard: 'No answer',
  info: 'Info',
  starting: 'Starting',
  ended: 'Ended',
  good: 'Good',
};

const ranks: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

/** Open incidents that alarm, worst first and, of equal severity, oldest first. */
export function openIncidents<I extends TileIncident>({
  incidents,
}: {
  readonly incidents: readonly I[];
}): readonly I[] {
  return incidents
    .filter(({ state, suppressed }) => state === 'open' && suppressed === undefined)
    .sort(
      (a, b) => ranks[a.severity] - ranks[b.severity] || Date.parse(a.startTime) - Date.parse(b.startTime),
    );
}

/** What a condition is read from: a tile or a stream. */
export type Conditioned = Pick<StreamState, 'phase'> & {
  readonly incidents: readonly TileIncident[];
  readonly unheardSince?: string;
};

/** The worst that holds of a stream now; while nothing is heard of it, what was told before may be over. */
export function conditionOf(stream: Conditioned): Condition {
  if (stream.unheardSince !== undefined) return 'unheard';
  if (stream.phase === 'Down') return 'down';
  const [worst] = openIncidents(stream);
  if (worst) return worst.severity;
  if (stream.phase === 'Starting') return 'starting';
  return stream.phase === 'Ended' ? 'ended' : 'good';
}

/** Whether each word is in the stream's name, StreamMonitor, namespace, reason or open incidents. */
export function matches(stream: PageTile, search: string): boolean {
  const incidents = openIncidents(stream).flatMap(({ detector, title, kind, channel }) => [
    detector,
    title,
    kind,
    channel,
  ]);
  const text = [streamKey(stream), stream.reason, ...incidents].join(' ').toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Streams in the order of the wall; names count as people do: `channel-2` before `channel-10`. */
export function ordered(streams: readonly PageTile[], order: 'problems' | 'name'): readonly PageTile[] {
  const keyed = streams.map((stream) => ({
    stream,
    key: streamKey(stream),
    rank: order === 'problems' ? conditions.indexOf(conditionOf(stream)) : 0,
  }));
  keyed.sort((a, b) => a.rank - b.rank || collator.compare(a.key, b.key));
  return keyed.map(({ stream }) => stream);
}

const collator = new Intl.Collator('en', { numeric: true });
