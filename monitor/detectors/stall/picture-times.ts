import type { FrameObservation, Judgement } from '../contract.ts';
import { type Cadence, CadenceMeter } from './cadence.ts';
import { RateHistory } from './rate-history.ts';
import { thresholds } from './thresholds.ts';

const { enter, exit } = thresholds;
/** Seconds that a gap must exceed the usual interval by before it is looked at. */
const noticeable = 0.1;
/** Counting frames over seconds is exact to about this share of the rate; telecine at four fifths is legal. */
const countingError = 0.01;

/** The detector's parameters: seconds and a share. */
export interface PictureLimits {
  readonly jump: number;
  readonly lowRate: number;
  readonly lowRateDuration: number;
}

/** Skips and the rate of one epoch's pictures, by their timestamps. */
export class PictureTimes {
  readonly #limits: PictureLimits;
  readonly #cadence = new CadenceMeter();
  readonly #rates: RateHistory;
  #last: number | undefined;

  constructor(limits: PictureLimits) {
    this.#limits = limits;
    this.#rates = new RateHistory(lowShare(limits), highShare(limits));
  }

  /** The timeline ran on to `time` while nothing came: that is no skip. */
  pause(time: number): void {
    if (this.#last !== undefined) this.#last = Math.max(this.#last, time);
    this.#rates.restart(time);
  }

  frame({ time }: FrameObservation): Judgement[] {
    const last = this.#last;
    this.#last = time;
    const interval = last === undefined ? 0 : time - last;
    const skip = last === undefined || interval <= 0 ? [] : this.#skip(last, time);
    if (skip.length > 0) this.#rates.restart(time);
    else if (interval > 0) this.#cadence.add(interval);
    return [...skip, ...this.#rate(time)];
  }

  #skip(last: number, time: number): Judgement[] {
    if (time - last <= noticeable) return [];
    const cadence = this.#cadence.cadence;
    if (!cadence) return [];
    const skipped = time - last - cadence.interval;
    if (skipped <= noticeable) return [];
    const score = Math.min(1, (enter * skipped) / leastSkip(cadence, this.#limits.jump));
    const over = { time, kind: 'timestamp-jump', score: 0, since: time } as const;
    // Onset and end are known at once: the picture before stayed on until its own interval was over.
    return score < enter ? [] : [{ ...over, score, since: last + cadence.interval }, over];
  }

  #rate(time: number): Judgement[] {
    const reading = this.#rates.frame(time);
    if (!reading) return [];
    const { share, low, since } = reading;
    const full = share === undefined ? 0 : rateScore(share, this.#limits);
    const ripe = !low || time - since >= this.#limits.lowRateDuration;
    const score = ripe
      ? full
      : Math.min(full, (0.98 * enter * (time - since)) / this.#limits.lowRateDuration);
    return [{ time, kind: 'low-frame-rate', score, since }];
  }
}

/**
 * Seconds that must be skipped to be a defect. At a steady cadence every lost frame shows, and three in a row are
 * needed; where frames come as they like (screen recordings send none while nothing moves), a skip must be far
 * outside of what is usual.
 */
function leastSkip({ interval, longInterval, steady }: Cadence, jump: number): number {
  return steady ? Math.max(jump, 2 * interval) : Math.max(4 * jump, 10 * longInterval);
}

function lowShare({ lowRate }: PictureLimits): number {
  return lowRate - countingError;
}

/** Half of the way back to the usual rate ends a low rate. */
function highShare(limits: PictureLimits): number {
  return (1 + lowShare(limits)) / 2;
}

/** `enter` where the rate begins to be low, `exit` where that is over, 1 at half of where it began. */
function rateScore(share: number, limits: PictureLimits): number {
  const low = lowShare(limits);
  if (share < low) return Math.min(1, enter + (low - share) / low);
  return Math.max(0, enter - ((enter - exit) * (share - low)) / (highShare(limits) - low));
}
