import { CadenceMeter } from '../stall/cadence.ts';

/** Difference of the liveliest parts, in luma levels, from which pictures are in motion; below it a hold is hardly seen. */
const leastMotion = 2;
/**
 * A picture that differs from the one before by no more than this share of the motion, and this many levels, repeats
 * it: re-encoded at 0.6 Mb/s repeats had up to 8 %, and those that a key frame falls on more. From `movedShare` on it
 * is another picture; between the two nobody can tell.
 */
const repeatShare = 0.1;
const repeatLevel = 2;
const movedShare = 0.4;
/** A cut, in shares of the motion of the whole picture and in levels: what follows is another motion. */
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

/** By how many luma levels a picture differs from the one before. */
export interface Difference {
  /** Mean of all. */
  readonly whole: number;
  /** Mean of its liveliest parts: what an encoder adds to a repeat is spread over the picture, and what moves is not. */
  readonly liveliest: number;
}

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
  #differences: Difference[] = [];
  #holds: number[] = [];
  /** Intervals from one single repeat to the next, the last few; and since the last, NaN where not known. */
  #distances: number[] = [];
  #sinceRepeat = Number.NaN;
  #shown: { readonly time: number; readonly difference: Difference } | undefined;
  #unclear = false;
  #lastTime: number | undefined;
  #offGrid = 0;

  /** Share of the last intervals that are no multiple of the usual one. */
  get irregularity(): number {
    return this.#offGrid;
  }

  /** The next frame, and by how much it differs. */
  frame(time: number, difference: Difference): Hitch | undefined {
    this.#measure(time);
    const shown = this.#shown;
    const motion = this.#motionOf('liveliest');
    const { liveliest } = difference;
    if (!shown || motion < leastMotion) {
      this.#begin(time, difference, this.#differences);
      return undefined;
    }
    if (liveliest <= Math.min(repeatLevel, repeatShare * motion)) return undefined;
    if (difference.whole > Math.max(cutLevel, cutShare * this.#motionOf('whole'))) {
      this.#begin(time, difference, []);
      return undefined;
    }
    const unclear = this.#unclear;
    this.#unclear = liveliest < movedShare * motion;
    if (this.#unclear) this.#forgetRepeats();
    const abrupt = shown.difference.liveliest >= abruptShare * motion && liveliest >= jumpShare * motion;
    const hitch = unclear || this.#unclear ? undefined : this.#hold(shown.time, time, abrupt);
    this.#show(time, difference);
    return hitch;
  }

  /** 0 where too little is known. */
  #motionOf(part: keyof Difference): number {
    if (this.#differences.length < learning) return 0;
    return median(this.#differences.map((difference) => difference[part]));
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

  #begin(time: number, difference: Difference, differences: Difference[]): void {
    this.#differences = differences;
    this.#holds = [];
    this.#forgetRepeats();
    this.#unclear = false;
    this.#show(time, difference);
  }

  #show(time: number, difference: Difference): void {
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
