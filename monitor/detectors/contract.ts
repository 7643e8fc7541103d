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
}

export type EvidenceKind =
  /** MPEG-TS continuity counter jumped: packets were lost (ISO/IEC 13818-1 §2.4.3.3). */
  | 'continuity-gap'
  /** transport_error_indicator, or sync bytes lost. */
  | 'transport-error'
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
  /** A figure for the metrics, such as the A/V offset in seconds. */
  readonly measurement?: { readonly name: 'av_offset_seconds'; readonly value: number };
}

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
