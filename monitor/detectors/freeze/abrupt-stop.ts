import { tileColumns, tileRows } from '../../kernels/luma-plane.ts';
import { select } from './order-statistics.ts';

const tiles = tileColumns * tileRows;
/** Seconds before a stop that are looked at, and the fewest of them, after a cut. */
const lookBack = 2;
const leastLookBack = 0.8;
/**
 * Soon after a cut, in so many seconds, a stop is one where a quarter of the picture stops, and so much of it with the
 * very frame.
 */
const leastAfterCut = 0.2;
const togetherAfterCut = 0.8;
/** Seconds after the stop until it is judged. */
export const settling = 1;
/** A tile was alive when it differed by this many levels, and more, in three frames of ten. */
const aliveLevel = 0.4;
const aliveQuantile = 0.7;
/** What stands differs by this share of that, in four frames of five: key frames pulse, and coding noise never ends. */
const stillShare = 0.2;
const stillQuantile = 0.8;
/**
 * What comes to rest by itself slows down first: a frame of the last tenths of a second before the stop moves at this
 * share of the usual. At low bit-rates tiles stop some frames apart.
 */
const abruptShare = 0.5;
const abruptSeconds = 0.2;
/** Fewest frames that are looked at. Where they last longer, people stop from one frame to the next. */
const abruptFrames = 4;
/** The frames right after the stop differ by this share of the last before it, at most. */
const haltShare = 0.4;
/** Fewest tiles that do so, and their share of all that stands from then on: people come to rest one after another. */
const fewestTiles = 5;
const togetherShare = 1 / 4;
/** What rested just then had moved in so many seconds before. */
const restSeconds = 0.4;
/** A cut: so many of the tiles differ by this many levels, and by this many times what is usual there. */
const cutShare = 0.6;
const cutLevel = 12;
const cutRatio = 2.5;

/** What ends is a fade, when the level of what stops went one way by this share of its differences. */
const fadeShare = 0.5;

interface Past {
  readonly time: number;
  readonly differences: Float32Array;
  readonly means: Float32Array | undefined;
}

/** Where motion stopped all at once. */
export interface Stop {
  /** When the picture was first shown that stays. */
  readonly time: number;
  /** The tiles that were alive and stand: those that stopped at full speed, and those that rested just then. */
  readonly region: readonly number[];
  /** By how many levels each of them differed from frame to frame before. */
  readonly usual: readonly number[];
  /** When the shot began, or what is known of it. */
  readonly shotStart: number;
  /** Whether frames come densely enough to tell a stop from somebody who pauses. */
  readonly dense: boolean;
}

/**
 * Finds where motion stops between two frames at full speed, in all of the picture or in a part of it. Nothing
 * natural does: a camera that comes to rest slows down, people come to rest one after another. Each frame is judged
 * `settling` seconds later, by what moved before and after it.
 */
export class StopFinder {
  readonly #past: Past[] = [];
  #judged = -1;

  /**
   * Takes a frame in; tells what stopped `settling` seconds before it. Arrays are kept.
   * @param differences mean difference of each tile to the frame before, in luma levels
   * @param means mean level of each tile, on some frames
   */
  frame(time: number, differences: Float32Array, means: Float32Array | undefined): Stop | undefined {
    this.#past.push({ time, differences, means });
    while (this.#past[0]!.time < time - settling - lookBack - 0.2) {
      this.#past.shift();
      this.#judged = Math.max(-1, this.#judged - 1);
    }
    let stop: Stop | undefined;
    while ((this.#past[this.#judged + 1]?.time ?? time) <= time - settling)
      stop = this.#judge(++this.#judged) ?? stop;
    return stop;
  }

  #judge(at: number): Stop | undefined {
    const halted = this.#halted(at);
    if (halted.length < fewestTiles) return undefined;
    const { time } = this.#past[at]!;
    const after = this.#past.slice(at + 1);
    const shot = sameShot(
      this.#past.slice(0, at + 1).filter((past) => past.time > time - lookBack),
      halted,
    );
    const seen = time - (shot[0]?.time ?? time);
    if (shot.length < 4 || seen < leastAfterCut) return undefined;
    let stopped = 0;
    for (const tile of halted) if (usualOfStill(tile, shot, after) > 0) stopped++;
    if (stopped < fewestTiles) return undefined;
    const lately = shot.filter((past) => past.time > time - restSeconds);
    const region: number[] = [];
    const usual: number[] = [];
    for (let tile = 0; tile < tiles; tile++) {
      if (!lately.some(({ differences }) => differences[tile]! >= aliveLevel)) continue;
      const level = usualOfStill(tile, shot, after);
      if (level === 0) continue;
      region.push(tile);
      usual.push(level);
    }
    const soon = seen < leastLookBack;
    if (stopped < (soon ? togetherAfterCut : togetherShare) * region.length) return undefined;
    if (soon && region.length < tiles / 4) return undefined;
    if (!isAbrupt(shot, region) || isFade(shot, region)) return undefined;
    const dense = countLast(shot) >= abruptFrames;
    return { time, region, usual, shotStart: shot[0]!.time, dense };
  }

  /** Tiles that moved with a frame, or the one before, and did not right after it. */
  #halted(at: number): number[] {
    const last = this.#past[at]?.differences;
    const previous = this.#past[at - 1]?.differences ?? last;
    const next = this.#past[at + 1]?.differences;
    const second = this.#past[at + 2]?.differences;
    const third = this.#past[at + 3]?.differences;
    const halted: number[] = [];
    if (!last || !previous || !next || !second || !third) return halted;
    for (let tile = 0; tile < tiles; tile++) {
      const limit = haltShare * Math.max(last[tile]!, previous[tile]!);
      if (limit < haltShare * aliveLevel || next[tile]! > limit) continue;
      if (second[tile]! <= limit && third[tile]! <= limit) halted.push(tile);
    }
    return halted;
  }
}

/** Frames after the last cut; none where the last of them is one. */
function sameShot(before: readonly Past[], region: readonly number[]): readonly Past[] {
  const usual = new Map<number, number>();
  const isCut = ({ differences }: Past) => {
    const above = region.filter((tile) => differences[tile]! > cutLevel);
    if (above.length < cutShare * region.length) return false;
    for (const tile of above) if (!usual.has(tile)) usual.set(tile, quantile(before, tile, 0.5));
    const cut = above.filter((tile) => differences[tile]! > cutRatio * usual.get(tile)!);
    return cut.length >= cutShare * region.length;
  };
  return before.slice(before.findLastIndex(isCut) + 1);
}

function isAbrupt(before: readonly Past[], region: readonly number[]): boolean {
  const levels = before.map((past) => regionMean(past, region));
  const last = levels.slice(-Math.max(abruptFrames, countLast(before)));
  return Math.max(...last) >= abruptShare * median(levels.filter((level) => level > aliveLevel));
}

/** Frames within `abruptSeconds` before a stop. */
function countLast(before: readonly Past[]): number {
  const from = before.at(-1)!.time - abruptSeconds;
  return before.length - before.findIndex(({ time }) => time > from);
}

/** Whether what stopped was getting lighter or darker as a whole. */
function isFade(before: readonly Past[], region: readonly number[]): boolean {
  const to = before.findLastIndex(({ means }) => means);
  const from = before.findLastIndex(({ means }, index) => means && index < to);
  const [first, last] = [before[from]?.means, before[to]?.means];
  if (!first || !last) return false;
  const change = region.reduce((sum, tile) => sum + last[tile]! - first[tile]!, 0) / region.length;
  const moved = before.slice(from + 1, to + 1).reduce((sum, past) => sum + regionMean(past, region), 0);
  return Math.abs(change) > fadeShare * moved;
}

/** By how many levels a tile differed from frame to frame that was alive and stands now; 0 of others. */
function usualOfStill(tile: number, before: readonly Past[], after: readonly Past[]): number {
  let highest = 0;
  for (const { differences } of before) highest = Math.max(highest, differences[tile]!);
  // Sorting costs the most, and few tiles need it.
  if (!isStill(after, tile, stillShare * highest) || !isAlive(before, tile)) return 0;
  const usual = quantile(before, tile, aliveQuantile);
  return isStill(after, tile, stillShare * usual) ? usual : 0;
}

function isAlive(frames: readonly Past[], tile: number): boolean {
  return reaches(frames, tile, aliveLevel, frames.length - Math.floor(frames.length * aliveQuantile));
}

function isStill(frames: readonly Past[], tile: number, limit: number): boolean {
  return !reaches(frames, tile, limit, frames.length - Math.floor(frames.length * stillQuantile));
}

/** Whether a tile differs by more than a level in so many frames. */
function reaches(frames: readonly Past[], tile: number, level: number, count: number): boolean {
  let missing = count;
  for (let index = 0; missing > 0 && index < frames.length; index++)
    if (frames[index]!.differences[tile]! > level) missing--;
  return missing <= 0;
}

function quantile(frames: readonly Past[], tile: number, share: number): number {
  const { length } = frames;
  const values = new Float32Array(length);
  for (let index = 0; index < length; index++) values[index] = frames[index]!.differences[tile]!;
  return select(values, Math.min(length - 1, Math.floor(length * share)));
}

function regionMean({ differences }: Past, region: readonly number[]): number {
  let sum = 0;
  for (const tile of region) sum += differences[tile]!;
  return sum / region.length;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
