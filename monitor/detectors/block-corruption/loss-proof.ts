import type { DataLoss } from './data-loss.ts';
import type { Suddenness } from './sudden-changes.ts';

/** The decoder's log is up to three frames late: so long a frame may wait for what is said of it, in seconds. */
const logLateness = 0.15;

interface Sudden {
  readonly time: number;
  readonly share: number;
}

/**
 * Whether a loss of data is seen in the picture: macroblocks change suddenly where the lost data was to be decoded,
 * or where decoding starts anew; or everything moves, so that nothing can be concealed.
 */
export class LossProof {
  readonly #leastShare: number;
  #recent: Sudden[] = [];
  /** Beginning of the loss that the last frame was in, and what is known of it. */
  #first: number | undefined;
  #since = 0;
  #seen = false;

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
    if (own === undefined) return this.#over(share);
    if (own.first !== this.#first) {
      this.#first = own.first;
      this.#since = time;
      this.#seen = false;
    }
    this.#seen ||=
      (moving && loss.touches(time)) ||
      this.#recent.some((sudden) => sudden.share >= this.#leastShare && loss.touches(sudden.time));
    return this.#seen ? this.#since : undefined;
  }

  /** Decoding has started anew: what was wrong goes out of the picture. */
  #over(share: number): number | undefined {
    if (this.#first === undefined) return undefined;
    const seen = !this.#seen && share >= this.#leastShare;
    this.#first = undefined;
    this.#seen = false;
    return seen ? this.#since : undefined;
  }
}
