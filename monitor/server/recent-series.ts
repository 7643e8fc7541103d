import type { Recent } from '../../crds/page-api.ts';

/** Seconds that are kept: five minutes. */
const capacity = 300;
/** Longest pause within which a figure is taken to have been what it is after it, in seconds: segments come in bursts. */
const longestPause = 8;

/** A figure of each of the last seconds, in a fixed amount of memory. */
export class RecentSeries {
  readonly #values = new Float32Array(capacity).fill(Number.NaN);
  /** Second of the last value; 0 before the first. */
  #until = 0;
  #from = 0;

  /**
   * Keeps a value of the second that `time` (ms since 1970) is in; of several the highest. Of what is
   * analysed in bursts, such as segments, the pauses between count as the next value.
   */
  add(time: number, value: number): void {
    const second = Math.floor(time / 1000);
    if (this.#until === 0) {
      this.#until = second - 1;
      this.#from = second;
    }
    if (second < this.#until || !Number.isFinite(value)) return;
    if (second === this.#until) {
      const before = this.#values[second % capacity]!;
      this.#values[second % capacity] = Number.isNaN(before) ? value : Math.max(before, value);
      return;
    }
    const missed = second - this.#until - 1;
    for (let skipped = Math.max(this.#until + 1, second - capacity + 1); skipped < second; skipped++) {
      this.#values[skipped % capacity] = missed <= longestPause ? value : Number.NaN;
    }
    this.#values[second % capacity] = value;
    this.#until = second;
  }

  /** To be sent: three decimals tell everything. */
  recent(): Recent {
    const first = Math.max(this.#from, this.#until - capacity + 1);
    const values = Array.from({ length: this.#until === 0 ? 0 : this.#until - first + 1 }, (_, index) => {
      const value = this.#values[(first + index) % capacity]!;
      return Number.isNaN(value) ? null : Math.round(value * 1000) / 1000;
    });
    return { until: this.#until, values };
  }
}
