import { tileColumns, tileRows } from '../../kernels/luma-plane.ts';
import type { FrameObservation, Judgement } from '../contract.ts';

const tiles = tileColumns * tileRows;
/** A tile moves in a frame whose mean difference there exceeds this many levels. */
const movingLevel = 0.3;
/** A tile was alive when it moved by this many levels in this share of the frames before. */
const aliveLevel = 0.5;
const aliveShare = 0.4;
/** Seconds before the stop that are looked at, and the fewest of them, after a cut. */
const lookBack = 3;
const leastLookBack = 1;
/** Seconds after the stop until it is looked at. */
const settling = 1;
/** Tiles that stop within this many seconds stop at once; two or three frames. */
const atOnce = 0.12;
/** Fewest tiles that make a region: a quarter of the picture. */
const fewestTiles = tiles / 4;
/** A cut: the region differs by this many levels, and by this many times what is usual there. */
const cutLevel = 12;
const cutRatio = 2.5;
/** What comes to rest by itself slows down first: the last frames before the stop move at this share of the usual. */
const abruptShare = 0.6;
/** Mean difference of what stands still: key frames pulse, sensor noise and slow drift never end. */
const stillLevel = 0.2;
/** The same as a share of what moved before: the noise of a quiet scene may come and go with the coding. */
const stillShare = 0.1;
/** Levels that differences are clipped at for these means. */
const clip = 4;
/** Something else moves in this share of the frames. */
const restShare = 0.1;
/** When this share of the region has moved, the region is not frozen, or no longer. */
const thawedShare = 0.1;
/** Some three frames in a row: a key frame and what refines it are two. */
const thawedMotion = 2.2;

interface Past {
  readonly time: number;
  readonly differences: Float32Array;
}

interface Frozen {
  readonly since: number;
  readonly region: readonly number[];
}

/**
 * A part of the picture that stood still all at once, while the rest goes on: the programme under a running
 * ticker, the guest in one of two boxes. A region counts only where nothing natural does the same: all of it was
 * alive in the same shot, it stopped between two frames at full speed (a camera that comes to rest slows down,
 * people in front of a wall stop one after another), and nothing has moved within it since.
 */
export class RegionFreeze {
  readonly #past: Past[] = [];
  /** Per tile: how much it moved lately. A single frame is a key frame's pulse, two close together are motion. */
  readonly #motion = new Float32Array(tiles);
  readonly #lastMoved = new Float64Array(tiles).fill(Number.NEGATIVE_INFINITY);
  #judgedStop = Number.NEGATIVE_INFINITY;
  #frozen: Frozen | undefined;
  #thawedAt: number | undefined;

  frame({ time, statistics }: FrameObservation): Judgement {
    if (!Number.isNaN(statistics.difference)) this.#add(time, statistics.tileDifferences);
    this.#frozen = this.#frozen ? this.#goesOn(time, this.#frozen) : this.#begins(time);
    if (!this.#frozen) {
      const since = this.#thawedAt;
      return { time, kind: 'region', score: 0, ...(since !== undefined && { since }) };
    }
    const area = this.#frozen.region.length / tiles;
    return { time, kind: 'region', score: 0.5 + area / 2, area, since: this.#frozen.since };
  }

  #add(time: number, current: Float32Array): void {
    const differences = current.slice();
    this.#past.push({ time, differences });
    while (this.#past[0]!.time < time - lookBack - settling - atOnce) this.#past.shift();
    for (let tile = 0; tile < tiles; tile++) {
      const moves = differences[tile]! > movingLevel;
      this.#motion[tile] = Math.max(0, Math.min(3, this.#motion[tile]! + (moves ? 1 : -0.25)));
      if (moves && this.#motion[tile]! > 1) this.#lastMoved[tile] = time;
    }
  }

  #goesOn(time: number, frozen: Frozen): Frozen | undefined {
    const moved = frozen.region.filter((tile) => this.#motion[tile]! > thawedMotion);
    const goesOn =
      moved.length <= thawedShare * frozen.region.length && this.#restMoves(frozen.region, time - settling);
    if (goesOn) return frozen;
    this.#thawedAt = time;
    return undefined;
  }

  #begins(time: number): Frozen | undefined {
    // The latest stop that has settled; each is looked at once.
    let stop = Number.NEGATIVE_INFINITY;
    for (const moved of this.#lastMoved) if (moved <= time - settling && moved > stop) stop = moved;
    if (stop <= this.#judgedStop || this.#past.length === 0 || stop < this.#past[0]!.time) return undefined;
    this.#judgedStop = stop;
    const stopped: number[] = [];
    for (const [tile, moved] of this.#lastMoved.entries())
      if (moved <= stop && moved >= stop - atOnce) stopped.push(tile);
    if (stopped.length < fewestTiles) return undefined;
    const before = this.#shotBefore(stopped, stop);
    if (before.length === 0 || stop - before[0]!.time < leastLookBack) return undefined;
    const after = this.#past.filter((past) => past.time > stop);
    const region = stopped.filter(
      (tile) =>
        shareAbove(before, tile, aliveLevel) >= aliveShare &&
        meanOf(after, tile) <= Math.min(stillLevel, stillShare * meanOf(before, tile)),
    );
    const frozen =
      region.length >= fewestTiles && abrupt(before, region) && this.#restMoves(region, time - settling);
    return frozen ? { since: stop, region } : undefined;
  }

  /** Frames of the shot that ended with the stop; none where it ended with a cut. */
  #shotBefore(region: readonly number[], stop: number): readonly Past[] {
    const before = this.#past.filter(({ time }) => time <= stop && time > stop - lookBack);
    const levels = before.map((past) => regionMean(past, region));
    const limit = Math.max(cutLevel, cutRatio * median(levels));
    return before.slice(levels.findLastIndex((level) => level > limit) + 1);
  }

  #restMoves(region: readonly number[], from: number): boolean {
    const recent = this.#past.filter(({ time }) => time > from);
    const still = new Set(region);
    for (let tile = 0; tile < tiles; tile++)
      if (!still.has(tile) && shareAbove(recent, tile, aliveLevel) >= restShare) return true;
    return false;
  }
}

function abrupt(before: readonly Past[], region: readonly number[]): boolean {
  const levels = before.map((past) => regionMean(past, region));
  // Of two frames, as animation holds each picture for two.
  const last = Math.max(...levels.slice(-2));
  return last >= abruptShare * median(levels.filter((level) => level > movingLevel));
}

function regionMean({ differences }: Past, region: readonly number[]): number {
  let sum = 0;
  for (const tile of region) sum += differences[tile]!;
  return sum / region.length;
}

function shareAbove(frames: readonly Past[], tile: number, level: number): number {
  let count = 0;
  for (const { differences } of frames) if (differences[tile]! > level) count++;
  return frames.length > 0 ? count / frames.length : 0;
}

function meanOf(frames: readonly Past[], tile: number): number {
  let sum = 0;
  for (const { differences } of frames) sum += Math.min(clip, differences[tile]!);
  return frames.length > 0 ? sum / frames.length : 0;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
