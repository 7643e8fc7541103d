/** Intervals that are remembered: a few seconds of any usual frame rate. */
const remembered = 128;
/** Frames before a cadence is known. */
const learning = 16;

/** How a stream's frames follow each other. Seconds. */
export interface Cadence {
  /** Median interval. */
  readonly interval: number;
  /** Interval that only one frame in twenty exceeds. */
  readonly longInterval: number;
  /** Nearly every interval is the usual one: a frame that is missing is a frame that was lost. */
  readonly steady: boolean;
}

/**
 * Learns the intervals of a stream's frames. A steady cadence allows for telecine, whose intervals alternate
 * between two and three fields (33 and 50 ms), and for timestamps in whole milliseconds.
 */
export class CadenceMeter {
  readonly #intervals: number[] = [];
  #next = 0;

  add(interval: number): void {
    this.#intervals[this.#next] = interval;
    this.#next = (this.#next + 1) % remembered;
  }

  /** Undefined while too little is known. */
  get cadence(): Cadence | undefined {
    if (this.#intervals.length < learning) return undefined;
    const sorted = this.#intervals.toSorted((a, b) => a - b);
    const interval = sorted[sorted.length >> 1]!;
    const usual = sorted.filter((each) => each > interval * 0.6 && each < interval * 1.6);
    return {
      interval,
      longInterval: sorted[Math.floor(sorted.length * 0.95)]!,
      steady: usual.length >= 0.9 * sorted.length,
    };
  }
}
