import type { Incident } from '../../crds/incident.ts';
import { pairInOrder } from './pair-in-order.ts';
import { worse } from './severity.ts';

/** Two readers of one live stream see the same defect at most this far apart on the wall clock, in ms. */
export const readerSlack = 15_000;

/** For so long after its end a defect can still be open where it was told, in ms: the usual merge gap. */
const mergeGap = 5_000;

/** An incident of the shard that takes over. */
export interface OwnIncident {
  readonly incident: Incident;
  /** Wall clock of the defect's end, in ms since 1970; absent while it is there. */
  readonly ended?: number;
}

export interface TakeOverFacts {
  /** What the shard before left open, and what it closed lately. */
  readonly told: readonly Incident[];
  /** What this shard found while it was silent, and nobody was told. */
  readonly own: readonly OwnIncident[];
  /** Wall clock up to which the shard before told everything, in ms since 1970. */
  readonly watermark: number;
  /** Wall clock up to which this shard judged, in ms since 1970. */
  readonly position: number;
  /** Wall clock since when this shard watches, in ms since 1970. */
  readonly watchedFrom: number;
}

/** One defect as both shards saw it. */
export interface SeenByBoth {
  readonly told: Incident;
  readonly own: Incident;
}

/** What becomes of the incidents of two shards when one takes over from the other. */
export interface TakeOver {
  /** Open on both: goes on under what was told. */
  readonly continued: readonly SeenByBoth[];
  /** Told as open, and already over here. */
  readonly ended: readonly SeenByBoth[];
  /** Told as open and not seen here: over, unless it shows itself. */
  readonly adopted: readonly Incident[];
  /** Nobody told of them yet. */
  readonly released: readonly Incident[];
  /** Told and closed by the other shard: nothing new, unless they last beyond the wall clock `until` (ms). */
  readonly muted: readonly { readonly own: Incident; readonly until: number }[];
  /** Told and closed by the other shard, and perhaps still to come here, where this one lags behind. */
  readonly awaited: readonly Incident[];
}

/**
 * Decides what a shard that becomes the owner of a stream tells, so that every defect is told once: neither
 * clock nor judgement of two readers of one live stream agree to the second. Defects of one track are paired in
 * their order; what has no partner and ended after the watermark was told by nobody. Pure.
 */
export function planTakeOver(facts: TakeOverFacts): TakeOver {
  const pairs = [...byTrack(facts)].flatMap(([, track]) => pairsOf(track, facts));
  const paired = new Set(pairs.flatMap(([told, own]) => [told, own.incident]));
  const isOpen = ({ state }: Incident) => state === 'open';
  const both = pairs.map(([told, { incident: own }]) => ({ told, own }));
  return {
    continued: both.filter(({ told, own }) => isOpen(told) && isOpen(own)),
    ended: both.filter(({ told, own }) => isOpen(told) && !isOpen(own)),
    adopted: facts.told.filter((told) => isOpen(told) && !paired.has(told)),
    released: facts.own
      .filter(({ incident }) => !paired.has(incident))
      .filter(({ incident, ended }) => isOpen(incident) || ended! >= facts.watermark - readerSlack)
      .map(({ incident }) => incident),
    muted: both
      .filter(({ told, own }) => !isOpen(told) && isOpen(own))
      .map(({ told, own }) => ({ own, until: repeatsUntil(told) })),
    awaited: facts.told.filter((told) => !isOpen(told) && !paired.has(told)),
  };
}

/** Until when a defect can be the same as one that was told and closed, in ms since 1970. */
export function repeatsUntil(closed: Incident): number {
  return Date.parse(closed.endTime!) + readerSlack;
}

/** Detector, kind and channel: at most one incident of each is open. */
export function trackOf({ detector, kind, channel }: Incident): string {
  return `${detector}/${kind}/${channel ?? ''}`;
}

/**
 * The told incident as it goes on with what the new owner saw of it. `start`: its beginning on the new owner's
 * timeline, in media seconds. The revision rises when the severity does, which is to be told.
 */
export function continuedAs({ told, own }: SeenByBoth, start: number): Incident {
  const severity = worse(told.severity, own.severity);
  const area = Math.max(told.area ?? 0, own.area ?? 0);
  return {
    ...told,
    start,
    revision: severity === told.severity ? told.revision : told.revision + 1,
    severity,
    score: Math.max(told.score, own.score),
    confidence: Math.max(told.confidence, own.confidence),
    ...(area > 0 && { area }),
  };
}

/** The told incident, closed as the new owner saw it end; one that is ahead may have seen that before it began. */
export function endedAs(both: SeenByBoth, start: number): Incident {
  const { end, endTime, closeReason } = both.own;
  return {
    ...continuedAs(both, start),
    revision: both.told.revision + 1,
    state: 'closed',
    end: Math.max(start, end!),
    endTime: Date.parse(endTime!) < began(both.told) ? both.told.startTime : endTime!,
    ...(closeReason && { closeReason }),
  };
}

interface TrackIncidents {
  readonly told: Incident[];
  readonly own: OwnIncident[];
}

function byTrack({ told, own }: TakeOverFacts): Map<string, TrackIncidents> {
  const tracks = new Map<string, TrackIncidents>();
  const at = (incident: Incident) => {
    const key = trackOf(incident);
    const track = tracks.get(key) ?? { told: [], own: [] };
    tracks.set(key, track);
    return track;
  };
  for (const incident of told) at(incident).told.push(incident);
  for (const one of own) at(one.incident).own.push(one);
  return tracks;
}

function pairsOf(
  { told, own }: TrackIncidents,
  facts: TakeOverFacts,
): readonly (readonly [Incident, OwnIncident])[] {
  const pairs = pairInOrder(
    told.toSorted((a, b) => began(a) - began(b)),
    own.toSorted((a, b) => began(a.incident) - began(b.incident)),
    (one, other) => distance(one, other, facts),
  );
  const left = told.find((one) => one.state === 'open' && !pairs.some(([paired]) => paired === one));
  const open = own.find(({ incident }) => incident.state === 'open');
  if (!left || !open) return pairs;
  // Whatever else it may have looked like: of each track one incident is open, and the receiver knows that one.
  return [...pairs.filter(([, paired]) => paired !== open), [left, open]];
}

/** How far apart in ms two incidents of one track began; undefined where they cannot be the same. */
function distance(
  told: Incident,
  { incident, ended }: OwnIncident,
  facts: TakeOverFacts,
): number | undefined {
  const { watermark, position, watchedFrom } = facts;
  const end = ended ?? position;
  const same =
    told.state === 'open'
      ? incident.state === 'open' || end >= watermark - readerSlack - mergeGap
      : began(incident) <= repeatsUntil(told) &&
        end >= began(told) - readerSlack &&
        end <= repeatsUntil(told);
  // Of a defect that was there before, the new owner saw only the rest.
  return same ? Math.abs(Math.max(began(told), watchedFrom) - began(incident)) : undefined;
}

function began({ startTime }: Incident): number {
  return Date.parse(startTime);
}
