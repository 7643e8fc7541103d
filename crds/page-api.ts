import type { Incident } from './incident.ts';
import type { StreamPhase, StreamReason, StreamState } from './stream-state.ts';

/** One tile of the wall. */
export interface PageStream extends StreamState {
  readonly namespace: string;
  readonly monitor: string;
  readonly name: string;
  /** Path of the newest thumbnail (JPEG), changing with the picture; absent before the first. */
  readonly thumbnail?: string;
  /** What is watched, for a person: `1280×720, 25 fps, h264`, `2 channels, 48 kHz, aac`. */
  readonly video?: string;
  readonly audio?: string;
  readonly monitoredSeconds: number;
  readonly blindSeconds: number;
  readonly detectors: readonly {
    readonly type: string;
    /** From its manifest: the name for a person, and the score from which a defect is present. */
    readonly title?: string;
    readonly threshold?: number;
    /** Latest score, 0 … 1; absent before the first judgement. */
    readonly score?: number;
    /** Why the detector cannot tell. */
    readonly unknown?: string;
  }[];
  /** Open incidents and the latest closed ones (at most 50), newest first. */
  readonly incidents: readonly Incident[];
  /** The latest changes of phase (at most 50), oldest first: what a timeline shows as not watched. */
  readonly history?: readonly PhaseChange[];
}

/** From `since` (wall clock, ISO 8601) until the next change, the stream was in this phase. */
export interface PhaseChange {
  readonly phase: StreamPhase;
  readonly reason: StreamReason;
  readonly since: string;
}

/** Answer of `GET /api/wall`. Served alike by a shard, by `run` and by the operator. */
export interface Wall {
  readonly time: string;
  readonly region?: string;
  readonly streams: readonly PageStream[];
}

/** Paths of the page's HTTP contract. */
export const pageRoutes = {
  wall: '/api/wall',
  /** + `/{namespace}/{monitor}/{stream}.jpg` */
  thumbnails: '/api/thumbnails',
  /** + `/{Incident.evidence}` */
  evidence: '/api/evidence',
} as const;
