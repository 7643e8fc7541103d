import type { Severity } from '../../crds/detector-manifest.ts';
import type { Incident } from '../../crds/incident.ts';
import type { PageStream } from '../../crds/page-api.ts';

/** How far back a timeline shows, in seconds. */
export const timelineSeconds = 600;
/** What is shorter would not be seen, in seconds: about one pixel of a tile. */
const shortestSpan = 3;

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
  readonly phase: 'Starting' | 'Up' | 'Down' | 'Ended';
}

/** Incidents within the last ten minutes before `now` (ms since 1970), mild ones first so that worse ones cover them. */
export function incidentSpans(incidents: readonly Incident[], now: number): readonly IncidentSpan[] {
  const spans = incidents.flatMap(({ id, startTime, endTime, severity, state }) => {
    const span = clipped(startTime, endTime, now);
    return span ? [{ ...span, severity, open: state === 'open', id }] : [];
  });
  const rank: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };
  return spans.sort((a, b) => rank[a.severity] - rank[b.severity] || a.from - b.from);
}

/** The phases of the stream in that time; before the first, nothing is known of it. */
export function phaseSpans({ history, phase, reason, since }: PageStream, now: number): readonly PhaseSpan[] {
  const changes = history?.length ? history : [{ phase, reason, since }];
  return changes.flatMap((change, index) => {
    const span = clipped(change.since, changes[index + 1]?.since, now);
    return span ? [{ ...span, phase: change.phase }] : [];
  });
}

function clipped(start: string, end: string | undefined, now: number): Span | undefined {
  const left = now / 1000 - timelineSeconds;
  // A stream's own clock may be a little ahead: what begins in the future is shown at the edge.
  const from = Math.min(timelineSeconds, Date.parse(start) / 1000 - left);
  const to = end === undefined ? timelineSeconds : Date.parse(end) / 1000 - left;
  if (to <= 0) return undefined;
  const shown = Math.min(timelineSeconds, Math.max(to, from + shortestSpan));
  return { from: Math.max(0, Math.min(from, shown - shortestSpan)), to: shown };
}
