/** `Starting`: no frame or sound yet; `Up`: media arrives; `Down`: it does not, see the reason. `Ended`: a finite source is over. */
export const streamPhases = ['Starting', 'Up', 'Down', 'Ended'] as const;
export type StreamPhase = (typeof streamPhases)[number];

/** Every reason a stream can be in its phase, with what a user should do about it. Bounded: it is a metric label. */
export const streamReasons = {
  Connecting: 'the source is being opened',
  Receiving: 'frames or sound arrive',
  Overloaded:
    'it comes faster than it can be judged, as its pod gets too little CPU: part of the time is not watched',
  EndOfStream: 'the source is finite and was watched to its end',
  Unreachable: 'the host does not answer: check the URL, DNS and the network between',
  EgressDenied: 'the address is not allowed: add it to the allowed ranges if it is meant to be watched',
  Unauthorized: 'the origin refused the credentials (HTTP 401 or 403): check headers, token and expiry',
  NotFound: 'the origin has no such resource (HTTP 404 or 410): check the path',
  UpstreamError: 'the origin answered with an error: see the status in the message',
  EmptyPlaylist: 'the playlist lists no segment: check the packager',
  StalePlaylist: 'the playlist no longer changes: check the packager',
  NotMedia: 'the source is not audio or video (for example an HTML page): check the URL',
  WrongKey: 'segments do not decrypt: check the key and its initialisation vector',
  KeyUnavailable: 'the key could not be fetched: check the key server and the credentials',
  Undecodable: 'the source could not be decoded: truncated, damaged or an unsupported codec',
  NoFrames: 'the connection is open but no frame arrives: check the sender',
  SenderStopped: 'the sender closed the connection',
  NotOffered: 'the source lists no such rendition or audio track: see those that it has in the message',
  UnsupportedStream: 'the stream needs something that is not supported: see the message',
  FfmpegMissing: 'ffmpeg is not installed: on Debian or Ubuntu, apt-get install ffmpeg',
  FfmpegFailed: 'ffmpeg stopped unexpectedly: see the message',
  InternalError: 'a fault in the monitor itself: see its log and report it',
} as const;
export type StreamReason = keyof typeof streamReasons;
export const streamReasonNames = Object.keys(streamReasons) as [StreamReason, ...StreamReason[]];

/** Whether a stream is watched, and why not. */
export interface StreamState {
  readonly phase: StreamPhase;
  readonly reason: StreamReason;
  /** One sentence for a person; holds no secret and no full URL. */
  readonly message: string;
  /** Wall clock of the last change of phase, ISO 8601. */
  readonly since: string;
}
