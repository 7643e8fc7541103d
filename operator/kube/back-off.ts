/** Waiting times that double from one failure to the next, spread so that many who fail at once do not return at once. */
export class BackOff {
  readonly #initial: number;
  readonly #maximum: number;
  readonly #random: () => number;
  #failures = 0;

  /**
   * @param initial longest wait after the first failure, ms
   * @param maximum longest wait of all, ms
   * @param random from 0 to below 1
   */
  constructor(initial: number, maximum: number, random: () => number = Math.random) {
    this.#initial = initial;
    this.#maximum = maximum;
    this.#random = random;
  }

  /** @returns ms to wait after one more failure: between a half and the whole of its step */
  next(): number {
    const step = Math.min(this.#maximum, this.#initial * 2 ** this.#failures++);
    return step * (0.5 + this.#random() / 2);
  }

  /** Failures since the last reset. */
  get failures(): number {
    return this.#failures;
  }

  reset(): void {
    this.#failures = 0;
  }
}
