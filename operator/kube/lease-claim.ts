/** A moment on the clock that never steps and on the one that does not stop while the machine sleeps; ms. */
export interface Moment {
  readonly steady: number;
  readonly wall: number;
}

export function thisMoment(): Moment {
  return { steady: performance.now(), wall: Date.now() };
}

/**
 * A right that lasts for a time and is renewed before its end, or lost for good. Its end is read from the clock each
 * time, as no timer runs while the event loop is blocked. A wall clock that is set forward ends it early, which is
 * harmless; without that clock it would outlast a machine that is suspended.
 */
export class LeaseClaim {
  readonly #duration: number;
  #since: Moment;
  #ended = false;

  /**
   * @param duration seconds
   * @param since when what it rests on was sent: the server had it no earlier
   */
  constructor(duration: number, since: Moment) {
    this.#duration = duration * 1000;
    this.#since = since;
  }

  /** ms; 0 once it has ended */
  get remaining(): number {
    const { steady, wall } = thisMoment();
    const passed = Math.max(steady - this.#since.steady, wall - this.#since.wall);
    // What was seen to end stays so, even if the wall clock is set back.
    this.#ended ||= passed >= this.#duration;
    return this.#ended ? 0 : this.#duration - passed;
  }

  /** @returns whether there was anything left to renew */
  renew(since: Moment): boolean {
    if (this.remaining <= 0) return false;
    this.#since = since;
    return true;
  }
}
