/** Whether at least `enough` of the last `window` frames had something, and since when. */
export class FrameShare {
  readonly #window: number;
  readonly #enough: number;
  /** Times of those of the last frames that had it; NaN for the others. */
  #times: number[] = [];
  #since: number | undefined;

  constructor(window: number, enough: number) {
    this.#window = window;
    this.#enough = enough;
  }

  get reached(): boolean {
    return this.#since !== undefined;
  }

  /** Media time of the first frame that had it, while `reached`. */
  get since(): number | undefined {
    return this.#since;
  }

  add(time: number, has: boolean): void {
    this.#times.push(has ? time : Number.NaN);
    if (this.#times.length > this.#window) this.#times.shift();
    const having = this.#times.filter((each) => !Number.isNaN(each));
    this.#since = having.length >= this.#enough ? (this.#since ?? having[0]) : undefined;
  }

  clear(): void {
    this.#times = [];
    this.#since = undefined;
  }
}
