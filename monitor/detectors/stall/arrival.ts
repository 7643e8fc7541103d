import type { ClockObservation, EpochObservation, Judgement } from '../contract.ts';
import { thresholds } from './thresholds.ts';

const { enter } = thresholds;

/** Whether anything arrives, by the clock. */
export class Arrival {
  readonly #minDuration: number;
  #track: 'video' | 'audio' = 'video';
  #last: number | undefined;
  /** No picture, or no sound of a stream without pictures, has come for too long. */
  stalled = false;

  constructor(minDuration: number) {
    this.#minDuration = minDuration;
  }

  begin({ hasVideo }: EpochObservation): void {
    this.#track = hasVideo ? 'video' : 'audio';
  }

  media(track: 'video' | 'audio', time: number): Judgement[] {
    if (track !== this.#track) return [];
    const over = this.stalled;
    this.#last = time;
    this.stalled = false;
    return over ? [{ time, kind: 'no-frames', score: 0, since: time }] : [];
  }

  clock({ time, videoIdle, audioIdle, expectedGap }: ClockObservation): Judgement[] {
    const idle = this.#track === 'video' ? videoIdle : audioIdle;
    if (idle === undefined) return [];
    const limit = Math.max(this.#minDuration, expectedGap);
    const score = limit > 0 ? Math.min(1, (enter * idle) / limit) : 1;
    this.stalled = score >= enter;
    const since = this.stalled ? (this.#last ?? time - idle) : time;
    return [{ time, kind: 'no-frames', score, since: Math.min(time, since) }];
  }
}
