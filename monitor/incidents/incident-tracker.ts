import type { Severity } from '../../crds/detector-manifest.ts';
import { durationSeconds } from '../../crds/duration.ts';
import type { Incident } from '../../crds/incident.ts';
import type { Judgement } from '../detectors/contract.ts';
import { DefectClock, type DefectSeconds } from './defect-clock.ts';
import { returnsUntil, severityOf, type Track, type TrackedDetector } from './incident-track.ts';
import { worse } from './severity.ts';

/** Whom the incidents are about, and what a pure module cannot know: fresh ids and the wall clock. */
export interface IncidentContext {
  readonly namespace: string;
  readonly monitor: string;
  readonly stream: string;
  newId(): string;
  /** Wall clock of a media time, ISO 8601. */
  wallTime(mediaTime: number): string;
  /** Wall clock now, ISO 8601. */
  now(): string;
}

export interface IncidentChange {
  readonly change: 'opened' | 'updated' | 'closed';
  readonly incident: Incident;
}

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
 * merge gap so that a defect that comes back stays one incident, and never reuses an id. Pure: time comes with
 * the judgements.
 */
export class IncidentTracker {
  readonly #context: IncidentContext;
  readonly #detectors: ReadonlyMap<string, TrackedDetector>;
  readonly #tracks = new Map<string, Track>();
  readonly #defectClock = new DefectClock();
  #time = Number.NEGATIVE_INFINITY;

  constructor(context: IncidentContext, detectors: readonly TrackedDetector[]) {
    this.#context = context;
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
    this.#defectClock.advance(time, this.#activeSeverities());
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
    return this.#defectClock.take();
  }

  #present(track: Track, judgement: Judgement): IncidentChange[] {
    const since = judgement.since ?? judgement.time;
    if (track.incident && track.endedAt === undefined) return this.#worsen(track, judgement);
    track.suspectSince = Math.min(track.suspectSince ?? since, since);
    if (judgement.time - track.suspectSince < track.minDuration) return [];
    const began = track.suspectSince;
    delete track.suspectSince;
    const { incident, endedAt } = track;
    if (incident && endedAt !== undefined) {
      if (began <= returnsUntil(track)) {
        delete track.endedAt;
        delete track.awaited;
        this.#defectClock.backdate(incident.detector, incident.severity, began, judgement.time);
        return this.#worsen(track, judgement);
      }
      return [this.#close(track, endedAt), this.#open(track, judgement, began)];
    }
    return [this.#open(track, judgement, began)];
  }

  #absent(track: Track, judgement: Judgement): IncidentChange[] {
    delete track.suspectSince;
    if (track.incident && track.endedAt === undefined) {
      track.endedAt = Math.max(judgement.since ?? judgement.time, track.incident.start);
    }
    return [];
  }

  #open(track: Track, judgement: Judgement, start: number): IncidentChange {
    const { manifest } = track.detector;
    const severity = severityOf(track, judgement);
    const incident: Incident = {
      id: this.#context.newId(),
      revision: 1,
      state: 'open',
      namespace: this.#context.namespace,
      monitor: this.#context.monitor,
      stream: this.#context.stream,
      detector: manifest.type,
      kind: track.kind,
      severity,
      ...(judgement.channel !== undefined && { channel: judgement.channel }),
      start,
      startTime: this.#context.wallTime(start),
      openedAt: this.#context.now(),
      score: judgement.score,
      confidence: judgement.confidence ?? 1,
      ...(judgement.area !== undefined && { area: judgement.area }),
      ...(judgement.source !== undefined && { source: judgement.source }),
    };
    track.incident = incident;
    this.#defectClock.backdate(manifest.type, severity, start, judgement.time);
    return { change: 'opened', incident };
  }

  /** Only a rise in severity is news to a receiver; the peaks go with the next change. */
  #worsen(track: Track, judgement: Judgement): IncidentChange[] {
    const before = track.incident!;
    const severity = worse(before.severity, severityOf(track, judgement));
    const area = Math.max(before.area ?? 0, judgement.area ?? 0);
    const after: Incident = {
      ...before,
      severity,
      score: Math.max(before.score, judgement.score),
      confidence: Math.max(before.confidence, judgement.confidence ?? 1),
      ...(area > 0 && { area }),
    };
    if (severity === before.severity) {
      track.incident = after;
      return [];
    }
    track.incident = { ...after, revision: before.revision + 1 };
    return [{ change: 'updated', incident: track.incident }];
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
    // One that is taken over from another process may begin later than this one's clock says it is.
    const end = Math.max(time, incident.start);
    return {
      change: 'closed',
      incident: {
        ...incident,
        revision: incident.revision + 1,
        state: 'closed',
        end,
        endTime: this.#context.wallTime(end),
        closeReason,
      },
    };
  }

  #activeSeverities(): Map<string, Severity> {
    const active = new Map<string, Severity>();
    for (const { incident, endedAt } of this.#tracks.values()) {
      if (!incident || endedAt !== undefined) continue;
      active.set(incident.detector, worse(active.get(incident.detector) ?? 'info', incident.severity));
    }
    return active;
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
