import { CadenceMeter } from '../stall/cadence.ts';

/** Mean difference, in luma levels, from which pictures are in motion; below it a hold is hardly seen. */
const leastMotion = 0.5;
/**
 * A picture that differs from the one before by no more than this share of the motion, and this many levels, repeats
 * it: re-encoded at 0.6 Mb/s repeats had up to 8 %, and those that a key frame falls on more. From `movedShare` on it
 * is another picture; between the two nobody can tell.
 */
const repeatShare = 0.1;
const repeatLevel = 0.3;
const movedShare = 0.4;
/** A cut, in shares of the motion and in levels: what follows is another motion. */
const cutShare = 8;
const cutLevel = 10;
/** Pictures that the motion, and how long they are held, is learned from, and the fewest that tell it. */
const remembered = 9;
const learning = 5;
/** Motion that comes to rest by itself slows down; what is cut off does not. */
const abruptShare = 0.6;
/** What goes on behind a held picture makes the next one differ by more: 1.4 times and up, for each picture skipped. */
const jumpShare = 1.25;
/** Longer holds, in seconds, are stills and freezes. */
const longestHold = 1;
/** How far, in pictures, distances of repeats of one cadence differ, and how many of them are remembered: 3:2, 23:1. */
const cadenceError = 1;
const cadenceMemory = 3;
/** How far an interval may be from a whole number of usual ones, in those: time stamps of whole milliseconds are. */
const gridError = 0.15;
/** Intervals that their irregularity is told of, exponentially weighted. */
const gridMemory = 64;

/** A picture that was held too long while the motion went on. Times in media seconds. */
export interface Hitch {
  /** When the next picture was due. */
  readonly start: number;
  /** When it was there. */
  readonly end: number;
  /** 1; a single repeated picture is seen less, and counts half. */
  readonly weight: number;
}

/**
 * Follows how long each picture of a motion is held, whether its repeats are sent or left out, and tells holds that no
 * cadence has. Legal cadences hold all pictures alike (doubled frame rates, animation on twos) or differ by one interval
 * in a regular order (3:2 pulldown, 24 in 25, 25 in 30), and none of them skips what it repeats.
 */
export class PictureHolds {
  readonly #cadence = new CadenceMeter();
  /** Of the motion that goes on: how much its pictures differ, and for how many intervals they are held. */
  #differences: number[] = [];
  #holds: number[] = [];
  /** Intervals from one single repeat to the next, the last few; and since the last, NaN where not known. */
  #distances: number[] = [];
  #sinceRepeat = Number.NaN;
  #shown: { readonly time: number; readonly difference: number } | undefined;
  #unclear = false;
  #lastTime: number | undefined;
  #offGrid = 0;

  /** Share of the last intervals that are no multiple of the usual one. */
  get irregularity(): number {
    return this.#offGrid;
  }

  /** The next frame, and its mean difference to the one before. */
  frame(time: number, difference: number): Hitch | undefined {
    this.#measure(time);
    const shown = this.#shown;
    const motion = this.#differences.length >= learning ? median(this.#differences) : 0;
    if (!shown || motion < leastMotion) {
      this.#begin(time, difference, this.#differences);
      return undefined;
    }
    if (difference <= Math.min(repeatLevel, repeatShare * motion)) return undefined;
    if (difference > Math.max(cutLevel, cutShare * motion)) {
      this.#begin(time, difference, []);
      return undefined;
    }
    const unclear = this.#unclear;
    this.#unclear = difference < movedShare * motion;
    if (this.#unclear) this.#forgetRepeats();
    const abrupt = shown.difference >= abruptShare * motion && difference >= jumpShare * motion;
    const hitch = unclear || this.#unclear ? undefined : this.#hold(shown.time, time, abrupt);
    this.#show(time, difference);
    return hitch;
  }

  /** Learns the usual interval, and how many are no multiple of it. */
  #measure(time: number): void {
    if (this.#lastTime !== undefined && time > this.#lastTime) {
      const interval = time - this.#lastTime;
      this.#cadence.add(interval);
      const intervals = interval / (this.#cadence.cadence?.interval ?? interval);
      const off = Math.abs(intervals - Math.round(intervals)) > gridError ? 1 : 0;
      this.#offGrid += (off - this.#offGrid) / gridMemory;
    }
    this.#lastTime = time;
  }

  #begin(time: number, difference: number, differences: number[]): void {
    this.#differences = differences;
    this.#holds = [];
    this.#forgetRepeats();
    this.#unclear = false;
    this.#show(time, difference);
  }

  #show(time: number, difference: number): void {
    this.#shown = { time, difference };
    this.#differences.push(difference);
    if (this.#differences.length > remembered) this.#differences.shift();
  }

  #forgetRepeats(): void {
    this.#distances = [];
    this.#sinceRepeat = Number.NaN;
  }

  /** A picture was held from `from` to `to`. */
  #hold(from: number, to: number, abrupt: boolean): Hitch | undefined {
    const interval = this.#cadence.cadence?.interval;
    if (interval === undefined) return undefined;
    const hold = Math.round((to - from) / interval);
    const usual = this.#holds.length >= learning ? median(this.#holds) : undefined;
    this.#holds.push(hold);
    if (this.#holds.length > remembered) this.#holds.shift();
    this.#sinceRepeat += hold;
    const regular = hold !== 2 || this.#repeatIsRegular();
    if (usual === undefined || !abrupt || to - from > longestHold) return undefined;
    const hitch = { start: from + usual * interval, end: to };
    // A cadence whose holds differ by one interval may well look like any other: only far longer holds are none.
    if (hold > 2 * usual) return { ...hitch, weight: 1 };
    return usual === 1 && hold === 2 && !regular ? { ...hitch, weight: 0.5 } : undefined;
  }

  /** A single repeat came: whether it is as far from the last as others were, or too little is known to tell. */
  #repeatIsRegular(): boolean {
    const distance = this.#sinceRepeat;
    const known = this.#distances.length >= 2;
    const alike = this.#distances.some((each) => Math.abs(each - distance) <= cadenceError);
    this.#sinceRepeat = 0;
    if (Number.isNaN(distance)) return true;
    this.#distances.push(distance);
    if (this.#distances.length > cadenceMemory) this.#distances.shift();
    return !known || alike;
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
