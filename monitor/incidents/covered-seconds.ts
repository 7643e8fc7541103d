/** Seconds that were counted for each subject: none is counted twice, however often it is told of. Pure. */
export class CoveredSeconds {
  readonly #until = new Map<string, number>();

  /** How many of the seconds between two times are new. */
  claim(subject: string, from: number, to: number): number {
    const until = this.#until.get(subject) ?? Number.NEGATIVE_INFINITY;
    const seconds = to - Math.max(from, until);
    if (!(seconds > 0)) return 0;
    this.#until.set(subject, to);
    return seconds;
  }
}
