/** What a decoder was given and has done so far. */
export interface DecoderWork {
  /** Bytes that were handed to it. */
  readonly given: number;
  /** CPU that it has used, in seconds. */
  readonly cpu: number;
}

/** A decoder that does nothing about what it was given for longer than this hangs, in seconds. */
const limit = 3;

/**
 * Tells a decoder that hangs from one that gets nothing: it was given bytes, and uses no CPU. A lack of bytes is the
 * source's, and has another limit.
 */
export class HangWatch {
  #seen: DecoderWork = { given: 0, cpu: -1 };
  /** When it was seen to have been given what it has not touched, in ms. */
  #givenAt: number | undefined;

  /** Whether it hangs, as of `now` in ms. To be asked several times a second. */
  observe(work: DecoderWork, now: number): boolean {
    if (work.cpu > this.#seen.cpu) {
      this.#seen = work;
      this.#givenAt = undefined;
    } else if (work.given > this.#seen.given) this.#givenAt ??= now;
    return this.#givenAt !== undefined && now - this.#givenAt > 1000 * limit;
  }
}
