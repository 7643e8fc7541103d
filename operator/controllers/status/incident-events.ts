import type { Incident } from '../../../crds/incident.ts';
import type { StreamReport } from '../../../crds/shard-report.ts';
import type { MonitorEvent } from './monitor-event.ts';
import type { MonitorObservation } from './monitor-observation.ts';

/** Which incidents of a StreamMonitor are known. */
export interface IncidentLedger {
  /** ms since 1970: those opened before were told by whoever looked then. */
  readonly since: number;
  readonly open: ReadonlyMap<string, Incident>;
  /** When those that are over were found to be, in ms since 1970. */
  readonly closed: ReadonlyMap<string, number>;
}

/** How long it is remembered that an incident is over, in ms: reports name it for a minute, and again after a move. */
const memory = 600_000;

/**
 * Events of incidents that opened and closed, by what the owners of the streams say. A move is neither: the incident
 * keeps its id, and while it changes hands nothing is concluded from its absence.
 * @param now ms since 1970
 */
export function incidentEvents(
  ledger: IncidentLedger,
  observation: MonitorObservation,
  now: number,
): { readonly ledger: IncidentLedger; readonly events: MonitorEvent[] } {
  const open = new Map(ledger.open);
  const closed = new Map([...ledger.closed].filter(([, at]) => now - at <= memory));
  const owners = ownersOf(observation);
  const events: MonitorEvent[] = [];
  const isNew = ({ id, openedAt }: Incident) =>
    !open.has(id) && !closed.has(id) && Date.parse(openedAt) >= ledger.since;

  for (const incident of owners.flatMap(({ openIncidents }) => openIncidents).filter(alarms)) {
    if (closed.has(incident.id)) continue;
    if (isNew(incident)) events.push(opened(incident));
    open.set(incident.id, incident);
  }
  for (const incident of owners.flatMap(({ closedIncidents }) => closedIncidents).filter(alarms)) {
    if (closed.has(incident.id)) continue;
    // One that came and went between two reports is told whole.
    const unheard = isNew(incident);
    if (unheard) events.push(opened(incident));
    if (unheard || open.has(incident.id)) events.push(over(incident));
    open.delete(incident.id);
    closed.set(incident.id, now);
  }
  const ends = open.size > 0 ? new SilentEnds(observation, owners) : undefined;
  for (const incident of open.values()) {
    const end = ends?.of(incident);
    if (end === undefined) continue;
    events.push(event('Normal', 'DefectClosed', incident, end));
    open.delete(incident.id);
    closed.set(incident.id, now);
  }
  return { ledger: { since: ledger.since, open, closed }, events };
}

/** What was to be expected is no news. */
function alarms({ suppressed }: Incident): boolean {
  return suppressed === undefined;
}

/** What owners say that answer. */
function ownersOf({ placements }: MonitorObservation): StreamReport[] {
  return placements.flatMap(({ health, report }) =>
    report?.role === 'owner' && (health === 'Ready' || health === 'Draining') ? [report] : [],
  );
}

/** Why incidents are over of which nobody said that they were. */
class SilentEnds {
  readonly #watched: ReadonlySet<string>;
  readonly #reports: ReadonlyMap<string, readonly StreamReport[]>;

  constructor({ streams, outsideWindow, suspended }: MonitorObservation, owners: readonly StreamReport[]) {
    const idle = new Set(outsideWindow);
    this.#watched = new Set(suspended ? [] : streams.filter((name) => !idle.has(name)));
    this.#reports = Map.groupBy(owners, ({ name }) => name);
  }

  of({ id, stream, detector }: Incident): string | undefined {
    if (!this.#watched.has(stream)) return 'no longer watched';
    const owner = this.#reports.get(stream)?.find(({ detectors }) => detectors.includes(detector));
    if (!owner || owner.openIncidents.some((incident) => incident.id === id)) return undefined;
    return 'no longer reported';
  }
}

function opened(incident: Incident): MonitorEvent {
  return event('Warning', 'DefectOpened', incident, `since ${incident.startTime.slice(11, 19)}Z`);
}

function over(incident: Incident): MonitorEvent {
  const { startTime, endTime, closeReason } = incident;
  const end = { 'stream-ended': ', as the stream ended', 'watch-stopped': ', as the watching stopped' };
  const cause = closeReason === undefined || closeReason === 'recovered' ? '' : end[closeReason];
  if (endTime === undefined) return event('Normal', 'DefectClosed', incident, `over${cause}`);
  const seconds = (Date.parse(endTime) - Date.parse(startTime)) / 1000;
  return event('Normal', 'DefectClosed', incident, `over after ${duration(seconds)}${cause}`);
}

function event(
  type: MonitorEvent['type'],
  reason: string,
  { stream, detector, kind, channel, severity }: Incident,
  text: string,
): MonitorEvent {
  const what = kind === detector ? detector : `${detector} (${kind})`;
  const where = channel === undefined ? '' : ` on ${channel}`;
  return { type, reason, action: 'Detect', note: `${stream}: ${what}${where}, ${severity}, ${text}` };
}

function duration(seconds: number): string {
  if (seconds < 10) return `${Math.max(0, seconds).toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 120) return `${whole} s`;
  return whole < 7200
    ? `${Math.floor(whole / 60)} min ${whole % 60} s`
    : `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
