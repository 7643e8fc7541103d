import type { DetectorManifest, ParametersOf, Severity } from '../../crds/detector-manifest.ts';
import type { LumaKernels } from '../kernels/luma-kernels.ts';
import type { FrameStatistics, LumaPlane } from '../kernels/luma-plane.ts';

/**
 * Times below are media seconds on the stream's timeline: they never go back, they run on through
 * reconnects, and they follow the wall clock while nothing arrives.
 */
export type Observation =
  | FrameObservation
  | AudioObservation
  | EvidenceObservation
  | ReferenceObservation
  | ClockObservation
  | EpochObservation
  | EndObservation;

/** One decoded frame, in presentation order. Planes and statistics are valid during the step only: copy to keep. */
export interface FrameObservation {
  readonly type: 'frame';
  readonly time: number;
  /** Area-averaged to about 320 columns. */
  readonly reduced: LumaPlane;
  readonly statistics: FrameStatistics;
  /** Full-size planes of this frame and, within an epoch, the one before; only for detectors that need `native`. */
  readonly native?: { readonly current: LumaPlane; readonly previous?: LumaPlane };
  readonly kernels: LumaKernels;
}

/** A run of decoded audio. */
export interface AudioObservation {
  readonly type: 'audio';
  /** Of the first sample. */
  readonly time: number;
  readonly sampleRate: number;
  readonly channels: number;
  /** Channel names in order, such as `['FL', 'FR']`. */
  readonly channelNames: readonly string[];
  /** Interleaved 16-bit samples. */
  readonly samples: Int16Array;
}

/**
 * Transport evidence: what the ingress saw in packets and segments, and the decoder in its log. It can
 * come before the frames it is about; `time` says which those are.
 */
export interface EvidenceObservation {
  readonly type: 'evidence';
  readonly time: number;
  readonly evidence: EvidenceKind;
  readonly track: 'video' | 'audio' | 'unknown';
  /** For a gap, the packets or segments known to be missing; for decoder errors, macroblocks concealed. */
  readonly count?: number;
  /** Which rule is broken, where the evidence alone does not say it. */
  readonly fault?: TransportFault | PlaylistFault;
  /** What was measured, in seconds. */
  readonly value?: number;
  /** How long it lasts from `time` on, in seconds; without, it is a moment. */
  readonly duration?: number;
}

/** Indicators of ETSI TR 101 290 v1.4.1 (tables 5.0a and 5.0b), beside continuity, which is evidence of its own. */
export type TransportFault =
  | 'sync-loss'
  | 'sync-byte'
  | 'pat'
  | 'pmt'
  | 'pid'
  | 'transport-error'
  | 'crc'
  | 'pcr-repetition'
  | 'pcr-discontinuity'
  | 'pcr-accuracy'
  | 'pts';

/** What a playlist or manifest can do wrong (RFC 8216, ISO/IEC 23009-1). */
export type PlaylistFault =
  /** Nothing new for longer than 1.5 target durations; `value` is in target durations. */
  | 'stale'
  /** It could not be had, or not be read. */
  | 'unavailable'
  | 'unreadable'
  /** Media sequence numbers that go back, jump, or name another segment than before. */
  | 'sequence'
  /** A copy older than the one before. */
  | 'older-copy'
  | 'discontinuity-sequence'
  /** Longer than the target duration; `value` is its length. */
  | 'long-segment'
  /** The media is longer or shorter than the playlist says; `value` is by how much, in target durations. */
  | 'duration-mismatch'
  /** Declared to be missing (EXT-X-GAP). */
  | 'gap'
  /** Listed segments that went before this reader came to them. */
  | 'skipped'
  /** Picture and sound end at different times at the live edge; `value` is by how much, in target durations. */
  | 'out-of-step';

export type EvidenceKind =
  /** MPEG-TS continuity counter jumped: packets were lost (ISO/IEC 13818-1 §2.4.3.3). */
  | 'continuity-gap'
  /** transport_error_indicator, or sync bytes lost. */
  | 'transport-error'
  /** The transport stream departs from what its receivers rely on, without a loss of data. */
  | 'transport-fault'
  /** The playlist departs from what its readers rely on. */
  | 'playlist-fault'
  /** A segment could not be fetched, or ended before its declared length. */
  | 'missing-segment'
  | 'short-segment'
  /** The decoder logged damaged data about here. */
  | 'decoder-error'
  /** The decoder logged that it concealed damage, or used a missing reference. */
  | 'decoder-concealment'
  /** A clean random access point (IDR or recovery point): decoding from here needs nothing before. */
  | 'random-access';

/**
 * How the stream compares with its reference; sent about once a second where it has one. Picture and sound are
 * compared each on its own.
 */
export interface ReferenceObservation {
  readonly type: 'reference';
  readonly time: number;
  readonly picture: TrackComparison;
  readonly sound: TrackComparison;
}

export interface TrackComparison {
  /** How much later the stream has this track than its reference. */
  readonly lag?: { readonly seconds: number; readonly confidence: number };
  /** How much of the reference's last seconds is found in the stream, 0 … 1; absent where nobody can tell. */
  readonly match?: number;
  /** Why there is no lag: a phrase for a person. */
  readonly unknown?: string;
}

/** Sent about twice a second for live streams, so that a lack of frames is seen. */
export interface ClockObservation {
  readonly type: 'clock';
  readonly time: number;
  /** Wall seconds since the last frame, and since the last audio; absent where the stream has had none. */
  readonly videoIdle?: number;
  readonly audioIdle?: number;
  /** Longest pause between arrivals that is normal for this source (one segment for HLS), in seconds. */
  readonly expectedGap: number;
}

/** Media before and after are not comparable: a reconnect, a discontinuity, another rendition. */
export interface EpochObservation {
  readonly type: 'epoch';
  readonly time: number;
  readonly hasVideo: boolean;
  readonly hasAudio: boolean;
  /** Declared frame rate, when the source declares one. */
  readonly frameRate?: number;
  /** Whether transport evidence is seen at all: false where ffmpeg opens the network side itself. */
  readonly transportSeen: boolean;
  /** What the ingress looks into, where it does and knows the container. */
  readonly container?: 'mpegts' | 'mov';
  /** Whether a playlist or manifest says what is to come. */
  readonly playlistSeen?: boolean;
  /** The stream has a reference: comparisons will come. */
  readonly hasReference?: true;
}

/** The stream is over. */
export interface EndObservation {
  readonly type: 'end';
  readonly time: number;
}

/** What a detector says about one kind of defect, on one channel if given, at `time`. */
export interface Judgement {
  readonly time: number;
  readonly kind: string;
  /** 0 … 1; compared with the manifest's thresholds. */
  readonly score: number;
  /** When the present condition began, if before `time`: the onset for a defect, the recovery for its end. */
  readonly since?: number;
  /** Overrides the configured severity for this judgement. */
  readonly severity?: Severity;
  /** Share of the picture, 0 … 1. */
  readonly area?: number;
  readonly channel?: string;
  /** 0 … 1, 1 when omitted. */
  readonly confidence?: number;
  /** What suggests the cause, such as `transport`. */
  readonly source?: string;
  /** Figures for the metrics. */
  readonly measurements?: readonly Measurement[];
}

/** A figure for the metrics, under the name that it has there. */
export type Measurement =
  | { readonly name: 'av_offset_seconds' | 'true_peak_dbtp' | 'loudness_range_lu'; readonly value: number }
  | {
      readonly name: 'loudness_lufs';
      readonly window: 'momentary' | 'short-term' | 'integrated';
      readonly value: number;
    };

/** The detector cannot tell from now on (`reason`), or can again (`undefined`). */
export interface Unknown {
  readonly unknown: string | undefined;
}

/** A detector of one stream. `step` is a pure function of its own state and the observation: no I/O, no clock. */
export interface Detector {
  step(observation: Observation): readonly (Judgement | Unknown)[];
}

/** What a detector's file exports as default. */
export interface DetectorDefinition<M extends DetectorManifest = DetectorManifest> {
  readonly manifest: M;
  /** `minDuration` is the configured one, in seconds: a detector that analyses a window may want to match it. */
  create(parameters: ParametersOf<M>, settings: { readonly minDuration: number }): Detector;
}

/** Keeps the manifest's literal types while checking its shape. */
export function defineDetector<const M extends DetectorManifest>(
  definition: DetectorDefinition<M>,
): DetectorDefinition<M> {
  return definition;
}
