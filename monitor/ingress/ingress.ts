import type { Readable } from 'node:stream';
import type { StreamReason } from '../../crds/stream-state.ts';
import type { EvidenceObservation } from '../detectors/contract.ts';
import type { BreakCue } from './breaks/break-cue.ts';
import type { ContentKeys } from './segmented/content-keys.ts';

/**
 * The network side of one stream, opened once. Media comes as sessions: one uninterrupted stretch each, ended by
 * a discontinuity, by a change of rendition, or by the end of the stream.
 */
export interface Ingress {
  /**
   * The next session, once its first bytes are there; `undefined` when the source is finite and over.
   * @throws IngressError when the source cannot be opened or goes on failing; the caller backs off and opens the
   *   original URL again
   */
  next(): Promise<IngressSession | undefined>;
  /** Ends every session and connection. Idempotent. */
  close(): void;
}

export interface IngressSession {
  /** What ffmpeg reads: one input with everything, or a video and an audio input on one time base. */
  readonly inputs: readonly IngressInput[];
  /** Longest pause between arrivals that is normal for this source, in seconds (for HLS 1.5 × target duration). */
  readonly expectedGap: number;
  /** Whether media arrives as time passes; a finite source (VOD, file) is read as fast as it is decoded. */
  readonly live: boolean;
  /** Samples were decrypted; whether with the right key, only a decoder can tell. */
  readonly decrypted?: boolean;
  /** Whether packets are tapped, so that a lack of evidence means health. */
  readonly transportSeen: boolean;
  /** Whether a playlist or manifest is followed. */
  readonly playlistSeen?: boolean;
}

export interface IngressInput {
  readonly carries: 'program' | 'video' | 'audio';
  /** ffmpeg's name of the container, where it is known (`mpegts`, `mov`); otherwise ffmpeg probes. */
  readonly format?: 'mpegts' | 'mov';
  /** Which sound it is, where the source itself told the tracks apart; then it is the input's first. */
  readonly soundtrack?: Soundtrack;
  /** Clear (decrypted) bytes of the container; honours back-pressure; ends with the session. */
  readonly bytes: Readable;
}

/** One of the audio tracks of a stream. */
export interface Soundtrack {
  /** From 1, in the order in which the source lists them. */
  readonly number: number;
  readonly of: number;
  /** As the source tags it: `de`, `deu`. */
  readonly language?: string;
}

/** Which of several audio tracks to watch. */
export type SoundtrackWish =
  /** From 1, in the order in which the source lists them. */
  | { readonly track: number }
  /** BCP 47: `de`, `pt-BR`. */
  | { readonly language: string };

/** Transport evidence as the ingress sees it, in the stream's own timestamps. */
export interface IngressEvidence extends Omit<EvidenceObservation, 'type' | 'time'> {
  /** PTS in seconds as carried (MPEG-TS: 33 bits ÷ 90 kHz, not unwrapped); absent where none is known yet. */
  readonly pts?: number;
}

/** Whom the ingress tells what it sees beside the media. */
export interface IngressListener {
  readonly onEvidence: (evidence: IngressEvidence) => void;
  /** The stream announces a break. */
  readonly onCue?: (cue: BreakCue) => void;
}

export interface IngressOptions extends IngressListener {
  /** Highest bandwidth (default), lowest, the highest not above a height, or the highest of one height alone. */
  readonly rendition: 'highest' | 'lowest' | { readonly maxHeight: number } | { readonly height: number };
  /** Of several audio tracks the one to watch; the source's default one, or its first, without. */
  readonly soundtrack?: SoundtrackWish;
  readonly headers: Readonly<Record<string, string>>;
  /** What encrypted samples are decrypted with, where the playlist does not lead to the key. */
  readonly keys?: ContentKeys;
  /** CIDR ranges that may be reached although they are private, loopback or link-local. */
  readonly allowedRanges: readonly string[];
  /** Something a person watching the log should know; free of secrets. */
  readonly onRemark: (message: string) => void;
}

/** Why a source cannot be watched. The message is one sentence for a person, without secrets or full URLs. */
export class IngressError extends Error {
  readonly reason: StreamReason;

  constructor(reason: StreamReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'IngressError';
    this.reason = reason;
  }
}
