import { startLimit } from '../../../crds/condition-reasons.ts';
import type { Incident } from '../../../crds/incident.ts';
import type { StreamReport } from '../../../crds/shard-report.ts';
import type { StreamPhase } from '../../../crds/stream-state.ts';
import type { MonitorObservation, ObservedPlacement } from './monitor-observation.ts';

/**
 * How well a stream is watched, worst first.
 * - `NoCapacity`: it has no shard.
 * - `ShardLost`: its shard is gone, and no other one watches it yet.
 * - `NotStarted`: its shard has not taken it up in time.
 * - `Silent`: its shard does not answer, so nobody knows.
 * - `Starting`: its shard has not taken it up yet, or has no media yet.
 * - `Watched`: its shard says how it is.
 */
export type Watch = (typeof watchOrder)[number];
const watchOrder = ['NoCapacity', 'ShardLost', 'NotStarted', 'Silent', 'Starting', 'Watched'] as const;

/** A stream that is due, over all its detector subsets: its worst one counts. */
export interface StreamStanding {
  readonly name: string;
  readonly watch: Watch;
  /** Whether every subset's shard has confirmed it. */
  readonly takenUp: boolean;
  readonly moving: boolean;
  readonly phase: StreamPhase | 'Unknown';
  /** A word: the reason of the phase, or why it is not watched. */
  readonly reason: string;
  /** One sentence for a person, when there is more to say. */
  readonly message?: string;
  readonly incidents: readonly Incident[];
  /** Why detectors of modules do not run, one sentence each. */
  readonly detectorFailures: readonly string[];
}

/**
 * How each stream that is due stands, by name.
 * @param now ms since 1970
 */
export function standings(observation: MonitorObservation, now: number): StreamStanding[] {
  const idle = new Set(observation.outsideWindow);
  const placements = Map.groupBy(observation.placements, ({ placement }) => placement.name);
  const shed = new Map(observation.shed.map(({ name, reason }) => [name, reason]));
  return [...new Set(observation.streams)]
    .filter((name) => !idle.has(name))
    .sort()
    .map((name) => standing(name, placements.get(name) ?? [], shed.get(name), now));
}

type Part = Pick<
  StreamStanding,
  'watch' | 'phase' | 'reason' | 'message' | 'takenUp' | 'incidents' | 'detectorFailures'
>;

function standing(
  name: string,
  placements: readonly ObservedPlacement[],
  shed: string | undefined,
  now: number,
): StreamStanding {
  const pairs = Map.groupBy(placements, ({ placement }) => placement.detectors.join());
  const parts = [...pairs.values()].map((pair) => partOf(pair, now));
  if (shed !== undefined) parts.push({ ...notWatched('NoCapacity'), message: shed });
  if (parts.length === 0) parts.push(notWatched('Starting'));
  const worst = parts.reduce((a, b) => (rank(b) < rank(a) ? b : a));
  const incidents = new Map(
    parts.flatMap((part) => part.incidents.map((incident) => [incident.id, incident])),
  );
  return {
    ...worst,
    name,
    takenUp: parts.every(({ takenUp }) => takenUp),
    moving: placements.some(({ placement }) => placement.role !== 'owner' || placement.adopt !== undefined),
    incidents: [...incidents.values()],
    detectorFailures: parts.flatMap(({ detectorFailures }) => detectorFailures),
  };
}

const phaseOrder = ['Down', 'Unknown', 'Starting', 'Ended', 'Up'] as const;

function rank({ watch, phase }: Part): number {
  return watchOrder.indexOf(watch) * phaseOrder.length + phaseOrder.indexOf(phase);
}

function partOf(pair: readonly ObservedPlacement[], now: number): Part {
  const report = speaker(pair);
  if (report) {
    const { phase, reason, message, openIncidents, unknown, failedDetectors = [] } = report;
    const watch = phase === 'Starting' ? 'Starting' : 'Watched';
    const detectorFailures = failedDetectors.map((type) => unknown[type] ?? `${type} failed`);
    const incidents = openIncidents.filter(({ suppressed }) => suppressed === undefined);
    return { watch, phase, reason, message, takenUp: true, incidents, detectorFailures };
  }
  const [holder] = pair.toSorted((a, b) => roleOrder[a.placement.role] - roleOrder[b.placement.role]);
  return notWatched(waitsFor(holder!, now));
}

const roleOrder = { owner: 0, demoted: 1, warming: 2 } as const;

/**
 * What speaks for a pair: its owner. While a move hands it over, the shard that it leaves does until the new owner
 * has said that it is one, and so does one that has watched it for long enough to become the owner.
 */
function speaker(pair: readonly ObservedPlacement[]): StreamReport | undefined {
  const confirmed = pair
    .filter(({ health }) => health === 'Ready' || health === 'Draining')
    .flatMap(({ placement, report }) => (report?.role === placement.role ? report : []));
  return (
    confirmed.find(({ role }) => role === 'owner') ??
    confirmed.find(({ role }) => role === 'demoted') ??
    confirmed.find(({ role, firstFrameTime }) => role === 'warming' && firstFrameTime !== undefined)
  );
}

function waitsFor({ health, placement }: ObservedPlacement, now: number): Watch {
  if (health === 'Lost') return 'ShardLost';
  if (health === 'Unknown') return 'Silent';
  return now - placement.since > startLimit ? 'NotStarted' : 'Starting';
}

function notWatched(watch: Watch): Part {
  const reason = watch === 'Silent' ? 'ShardSilent' : watch;
  const phase = watch === 'Silent' ? 'Unknown' : watch === 'Starting' ? 'Starting' : 'Down';
  return { watch, phase, reason, takenUp: false, incidents: [], detectorFailures: [] };
}
