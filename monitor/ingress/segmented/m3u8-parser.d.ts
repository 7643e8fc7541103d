/** The part of m3u8-parser that is used; the package brings no types. */
declare module 'm3u8-parser' {
  export interface ParsedKey {
    method: string;
    uri: string;
    iv?: Uint32Array;
  }

  export interface ParsedByteRange {
    length: number;
    offset?: number;
  }

  export interface ParsedSegment {
    uri: string;
    duration?: number;
    byterange?: ParsedByteRange;
    discontinuity?: boolean;
    /** EXT-X-DISCONTINUITY-SEQUENCE, and one for each discontinuity up to here. */
    timeline?: number;
    key?: ParsedKey;
    map?: { uri: string; byterange?: ParsedByteRange; key?: ParsedKey };
    /** In ms since 1970, carried on from the last EXT-X-PROGRAM-DATE-TIME. */
    programDateTime?: number;
    /** Whole lines of tags that were added with `addParser`. */
    custom?: { gap?: string; cueIn?: string; cueOut?: string; cueOutCont?: string };
    parts?: ParsedPart[];
  }

  export interface ParsedPart {
    uri: string;
    duration?: number;
    byterange?: ParsedByteRange;
    gap?: boolean;
  }

  /** The segment after the last, of which parts are there. */
  export interface ParsedPreloadSegment extends Omit<ParsedSegment, 'uri' | 'duration' | 'byterange'> {
    parts?: ParsedPart[];
  }

  /** EXT-X-DATERANGE; tags of one ID are merged. Invalid dates and numbers are NaN. */
  export interface ParsedDateRange {
    id?: string;
    startDate?: Date;
    endDate?: Date;
    duration?: number;
    plannedDuration?: number;
    scte35Cmd?: string;
    scte35Out?: string;
    scte35In?: string;
  }

  export interface ParsedVariant {
    uri: string;
    attributes?: {
      BANDWIDTH?: number;
      RESOLUTION?: { width: number; height: number };
      CODECS?: string;
      AUDIO?: string;
    };
  }

  export interface ParsedManifest {
    segments: ParsedSegment[];
    playlists?: ParsedVariant[];
    mediaGroups?: {
      AUDIO: Record<
        string,
        Record<string, { default: boolean; autoselect: boolean; language?: string; uri?: string }>
      >;
    };
    targetDuration?: number;
    mediaSequence?: number;
    endList?: boolean;
    partTargetDuration?: number;
    serverControl?: { canBlockReload?: boolean };
    preloadSegment?: ParsedPreloadSegment;
    skip?: { skippedSegments?: number };
    contentProtection?: Record<string, unknown>;
    dateRanges?: ParsedDateRange[];
  }

  export class Parser {
    manifest: ParsedManifest;
    addParser(options: { expression: RegExp; customType: string; segment: boolean }): void;
    push(text: string): void;
    end(): void;
  }
}
