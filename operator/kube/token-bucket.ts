/** Tokens that come back at a steady rate up to a stock. Holds no clock: times are passed in, in ms, and never fall. */
export class TokenBucket {
  readonly #rate: number;
  readonly #stock: number;
  #tokens: number;
  #at: number;

  /**
   * @param rate tokens per second
   * @param stock most tokens kept, and had at the start
   * @throws RangeError when not above 0, and at least 1
   */
  constructor(rate: number, stock: number, now: number) {
    if (!(rate > 0)) throw new RangeError(`rate is ${rate}: set it above 0`);
    if (!(stock >= 1)) throw new RangeError(`burst is ${stock}: set it to 1 or more`);
    this.#rate = rate;
    this.#stock = stock;
    this.#tokens = stock;
    this.#at = now;
  }

  /** Takes a token if there is one. */
  take(now: number): boolean {
    this.#refill(now);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** @returns ms until there is a token */
  wait(now: number): number {
    this.#refill(now);
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) / this.#rate) * 1000);
  }

  /** Leaves one token and no more: after a pause the work is taken up at the rate, not in a burst. */
  drain(now: number): void {
    this.#refill(now);
    this.#tokens = Math.min(this.#tokens, 1);
  }

  #refill(now: number): void {
    const passed = Math.max(0, now - this.#at);
    // A hair above, so that rounding never leaves a token just short of whole after its wait.
    this.#tokens = Math.min(this.#stock, this.#tokens + (passed / 1000) * this.#rate + 1e-9);
    this.#at = Math.max(now, this.#at);
  }
}
