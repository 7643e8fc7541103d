import type { Incident } from '../../crds/incident.ts';
import type { Judgement } from '../detectors/contract.ts';
import { severityOf, type Track } from './incident-track.ts';
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

/** A new incident of a track that began at `start`; `facts`: how it stands to what was expected. */
export function newIncident(
  context: IncidentContext,
  track: Track,
  judgement: Judgement,
  start: number,
  facts: Pick<Incident, 'suppressed' | 'slate' | 'outlasts'>,
): Incident {
  return {
    id: context.newId(),
    revision: 1,
    state: 'open',
    namespace: context.namespace,
    monitor: context.monitor,
    stream: context.stream,
    detector: track.detector.manifest.type,
    kind: track.kind,
    severity: severityOf(track, judgement),
    ...(judgement.channel !== undefined && { channel: judgement.channel }),
    start,
    startTime: context.wallTime(start),
    openedAt: context.now(),
    score: judgement.score,
    confidence: judgement.confidence ?? 1,
    ...(judgement.area !== undefined && { area: judgement.area }),
    ...(judgement.source !== undefined && { source: judgement.source }),
    ...facts,
  };
}

/** The incident with the peaks of another judgement; its revision rises with its severity alone. */
export function worsened(before: Incident, track: Track, judgement: Judgement): Incident {
  const severity = worse(before.severity, severityOf(track, judgement));
  const area = Math.max(before.area ?? 0, judgement.area ?? 0);
  return {
    ...before,
    severity,
    revision: severity === before.severity ? before.revision : before.revision + 1,
    score: Math.max(before.score, judgement.score),
    confidence: Math.max(before.confidence, judgement.confidence ?? 1),
    ...(area > 0 && { area }),
  };
}

/** The incident as it is over. */
export function closedIncident(
  context: IncidentContext,
  incident: Incident,
  time: number,
  closeReason: NonNullable<Incident['closeReason']>,
): Incident {
  // One that is taken over from another process may begin later than this one's clock says it is.
  const end = Math.max(time, incident.start);
  return {
    ...incident,
    revision: incident.revision + 1,
    state: 'closed',
    end,
    endTime: context.wallTime(end),
    closeReason,
  };
}
