import { ptsDifference } from '../ingress/ts-time.ts';
import type { Timeline } from './timeline.ts';

/** So much waits at most for the frames it is about; the oldest may wait for some that never come. */
const mostWaiting = 1000;

interface Waiting {
  readonly pts: number | undefined;
  readonly take: (time: number) => void;
}

/** Finds where on the timeline that is which the ingress tells of a stream's own timestamps, often before its frames. */
export class TransportPlaces {
  readonly #timeline: Timeline;
  #waiting: Waiting[] = [];
  /** Container time that is the session's zero, once that is known. */
  #start: number | undefined;
  /** Newest PTS of the session, counted from its start. */
  #reached = 0;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  /** The session's media begin at a container time. */
  beginMedia(start: number): void {
    this.#start = start;
    this.#reached = 0;
  }

  endSession(): void {
    this.#start = undefined;
    this.#waiting = [];
  }

  /** The session's media are at a PTS, counted from its start. */
  reach(pts: number): void {
    this.#reached = pts;
  }

  /** Calls `take` with the media time of a PTS as carried, or of now without one: as soon as its epoch has begun. */
  whenPlaced(pts: number | undefined, take: (time: number) => void): void {
    if (this.#try({ pts, take })) return;
    this.#waiting.push({ pts, take });
    if (this.#waiting.length > mostWaiting) this.#waiting.shift();
  }

  /** A sample was placed: what waits may have its place now. */
  retry(): void {
    if (this.#waiting.length > 0) this.#waiting = this.#waiting.filter((waiting) => !this.#try(waiting));
  }

  #try({ pts, take }: Waiting): boolean {
    if (this.#start === undefined) return false;
    const time = pts === undefined ? this.#timeline.now : this.#locate(pts - this.#start);
    if (time === undefined) return false;
    take(time);
    return true;
  }

  #locate(sinceStart: number): number | undefined {
    return this.#timeline.locate(this.#reached + ptsDifference(sinceStart, this.#reached));
  }
}
