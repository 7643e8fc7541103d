import type { pictureSet } from '../commands.ts';

export type PictureDetector = (typeof pictureSet)[number];

/** Where the frames lie, for every process. */
export interface StoreAddress {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** One run of the baseline. */
export interface DistributedRun {
  readonly store: StoreAddress;
  readonly file: string;
  readonly width: number;
  readonly height: number;
  /** Frames a second that are stored and judged. */
  readonly frameRate: number;
  readonly seconds: number;
  /** Pid of the S3 server, whose CPU counts. */
  readonly serverPid: number;
  /** Existing folder for the workflow's log. */
  readonly directory: string;
}

/** From the converter: the frames of one second of media are stored. */
export interface SecondStored {
  readonly type: 'second';
  readonly second: number;
  readonly keys: readonly string[];
}

/** From the converter: all frames are stored; CPU in ms from the end of the first second on. */
export interface ConverterDone {
  readonly type: 'converted';
  readonly frames: number;
  readonly ffmpegMilliseconds: number;
  readonly putMilliseconds: number;
  readonly putCalls: number;
  readonly bytes: number;
}

/** To a detector: judge these frames, which follow those before. */
export interface Invocation {
  readonly type: 'invoke';
  readonly second: number;
  readonly keys: readonly string[];
}

/** From a detector: what it said of the second, and its CPU in ms since the first one was done. */
export interface Completion {
  readonly type: 'completed';
  readonly detector: PictureDetector;
  readonly second: number;
  readonly highestScore: number;
  readonly frames: number;
  readonly milliseconds: number;
  readonly getCalls: number;
}

/** To a detector: fetch these again and do nothing with them, so that the share of fetching is known. */
export interface FetchOnly {
  readonly type: 'fetch';
  readonly keys: readonly string[];
}

export interface Fetched {
  readonly type: 'fetched';
  readonly milliseconds: number;
}

/** What a run came to; ms of CPU per second of media, in steady state. */
export interface DistributedCost {
  readonly milliseconds: {
    readonly converter: number;
    readonly put: number;
    readonly get: number;
    readonly detector: number;
    readonly orchestrator: number;
    readonly s3: number;
    readonly total: number;
  };
  /** Calls and transitions per second of media. */
  readonly putCalls: number;
  readonly getCalls: number;
  readonly transitions: number;
  readonly bytesPerFrame: number;
  readonly frames: number;
}
