import type { Severity } from '../../crds/detector-manifest.ts';
import type { PhaseChange, TileIncident } from '../../crds/page-api.ts';
import type { StreamPhase, StreamState } from '../../crds/stream-state.ts';

/** How far back a timeline shows, in seconds: the shortest that holds all there is, so that a new stream fills it. */
const ranges = [120, 300, 600] as const;
const longestRange = 600;
/** What is shorter would not be seen, as a share of the timeline: about a pixel of a tile. */
const shortestShare = 1 / 200;

/** A stretch of a timeline, in seconds from its left edge. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface IncidentSpan extends Span {
  readonly severity: Severity;
  readonly open: boolean;
  readonly id: string;
}

export interface PhaseSpan extends Span {
  readonly phase: StreamPhase;
}

/** What a timeline is drawn from: a tile or a stream. */
export interface Drawn extends Pick<StreamState, 'phase' | 'reason' | 'since'> {
  readonly incidents: readonly TileIncident[];
  readonly history?: readonly PhaseChange[];
}

/** Seconds that the timeline of a stream shows; `now` is in ms since 1970. */
export function timelineRange(
  { history, since, incidents }: Pick<Drawn, 'history' | 'since' | 'incidents'>,
  now: number,
): number {
  const known = [history?.[0]?.since ?? since, ...incidents.map(({ startTime }) => startTime)];
  const age = Math.max(...known.map((time) => (now - Date.parse(time)) / 1000));
  return ranges.find((range) => age <= range) ?? longestRange;
}

/** Incidents within `range` seconds before `now` (ms since 1970), mild ones first so that worse ones cover them. */
export function incidentSpans(
  incidents: readonly TileIncident[],
  now: number,
  range: number,
): readonly IncidentSpan[] {
  const spans = incidents.flatMap(({ id, startTime, endTime, severity, state, suppressed }) => {
    const span = clipped(startTime, endTime, now, range);
    // What was to be expected is shown, and stands out as little as advice.
    const shown = suppressed === undefined ? severity : 'info';
    return span ? [{ ...span, severity: shown, open: state === 'open', id }] : [];
  });
  const rank: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };
  return spans.sort((a, b) => rank[a.severity] - rank[b.severity] || a.from - b.from);
}

/** The phases of the stream in that time; before the first, nothing is known of it. */
export function phaseSpans(
  { history, phase, reason, since }: Pick<Drawn, 'history' | 'phase' | 'reason' | 'since'>,
  now: number,
  range: number,
): readonly PhaseSpan[] {
  const changes = history?.length ? history : [{ phase, reason, since }];
  return changes.flatMap((change, index) => {
    const span = clipped(change.since, changes[index + 1]?.since, now, range);
    return span ? [{ ...span, phase: change.phase }] : [];
  });
}

function clipped(start: string, end: string | undefined, now: number, range: number): Span | undefined {
  const left = now / 1000 - range;
  const shortest = range * shortestShare;
  // A stream's own clock may be a little ahead: what begins in the future is shown at the edge.
  const from = Math.min(range, Date.parse(start) / 1000 - left);
  const to = end === undefined ? range : Date.parse(end) / 1000 - left;
  if (to <= 0) return undefined;
  const shown = Math.min(range, Math.max(to, from + shortest));
  return { from: Math.max(0, Math.min(from, shown - shortest)), to: shown };
}
