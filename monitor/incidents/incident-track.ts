import type { CommonDetectorSettings, DetectorManifest, Severity } from '../../crds/detector-manifest.ts';
import type { Incident } from '../../crds/incident.ts';
import type { Judgement } from '../detectors/contract.ts';

/** One detector's manifest and how it was configured. */
export interface TrackedDetector {
  readonly manifest: DetectorManifest;
  readonly settings: CommonDetectorSettings;
}

/** What is known of one kind of defect on one channel, of which at most one incident is open. */
export interface Track {
  readonly detector: TrackedDetector;
  readonly kind: string;
  readonly minDuration: number;
  /** Onset of a defect that has not lasted long enough to open, or to join the incident before it. */
  suspectSince?: number;
  incident?: Incident;
  /** Since when the open incident's defect is there without a pause, in media seconds. */
  presentSince?: number;
  /** When the open incident's defect ended, while it may still come back. */
  endedAt?: number;
  /** The incident was taken over and has not shown itself here yet. */
  awaited?: Awaited;
}

interface Awaited {
  /** Since when it could have shown itself, in media seconds. */
  from: number;
  readonly patience: number;
  readonly closeReason: NonNullable<Incident['closeReason']>;
}

/** Until when a defect that ended is the same one if it begins again, in media seconds. */
export function returnsUntil({ endedAt, awaited, detector }: Track): number {
  const from = Math.max(endedAt ?? Number.NEGATIVE_INFINITY, awaited?.from ?? Number.NEGATIVE_INFINITY);
  return from + detector.settings.mergeGap + (awaited?.patience ?? 0);
}

/** A severity that the user chose holds; otherwise the judgement's, the kind's or the detector's own. */
export function severityOf(track: Track, judgement: Judgement): Severity {
  const { manifest, settings } = track.detector;
  const isChosen = settings.severityHolds || settings.severity !== manifest.defaults.severity;
  if (isChosen) return settings.severity;
  return judgement.severity ?? manifest.kinds[track.kind]?.severity ?? settings.severity;
}
