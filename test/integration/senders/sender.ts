/** A live sender on 127.0.0.1. */
export interface Sender {
  /** What a receiver opens. */
  readonly url: string;
  /** Halts the media while every connection and server stays (SIGSTOP), and lets it catch up. */
  suspend(): void;
  resume(): void;
  /** Ends the media for good; a server in front of it (HTTP, RTMP) stays up. */
  endMedia(): Promise<void>;
  /** Ends everything and removes its files. Idempotent. */
  stop(): Promise<void>;
}
