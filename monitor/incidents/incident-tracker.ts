import { durationSeconds } from '../../crds/duration.ts';
import type { Incident } from '../../crds/incident.ts';
import type { Judgement } from '../detectors/contract.ts';
import { DefectAccount } from './defect-account.ts';
import type { DefectSeconds } from './defect-clock.ts';
import {
  closedIncident,
  type IncidentChange,
  type IncidentContext,
  newIncident,
  worsened,
} from './incident-changes.ts';
import { returnsUntil, type Track, type TrackedDetector } from './incident-track.ts';
import type { SuppressedSeconds } from './suppressed-clock.ts';
import { type Expects, type Verdict, verdictOf } from './suppression.ts';

/** How incidents are taken over that somebody else watched before. Media seconds. */
export interface Adoption {
  /** When they ended, should they not show themselves any more; now without. */
  readonly endedAt?: number;
  /** How much longer than the merge gap they are waited for; 0 without. */
  readonly patience?: number;
  /** Why they closed, should they not show themselves any more; recovered without. */
  readonly closeReason?: NonNullable<Incident['closeReason']>;
}

/** An open incident and, while its defect is over but may still come back, when that ended in media seconds. */
export interface OpenDefect {
  readonly incident: Incident;
  readonly endedAt?: number;
}

/**
 * Turns judgements into incidents: opens at once when the minimum duration has passed, holds the close for the
 * merge gap so that a defect that comes back stays one incident, and never reuses an id. A defect that was to be
 * expected makes a suppressed incident; what outlasts the expectation makes another from its end on. Pure: time
 * comes with the judgements.
 */
export class IncidentTracker {
  readonly #context: IncidentContext;
  readonly #detectors: ReadonlyMap<string, TrackedDetector>;
  readonly #tracks = new Map<string, Track>();
  readonly #account: DefectAccount;
  readonly #expects: Expects;
  #time = Number.NEGATIVE_INFINITY;

  /** `expects`: nothing is expected without. */
  constructor(
    context: IncidentContext,
    detectors: readonly TrackedDetector[],
    expects: Expects = () => undefined,
  ) {
    this.#context = context;
    this.#expects = expects;
    this.#account = new DefectAccount(expects);
    this.#detectors = new Map(detectors.map((detector) => [detector.manifest.type, detector]));
  }

  /** Incidents that are open, for persistence, reports and hand-over. */
  get open(): readonly Incident[] {
    return this.defects.map(({ incident }) => incident);
  }

  /** Open incidents, with whether their defects are there now. */
  get defects(): readonly OpenDefect[] {
    return [...this.#tracks.values()].flatMap(({ incident, endedAt }) =>
      incident ? [{ incident, ...(endedAt !== undefined && { endedAt }) }] : [],
    );
  }

  /** Takes over incidents that an earlier process or shard left open; ones of unknown detectors are closed. */
  adopt(
    incidents: readonly Incident[],
    time: number,
    { endedAt = time, patience = 0, closeReason = 'recovered' }: Adoption = {},
  ): IncidentChange[] {
    const changes: IncidentChange[] = [];
    for (const incident of incidents) {
      const detector = this.#detectors.get(incident.detector);
      if (!detector || !(incident.kind in detector.manifest.kinds)) {
        changes.push(this.#closed(incident, endedAt, 'watch-stopped'));
        continue;
      }
      const track = this.#track(detector, incident.kind, incident.channel);
      // Still open in the eyes of the receiver, and over unless a judgement says otherwise.
      track.incident = incident;
      track.endedAt = endedAt;
      track.awaited = { from: time, patience, closeReason };
      changes.push({ change: 'opened', incident });
    }
    return changes;
  }

  /** An open incident goes on under what another says of the same defect: its id, revision and beginning. */
  goOnAs(id: string, incident: Incident): void {
    for (const track of this.#tracks.values()) {
      if (track.incident?.id === id) track.incident = incident;
    }
  }

  /** Closes incidents that nobody watched for too long after `time` to say that they are still the same. */
  abandon(incidents: readonly Incident[], time: number): IncidentChange[] {
    return incidents.map((incident) => this.#closed(incident, time, 'watch-stopped'));
  }

  /** What one judgement changes. */
  judge(type: string, judgement: Judgement): IncidentChange[] {
    const detector = this.#detectors.get(type);
    if (!detector || !(judgement.kind in detector.manifest.kinds)) {
      throw new Error(`detector ${type} judged the unknown kind "${judgement.kind}"`);
    }
    const track = this.#track(detector, judgement.kind, judgement.channel);
    const { enter, exit } = detector.manifest.thresholds;
    const present = judgement.score >= (track.incident && track.endedAt === undefined ? exit : enter);
    return present ? this.#present(track, judgement) : this.#absent(track, judgement);
  }

  /** Media time went on: closes what has been over for the merge gap. */
  advance(time: number): IncidentChange[] {
    if (time <= this.#time) return [];
    this.#time = time;
    this.#account.advance(
      time,
      this.defects.flatMap(({ incident, endedAt }) => (endedAt === undefined ? [incident] : [])),
    );
    const changes: IncidentChange[] = [];
    for (const track of this.#tracks.values()) {
      if (!track.incident || track.endedAt === undefined) continue;
      const returning =
        track.suspectSince !== undefined &&
        track.suspectSince <= returnsUntil(track) &&
        // A detector that can no longer tell confirms nothing and takes nothing back.
        time - track.suspectSince <= track.minDuration + track.detector.settings.mergeGap;
      if (returning || time <= returnsUntil(track)) continue;
      changes.push(this.#close(track, track.endedAt));
    }
    return changes;
  }

  /**
   * An epoch began, or one detector begins anew: what was there is over unless it shows again within the merge gap.
   * @param type the one detector; all without
   */
  interrupt(time: number, type?: string): void {
    for (const track of this.#tracks.values()) {
      if (type !== undefined && track.detector.manifest.type !== type) continue;
      delete track.suspectSince;
      if (track.incident) track.endedAt ??= time;
      // A source that takes long to open says nothing about a defect.
      if (track.awaited) track.awaited.from = time;
    }
  }

  /** The stream, or the watching, is over: closes everything. */
  finish(time: number, reason: 'stream-ended' | 'watch-stopped'): IncidentChange[] {
    const changes = this.advance(time);
    for (const track of this.#tracks.values()) {
      if (!track.incident) continue;
      changes.push(
        track.endedAt === undefined ? this.#close(track, time, reason) : this.#close(track, track.endedAt),
      );
    }
    return changes;
  }

  /** An open incident gets the name of its picture; all its later changes carry it. */
  attachEvidence(id: string, evidence: string): Incident | undefined {
    for (const track of this.#tracks.values()) {
      if (track.incident?.id !== id) continue;
      track.incident = { ...track.incident, evidence };
      return track.incident;
    }
    return undefined;
  }

  /** Defect seconds since the last call, per detector at its worst severity. */
  takeDefectSeconds(): DefectSeconds[] {
    return this.#account.takeDefectSeconds();
  }

  /** Seconds with an expected defect since the last call, by reason. */
  takeSuppressedSeconds(): SuppressedSeconds {
    return this.#account.takeSuppressedSeconds();
  }

  #present(track: Track, judgement: Judgement): IncidentChange[] {
    const since = judgement.since ?? judgement.time;
    if (track.incident && track.endedAt === undefined) return this.#goOn(track, judgement);
    track.suspectSince = Math.min(track.suspectSince ?? since, since);
    if (judgement.time - track.suspectSince < track.minDuration) return [];
    const began = track.suspectSince;
    delete track.suspectSince;
    const expectation = this.#expects(track.detector.manifest.type, began, judgement.time);
    const verdict = verdictOf(expectation, began, judgement.time, track.minDuration);
    const { incident, endedAt } = track;
    if (incident && endedAt !== undefined) {
      // What is expected never prolongs an alarm, nor an alarm what was expected.
      const alike = (incident.suppressed !== undefined) === 'suppressed' in verdict;
      if (alike && began <= returnsUntil(track)) {
        delete track.endedAt;
        delete track.awaited;
        this.#countFrom(track, began, judgement.time);
        return this.#worsen(track, judgement);
      }
      return [this.#close(track, endedAt), this.#open(track, judgement, began, verdict)];
    }
    return [this.#open(track, judgement, began, verdict)];
  }

  /** The defect of an open incident is still there; one that was expected may outlast that. */
  #goOn(track: Track, judgement: Judgement): IncidentChange[] {
    const { incident, presentSince } = track;
    if (incident?.suppressed === undefined) return this.#worsen(track, judgement);
    const began = presentSince ?? incident.start;
    const expectation = this.#expects(incident.detector, began, judgement.time);
    // It began as expected, whatever is still known of that.
    const verdict = verdictOf(
      expectation && { ...expectation, from: began },
      began,
      judgement.time,
      track.minDuration,
    );
    if ('suppressed' in verdict) return this.#worsen(track, judgement);
    return [
      this.#close(track, verdict.alarmFrom),
      this.#open(track, judgement, began, verdict, { outlasts: incident.id }),
    ];
  }

  #absent(track: Track, judgement: Judgement): IncidentChange[] {
    delete track.suspectSince;
    if (track.incident && track.endedAt === undefined) {
      track.endedAt = Math.max(judgement.since ?? judgement.time, track.incident.start);
    }
    return [];
  }

  #open(
    track: Track,
    judgement: Judgement,
    began: number,
    verdict: Verdict,
    facts: Pick<Incident, 'outlasts'> = {},
  ): IncidentChange {
    const expected = 'suppressed' in verdict ? verdict : {};
    const start = 'alarmFrom' in verdict ? verdict.alarmFrom : began;
    const incident = newIncident(this.#context, track, judgement, start, { ...expected, ...facts });
    track.incident = incident;
    this.#countFrom(track, start, judgement.time);
    return { change: 'opened', incident };
  }

  /** The open incident's defect is there since `start`, and is found out at `now`. */
  #countFrom(track: Track, start: number, now: number): void {
    track.presentSince = start;
    this.#account.backdate(track.incident!, start, now);
  }

  /** Only a rise in severity is news to a receiver; the peaks go with the next change. */
  #worsen(track: Track, judgement: Judgement): IncidentChange[] {
    const before = track.incident!;
    track.incident = worsened(before, track, judgement);
    return track.incident.revision === before.revision
      ? []
      : [{ change: 'updated', incident: track.incident }];
  }

  #close(track: Track, end: number, reason?: NonNullable<Incident['closeReason']>): IncidentChange {
    const incident = track.incident!;
    const closeReason = reason ?? track.awaited?.closeReason ?? 'recovered';
    delete track.incident;
    delete track.endedAt;
    delete track.awaited;
    return this.#closed(incident, end, closeReason);
  }

  #closed(
    incident: Incident,
    time: number,
    closeReason: NonNullable<Incident['closeReason']>,
  ): IncidentChange {
    return { change: 'closed', incident: closedIncident(this.#context, incident, time, closeReason) };
  }

  #track(detector: TrackedDetector, kind: string, channel: string | undefined): Track {
    const key = `${detector.manifest.type}/${kind}/${channel ?? ''}`;
    let track = this.#tracks.get(key);
    if (!track) {
      const own = detector.manifest.kinds[kind]?.minDuration;
      track = {
        detector,
        kind,
        minDuration: own === undefined ? detector.settings.minDuration : durationSeconds(own),
      };
      this.#tracks.set(key, track);
    }
    return track;
  }
}
