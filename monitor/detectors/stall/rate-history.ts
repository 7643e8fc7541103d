/** Frames are counted over pieces of this many seconds. */
const pieceSeconds = 2;
/** Pieces that the usual rate is learned from (5 min), and the fewest that tell it (20 s). */
const remembered = 150;
const learning = 10;
/** A rate that has been low for this many seconds is the stream's new rate. */
const adoptAfter = 1800;

/** A low rate, or the return from it, and since when. Seconds and frames a second. */
export interface RateReading {
  readonly time: number;
  /** Share of the usual rate; undefined where the stream has no usual rate. */
  readonly share: number | undefined;
  readonly low: boolean;
  readonly since: number;
}

/**
 * Compares a stream's frame rate with its own usual one: the median over minutes, and only where the rate is
 * steady. What a container declares is no measure: with variable frame rate (phones, screen recordings) it is a
 * ceiling, or nothing at all.
 */
export class RateHistory {
  readonly #lowShare: number;
  readonly #highShare: number;
  readonly #rates: number[] = [];
  #pieceStart: number | undefined;
  #frames = 0;
  #low = false;
  #since: number | undefined;

  /** Low below `lowShare` of the usual rate, until `highShare` is reached again. */
  constructor(lowShare: number, highShare: number) {
    this.#lowShare = lowShare;
    this.#highShare = highShare;
  }

  /** Counting starts over at `time`: frames before it do not tell the rate. */
  restart(time: number): void {
    this.#pieceStart = time;
    this.#frames = 0;
  }

  /** A frame was shown; returns a reading when a piece is complete. */
  frame(time: number): RateReading | undefined {
    if (this.#pieceStart === undefined) {
      this.restart(time);
      return undefined;
    }
    this.#frames++;
    const start = this.#pieceStart;
    if (time - start < pieceSeconds) return undefined;
    const rate = this.#frames / (time - start);
    this.restart(time);
    return this.#read(rate, start, time);
  }

  #read(rate: number, start: number, time: number): RateReading {
    const usual = this.#usualRate();
    const share = usual === undefined ? undefined : rate / usual;
    const low = share !== undefined && share < (this.#low ? this.#highShare : this.#lowShare);
    if (low !== this.#low || this.#since === undefined) this.#since = start;
    this.#low = low;
    if (low && time - this.#since >= adoptAfter) this.#rates.length = 0;
    if (!low) this.#remember(rate);
    return { time, share, low, since: this.#since };
  }

  #remember(rate: number): void {
    this.#rates.push(rate);
    if (this.#rates.length > remembered) this.#rates.shift();
  }

  #usualRate(): number | undefined {
    if (this.#rates.length < learning) return undefined;
    const median = this.#rates.toSorted((a, b) => a - b)[this.#rates.length >> 1]!;
    const near = this.#rates.filter((rate) => Math.abs(rate - median) <= 0.1 * median);
    return near.length >= 0.8 * this.#rates.length ? median : undefined;
  }
}
