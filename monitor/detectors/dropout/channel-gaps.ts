import { type Gap, GapFinder } from './gap-finder.ts';
import { cutOut, dip } from './gap-rules.ts';

/** Shorter cuts, in milliseconds, are found as dips or not at all. */
const shortestCut = 8;

/** The gaps of one channel by either rule; what both find is one gap. */
export class ChannelGaps {
  readonly #finders: readonly GapFinder[];
  /** Milliseconds since the end of the last gap. */
  #sinceGap = Number.POSITIVE_INFINITY;

  /** The shortest and the longest gap that counts, in milliseconds. */
  constructor(shortest: number, longest: number) {
    this.#finders = [
      new GapFinder(dip, shortest, longest),
      new GapFinder(cutOut, Math.max(shortest, shortestCut), longest),
    ];
  }

  /** Whether a gap may be on, or not be known yet. */
  get pending(): boolean {
    return this.#finders.some(({ pending }) => pending);
  }

  /** @param power of the next millisecond */
  step(power: number): Gap | undefined {
    this.#sinceGap++;
    const found = this.#finders.map((finder) => finder.step(power));
    const gap = found.find((own) => own !== undefined && own.sinceStart <= this.#sinceGap);
    if (gap) this.#sinceGap = gap.sinceEnd;
    return gap;
  }
}
