import type { DefectClass, Injected, InjectedEvent } from './injection.ts';
import { covered, near, overlap, type Span } from './spans.ts';
import type { Watched, WatchedIncident } from './watching.ts';

/** Counts of one or more cases; they add up. */
export interface Tally {
  /** Visible events that were injected. */
  readonly events: number;
  readonly found: number;
  readonly falseAlarms: number;
  /** Of the events, altogether and under incidents. */
  readonly eventSeconds: number;
  readonly coveredSeconds: number;
  /** Seconds of media watched. */
  readonly seconds: number;
}

/** What one case came to. */
export interface CaseScore extends Tally {
  /** Of each event found, by how many seconds the first incident begins after it. */
  readonly onsets: readonly number[];
  /** Of each event found, by how much what was measured is off, in the class's unit. */
  readonly errors: readonly number[];
  readonly missed: readonly Span[];
  readonly wrong: readonly Span[];
}

/** Seconds by which incident and event may miss each other, where the class does not say. */
const usualTolerance = 1;
/** An incident is excused that lies for this share in excluded spans. */
const excusedShare = 0.5;
/** Excluded spans are labelled to within this many seconds. */
const labelSlack = 0.5;

/** A finding to be scored: an incident of ours, or a span of a peer's filter. */
interface Finding {
  readonly span: Span;
  /** What an incident says beside its time; a peer's span says nothing else. */
  readonly incident?: WatchedIncident;
}

/** What our detector's incidents are worth. */
export function scoreWatched(defect: DefectClass, injected: Injected, watched: Watched): CaseScore {
  const findings = watched.incidents
    .filter(({ detector, kind }) => detector === defect.detector && (defect.kinds?.includes(kind) ?? true))
    .map((incident) => ({ span: [incident.start, incident.end] as const, incident }));
  return score(defect, injected, findings, watched);
}

/** What spans are worth that a peer found in the same file. */
export function scoreSpans(defect: DefectClass, injected: Injected, spans: readonly Span[]): CaseScore {
  return score(
    defect,
    injected,
    spans.map((span) => ({ span })),
    undefined,
  );
}

function score(
  defect: DefectClass,
  { events, excluded, seconds }: Injected,
  findings: readonly Finding[],
  watched: Watched | undefined,
): CaseScore {
  const tolerance = defect.tolerance ?? usualTolerance;
  const meets = (finding: Finding, event: InjectedEvent) => near(finding.span, event.span, tolerance);
  const finds = (finding: Finding, event: InjectedEvent) =>
    meets(finding, event) && (!finding.incident || (defect.agrees?.(finding.incident, event) ?? true));

  const visible = events.filter((event) => event.visible);
  const onsets: number[] = [];
  const errors: number[] = [];
  const missed: Span[] = [];
  for (const event of visible) {
    const finders = findings.filter((finding) => finds(finding, event));
    const first = finders.toSorted((one, other) => one.span[0] - other.span[0])[0];
    if (!first) {
      missed.push(event.span);
      continue;
    }
    onsets.push(first.span[0] - event.span[0]);
    const error = first.incident && watched && defect.error?.of(first.incident, event, watched);
    if (error !== undefined) errors.push(error);
  }
  // One that cannot be seen may be found: the damage is there.
  const wrong = findings.filter(
    (finding) =>
      !events.some((event) => (event.visible ? finds(finding, event) : meets(finding, event))) &&
      !isExcused(finding.span, excluded),
  );
  const spans = findings.map(({ span }) => span);
  return {
    events: visible.length,
    found: visible.length - missed.length,
    falseAlarms: wrong.length,
    eventSeconds: total(visible.map(({ span }) => span[1] - span[0])),
    coveredSeconds: total(visible.map(({ span }) => covered(span, spans))),
    seconds,
    onsets,
    errors,
    missed,
    wrong: wrong.map(({ span }) => span),
  };
}

/** Whether an incident lies where nobody can say whether it is right. */
export function isExcused(span: Span, excluded: readonly Span[]): boolean {
  const slack = excluded.map(([from, to]): Span => [from - labelSlack, to + labelSlack]);
  const length = span[1] - span[0];
  if (length === 0) return slack.some(([from, to]) => span[0] >= from && span[0] <= to);
  return covered(span, slack) >= excusedShare * length || slack.some((own) => overlap(own, span) >= length);
}

export function sum(tallies: readonly Tally[]): Tally {
  const of = (figure: keyof Tally) => total(tallies.map((tally) => tally[figure]));
  return {
    events: of('events'),
    found: of('found'),
    falseAlarms: of('falseAlarms'),
    eventSeconds: of('eventSeconds'),
    coveredSeconds: of('coveredSeconds'),
    seconds: of('seconds'),
  };
}

function total(figures: readonly number[]): number {
  return figures.reduce((one, other) => one + other, 0);
}
