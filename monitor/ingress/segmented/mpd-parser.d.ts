/** The part of mpd-parser that is used; the package brings no types. */
declare module 'mpd-parser' {
  export interface MpdByteRange {
    /** `bigint` beyond 2^53. */
    length: number | bigint;
    offset: number | bigint;
  }

  export interface MpdSource {
    resolvedUri: string;
    byterange?: MpdByteRange;
  }

  export interface MpdSegment extends MpdSource {
    /** Counted from 0, and on through reloads with `previousManifest`. */
    number: number;
    duration: number;
    discontinuity?: boolean;
    /** On the media presentation timeline, in seconds. */
    presentationTime?: number;
    map?: MpdSource;
  }

  export interface MpdPlaylist {
    attributes: {
      /** Representation id. */
      NAME: string;
      BANDWIDTH?: number;
      CODECS?: string;
      RESOLUTION?: { width?: number; height?: number };
    };
    endList: boolean;
    segments?: MpdSegment[];
    /** SegmentBase: the one resource, by its index. */
    sidx?: MpdSource;
  }

  export interface MpdManifest {
    playlists?: MpdPlaylist[];
    mediaGroups?: {
      AUDIO: Record<
        string,
        Record<string, { default: boolean; language?: string; playlists?: MpdPlaylist[] }>
      >;
    };
    /** Of a finite presentation, in seconds. */
    duration?: number;
    /** In ms. */
    minimumUpdatePeriod?: number;
  }

  /** An Event of an EventStream; `start` on the media presentation timeline, but for the stream's own offset. */
  export interface MpdEvent {
    start: number;
  }

  /** What each representation inherits from the elements around it. */
  export interface RepresentationInfo {
    readonly attributes: Readonly<Record<string, unknown>>;
    readonly segmentInfo: {
      readonly template?: Readonly<Record<string, unknown>>;
      readonly list?: Readonly<Record<string, unknown>>;
      readonly base?: Readonly<Record<string, unknown>>;
      readonly segmentTimeline?: readonly { readonly t?: number; readonly d: number; readonly r?: number }[];
    };
  }

  export interface DashPlaylist {
    readonly attributes: Readonly<Record<string, unknown>>;
  }

  export function inheritAttributes(
    mpd: Element,
    options: { manifestUri: string; NOW?: number },
  ): { representationInfo: RepresentationInfo[]; eventStream: MpdEvent[] };

  export function toPlaylists(representations: RepresentationInfo[]): DashPlaylist[];

  export function toM3u8(options: {
    dashPlaylists: DashPlaylist[];
    previousManifest?: MpdManifest;
  }): MpdManifest;
}
