import type { BreakNews, RelativeCue } from '../breaks/break-cue.ts';
import type { Soundtrack } from '../ingress.ts';
import type { ByteRange } from '../resource.ts';

/** Encryption of a segment as a whole: RFC 8216 §4.3.2.4, and its AES-256 forms in use. */
export type SegmentMethod = 'AES-128' | 'AES-256' | 'AES-256-CTR';
/** Encryption of the samples in a segment (RFC 8216bis §4.4.4.4). */
export type SampleMethod = 'SAMPLE-AES' | 'SAMPLE-AES-CTR';

export interface SegmentKey {
  readonly method: SegmentMethod | SampleMethod;
  /** Absent where a licence system has the key: then it is the one that the user supplies. */
  readonly uri?: string;
  /** 16 bytes; from the media sequence number where the playlist gives none. */
  readonly iv: Buffer;
}

/** A segment, or the initialisation section before it, as a part of a resource. */
export interface SegmentSource {
  /** Absolute. */
  readonly uri: string;
  readonly range?: ByteRange;
  readonly key?: SegmentKey;
}

export interface MediaSegment extends SegmentSource {
  readonly sequence: number;
  /** In seconds. */
  readonly duration: number;
  readonly init?: SegmentSource;
  /** Not comparable with what came before: EXT-X-DISCONTINUITY, a new Period. */
  readonly discontinuity: boolean;
  /** Declared to be missing: EXT-X-GAP. */
  readonly gap: boolean;
  /** Discontinuities before it since the stream began, where the playlist numbers them (EXT-X-DISCONTINUITY-SEQUENCE). */
  readonly discontinuities?: number;
  /** When it begins on the clock of the playlist's announcements, in seconds. */
  readonly clock?: number;
  /** Breaks that are announced at it, counted from its first picture. */
  readonly cues?: readonly RelativeCue[];
  /** Of what it is made up, where it was made a moment ago. */
  readonly parts?: readonly SegmentPart[];
}

/** A part of a segment, listed before the segment is whole (RFC 8216bis §4.4.4.9). */
export interface SegmentPart extends SegmentSource {
  /** In seconds. */
  readonly duration: number;
  readonly gap: boolean;
}

/** The segment that is being made, after the last one that is listed: its parts so far. */
export interface OpenSegment extends Omit<MediaSegment, 'uri' | 'range' | 'parts'> {
  readonly parts: readonly SegmentPart[];
}

/** Where in a playlist a reader stands: the segment that it wants, and of its parts the one, from 0. */
export interface PlaylistPosition {
  readonly sequence: number;
  readonly part?: number;
}

/** News of breaks for one moment on a playlist's own clock, in seconds. */
export interface Announcement {
  readonly at: number;
  readonly news: readonly BreakNews[];
}

/** One rendition's segments at one time, of HLS or of DASH. */
export interface MediaPlaylist {
  /** Longest segment, in seconds. */
  readonly targetDuration: number;
  /** Consecutive, in order. */
  readonly segments: readonly MediaSegment[];
  /** Whether no segment will be added. */
  readonly ended: boolean;
  /** Whether sequence numbers are the origin's own (HLS), not counted by the reader (DASH). */
  readonly numbered: boolean;
  /** When the origin made this version, in ms since 1970 (MPD@publishTime). */
  readonly published?: number;
  /** Seconds that the origin takes from one version to the next, where it says so (MPD@minimumUpdatePeriod). */
  readonly updatePeriod?: number;
  /** Low-Latency HLS: longest part, in seconds. */
  readonly partTarget?: number;
  /** Its newest segment, as far as it is made. */
  readonly open?: OpenSegment;
  /** The server says that it holds a request until it has what is asked for (CAN-BLOCK-RELOAD). */
  readonly blocks?: true;
  readonly announcements?: readonly Announcement[];
}

/** One rendition: a playlist that can be loaded again and again. */
export interface Rendition {
  readonly carries: 'program' | 'video' | 'audio';
  readonly soundtrack?: Soundtrack;
  /**
   * @param wanted asks the server to answer once it has that, where it `blocks`
   * @throws IngressError
   */
  load(signal: AbortSignal, wanted?: PlaylistPosition): Promise<MediaPlaylist>;
}
