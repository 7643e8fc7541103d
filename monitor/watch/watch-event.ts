import type { Severity } from '../../crds/detector-manifest.ts';
import type { Incident } from '../../crds/incident.ts';
import type { ChannelLevel } from '../../crds/page-api.ts';
import type { StreamState } from '../../crds/stream-state.ts';
import type { SuppressionReason } from '../../crds/suppression.ts';
import type { Measurement } from '../detectors/contract.ts';
import type { FailureReason } from './running-detector.ts';

/** An uncompressed picture: `width × height × channels` bytes, grey (1, limited-range luma) or RGB (3). */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}

/** What goes with an incident's notification: the last good frame, the worst one, and the score over time. */
export interface IncidentEvidence {
  readonly lastGood?: Picture;
  readonly worst?: Picture;
  /** `[media seconds, score]`, oldest first. */
  readonly scores: readonly (readonly [number, number])[];
}

/** Everything a stream watcher says, in order. Plain data: it can cross a thread. */
export type WatchEvent =
  | {
      readonly type: 'incident';
      readonly change: 'opened' | 'updated' | 'closed';
      readonly incident: Incident;
      /** With `opened` and with the first `updated` that has a worse frame. */
      readonly evidence?: IncidentEvidence;
      /** The shard that watched before has told it: it is shown and counted as open, not told or stored again. */
      readonly handedOver?: true;
      /** This shard has told it already, maybe as an earlier process: it is told again under the same id, not stored. */
      readonly retold?: true;
    }
  | { readonly type: 'state'; readonly state: StreamState }
  | { readonly type: 'seconds'; readonly seconds: WatchedSeconds }
  | { readonly type: 'scores'; readonly scores: Readonly<Record<string, number>> }
  /** `reason` absent: the detector can tell again. */
  | { readonly type: 'unknown'; readonly detector: string; readonly reason?: string }
  /** A third party's detector was stopped; whether it is started again is in the reason why it cannot tell. */
  | {
      readonly type: 'detector-failed';
      readonly detector: string;
      readonly reason: FailureReason;
      readonly message: string;
    }
  /** Increment: what a third party's detector was too slow for. */
  | { readonly type: 'dropped'; readonly detector: string; readonly observations: number }
  | { readonly type: 'measurement'; readonly measurement: Measurement }
  /** Levels since the last event of this type. */
  | { readonly type: 'sound'; readonly channels: readonly ChannelLevel[] }
  | { readonly type: 'media'; readonly video?: string; readonly audio?: string }
  | { readonly type: 'reconnect'; readonly reason: string }
  | { readonly type: 'first-frame'; readonly time: string }
  | { readonly type: 'preview'; readonly picture: Picture };

/** Increments since the last event of this type, sent about once a second and before `Ended`. Seconds of media. */
export interface WatchedSeconds {
  /** Start and end of the period on the wall clock, ISO 8601. */
  readonly from: string;
  readonly to: string;
  readonly monitored: number;
  /** By stream reason. */
  readonly blind: Readonly<Record<string, number>>;
  readonly defect: readonly {
    readonly detector: string;
    readonly severity: Severity;
    readonly seconds: number;
  }[];
  /** With a defect that was to be expected, by the reason for that; counted as monitored, not as `defect`. */
  readonly suppressed?: Readonly<Partial<Record<SuppressionReason, number>>>;
  /** Frames analysed: every one that was decoded, since whoever is slow holds up the decoder. */
  readonly frames: number;
  readonly evidence: Readonly<Record<string, number>>;
  /** CPU of the converter, in seconds. */
  readonly cpu: number;
}

/** An event about an incident. */
export type IncidentWatchEvent = Extract<WatchEvent, { type: 'incident' }>;

/** Whom an event is about. */
export interface StreamIdentity {
  readonly namespace: string;
  readonly monitor: string;
  readonly stream: string;
}
