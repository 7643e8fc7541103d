/** Seconds until a detector that failed is started again, by how often it has failed in a row. */
const pauses = [1, 5, 30, 120] as const;
/** One that ran this long, in ms, is taken to have recovered. */
const healthyMilliseconds = 10 * 60_000;

/** Decides when what failed is started again, and when it is left stopped. Pure: the clock is passed in. */
export class Restarts {
  #failures = 0;
  #lastStart = Number.NEGATIVE_INFINITY;

  started(now: number): void {
    this.#lastStart = now;
  }

  /** Seconds until it is to be started again; `undefined` when it is to be left stopped. `now` in ms. */
  failed(now: number): number | undefined {
    if (now - this.#lastStart > healthyMilliseconds) this.#failures = 0;
    return pauses[this.#failures++];
  }
}
