import type { DataLoss } from './data-loss.ts';
import type { Suddenness } from './sudden-changes.ts';

/** The decoder's log is up to three frames late: so long a frame may wait for what is said of it, in seconds. */
const logLateness = 0.15;
/** Timestamps of packets and of decoded frames differ by up to a frame or two, in seconds. */
const placing = 0.09;

interface Sudden {
  readonly time: number;
  readonly share: number;
}

/** The loss that the newest frames are in. */
interface Present {
  /** When it began, going by evidence, and the first frame that it can have damaged. */
  readonly first: number;
  readonly since: number;
  /** The last frame that it can have damaged. */
  last: number;
  seen: boolean;
}

/**
 * Whether a loss of data is seen in the picture: macroblocks change suddenly where the lost data was to be decoded,
 * or where decoding starts anew; or everything moves, so that nothing can be concealed.
 */
export class LossProof {
  readonly #leastShare: number;
  #recent: Sudden[] = [];
  #loss: Present | undefined;

  /** `leastShare`: of the macroblocks, from which sudden changes are damage. */
  constructor(leastShare: number) {
    this.#leastShare = leastShare;
  }

  /**
   * The frame at `time`, after all that was told of losses up to now.
   * @returns since when the loss goes on that is seen: one that the frame is in, or one that ended with it
   */
  frame(time: number, { share, moving }: Suddenness, loss: DataLoss): number | undefined {
    this.#recent = [...this.#recent.filter((sudden) => time - sudden.time <= logLateness), { time, share }];
    const own = loss.at(time);
    if (own === undefined) return this.#over(time, share);
    const present =
      this.#loss && this.#loss.first === own.first
        ? this.#loss
        : { first: own.first, since: time, last: time, seen: false };
    this.#loss = present;
    present.last = time;
    present.seen ||=
      (moving && loss.touches(time)) ||
      this.#recent.some(
        (sudden) =>
          sudden.share >= this.#leastShare &&
          (loss.touches(sudden.time) || loss.startsAnew(sudden.time, placing)),
      );
    return present.seen ? present.since : undefined;
  }

  /** Decoding has started anew: what was wrong goes out of the picture. */
  #over(time: number, share: number): number | undefined {
    const past = this.#loss;
    if (!past) return undefined;
    const heals = !past.seen && time - past.last <= placing && share >= this.#leastShare;
    if (heals || past.seen || time - past.last > placing) this.#loss = undefined;
    return heals ? past.since : undefined;
  }
}
