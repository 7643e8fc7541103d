import { tileColumns, tileRows } from '../../kernels/luma-plane.ts';
import { isBlank } from '../blank/blank-picture.ts';
import type { FrameObservation, Judgement } from '../contract.ts';
import type { Stop } from './abrupt-stop.ts';
import { OrderedWindow } from './order-statistics.ts';
import { TileCounts } from './tile-counts.ts';
import { driftedTiles, type FrameTiles, tileMeans } from './tiles.ts';

/** Luma levels that the differences of half and of four fifths of a window may not exceed. */
export interface Limits {
  readonly median: number;
  readonly percentile80: number;
}

interface Sample {
  readonly time: number;
  readonly difference: number;
  /** Of each tile. */
  readonly differences: Float32Array;
  /** Mean level per tile, on some samples. */
  readonly means?: Float32Array | undefined;
}

/** A tile changed visibly when its mean difference exceeds this many levels. */
const tileLimit = 0.3;
/** A tile that changes in this share of the window's frames moves on its own: a speaker's mouth, a ticker. */
const movingShare = 0.3;
/** The picture crept away when this many tiles left the mean they had when the freeze began, by so many levels. */
const driftTiles = 3;
const driftLevels = 1.5;
/** Share of the window that the picture must have stood for. */
const leastShare = 0.6;
/**
 * After lively pictures a freeze is plain against higher coding noise: the limits rise to this share of the
 * recent activity, at most to `reliefCap` times the configured ones. Low bit-rates need it, quiet scenes never get it.
 */
const activityShare = 1 / 15;
const reliefCap = 2.5;
/**
 * The same after an abrupt stop, which shows that noise alone is left; the tiles that stopped may change by so much
 * more, too.
 */
const stopActivityShare = 1 / 5;
const stopReliefCap = 10;
const stopTileRelief = 2;
const stopDriftLevels = 2.5;
/** Seconds over which activity is remembered. */
const activityMemory = 10;
/** Fewer frames do not make a window. */
const fewestFrames = 5;

/** All of the picture stands still, as the encoder's noise lets one see. */
export class FullFreeze {
  readonly #limits: Limits;
  readonly #window: number;
  readonly #enter: number;
  readonly #samples: Sample[] = [];
  /** Of the samples: their differences, and in how many of them each tile changed visibly, by either limit. */
  readonly #differences = new OrderedWindow();
  readonly #changes = new TileCounts(tileLimit);
  readonly #greatChanges = new TileCounts(stopTileRelief * tileLimit);
  #lastTime: number | undefined;
  /** Mean difference of the recent past, and how much of that past there has been, 0 … 1. */
  #activity = { sum: 0, weight: 0 };
  /** The abrupt stop that the freeze began with, if any, and the tiles that stopped. */
  #stop: Stop | undefined;
  #stopped = new Uint8Array(tileColumns * tileRows);
  #frozen: { readonly since: number; readonly anchor: Float32Array } | undefined;
  #recoveredAt: number | undefined;

  /**
   * @param minDuration seconds, of which half to five are looked at together
   * @param enter the score from which on it is a freeze
   */
  constructor(limits: Limits, minDuration: number, enter: number) {
    this.#enter = enter;
    this.#limits = limits;
    this.#window = Math.min(5, Math.max(0.5, minDuration));
  }

  /** The first frame of all, which differs from none. */
  first(time: number): Judgement {
    this.#lastTime = time;
    return { time, kind: 'full', score: 0 };
  }

  frame(frame: FrameObservation, { differences, means, stop }: FrameTiles): Judgement {
    const { time, statistics } = frame;
    const previousTime = this.#lastTime ?? time;
    this.#lastTime = time;
    this.#add(frame, differences, means);
    if (stop?.dense) this.#stopAt(stop);
    if (this.#stop && !this.#frozen && time > this.#stop.time + 2 * this.#window) this.#stopAt(undefined);
    // A black or flat picture is no frozen one: detectors of their own find it.
    const score = isBlank(frame) ? 0 : this.#score();
    if (score < this.#enter) {
      this.#remember(statistics.difference, time - previousTime);
      return this.#moving(time, score);
    }
    if (this.#frozen && means && this.#creptAway(this.#frozen.anchor, means))
      return this.#moving(time, score);
    this.#frozen ??= this.#begin(means ?? tileMeans(frame.reduced));
    if (!this.#frozen) return this.#moving(time, score);
    return { time, kind: 'full', score, since: this.#frozen.since, area: 1 };
  }

  #moving(time: number, score: number): Judgement {
    if (this.#frozen) {
      this.#frozen = undefined;
      this.#recoveredAt = this.#recovery();
      this.#stopAt(undefined);
    }
    const since = this.#recoveredAt;
    return { time, kind: 'full', score: Math.min(score, 0.49), ...(since !== undefined && { since }) };
  }

  #stopAt(stop: Stop | undefined): void {
    this.#stop = stop;
    this.#stopped.fill(0);
    for (const tile of stop?.region ?? []) this.#stopped[tile] = 1;
  }

  #remember(difference: number, seconds: number): void {
    const share = 1 - Math.exp(-seconds / activityMemory);
    this.#activity.sum += (difference - this.#activity.sum) * share;
    this.#activity.weight += (1 - this.#activity.weight) * share;
  }

  #relief(): number {
    const { median } = this.#limits;
    const activity = this.#activity.sum / Math.max(this.#activity.weight, Number.EPSILON);
    const [share, cap] = this.#stop ? [stopActivityShare, stopReliefCap] : [activityShare, reliefCap];
    return median > 0 ? Math.min(cap, Math.max(1, (activity * share) / median)) : 1;
  }

  #add({ time, statistics }: FrameObservation, differences: Float32Array, means?: Float32Array): void {
    this.#samples.push({ time, difference: statistics.difference, differences, means });
    this.#differences.add(statistics.difference);
    this.#changes.add(differences);
    this.#greatChanges.add(differences);
    // One sample older than the window stays, so that the window is covered from its beginning.
    while (this.#samples.length > 2 && this.#samples[1]!.time <= time - this.#window)
      this.#forget(this.#samples.shift()!);
  }

  #forget({ difference, differences }: Sample): void {
    this.#differences.remove(difference);
    this.#changes.remove(differences);
    this.#greatChanges.remove(differences);
  }

  /** 1 when nothing at all moves, 0.5 where the window just counts as frozen, towards 0 with more motion. */
  #score(): number {
    const samples = this.#samples;
    const covered = samples.at(-1)!.time - samples[0]!.time >= this.#window * 0.95;
    if (!covered || samples.length < fewestFrames) return 0;
    const relief = this.#relief();
    const noise = Math.max(
      ratio(this.#differences.quantile(0.5), this.#limits.median * relief),
      ratio(this.#differences.quantile(0.8), this.#limits.percentile80 * relief),
    );
    // Where all of the picture moves, it is of no use to look at its parts.
    const excess = noise > 1 ? noise : Math.max(noise, ratio(this.#liveliest(), movingShare));
    return excess <= 1 ? 1 - excess / 2 : 0.5 / excess;
  }

  /** In which share of the frames the liveliest tile changes visibly. */
  #liveliest(): number {
    let most = 0;
    const stopped = this.#stopped;
    for (let tile = 0; tile < tileColumns * tileRows; tile++)
      most = Math.max(most, (stopped[tile] ? this.#greatChanges : this.#changes).of(tile));
    return most / this.#samples.length;
  }

  /** Whether the picture is another one than that which stood still: a slow fade, pan or zoom. */
  #creptAway(anchor: Float32Array, means: Float32Array): boolean {
    return driftedTiles(anchor, means, this.#stop ? stopDriftLevels : driftLevels) >= driftTiles;
  }

  /** By how much each tile may change: a ticker that never stopped is given no more than before. */
  #tileLimits(): Float32Array {
    return Float32Array.from(this.#stopped, (stopped) => (stopped ? stopTileRelief : 1) * tileLimit);
  }

  /** The freeze that the window ends with, unless the picture was another one for too much of it. */
  #begin(means: Float32Array): { since: number; anchor: Float32Array } | undefined {
    const other = this.#samples.findLastIndex(
      (sample) => sample.means && this.#creptAway(sample.means, means),
    );
    const since = this.#onset(other + 1);
    const now = this.#samples.at(-1)!.time;
    return now - since >= this.#window * leastShare ? { since, anchor: means } : undefined;
  }

  /** When the frozen picture was first shown: before the first of three still frames in a row, from a sample on. */
  #onset(from: number): number {
    const limit = this.#limits.percentile80 * this.#relief();
    const still = (index: number) => (this.#samples[index]?.difference ?? 0) <= limit;
    for (let index = Math.max(1, from); index < this.#samples.length; index++) {
      if (still(index) && still(index + 1) && still(index + 2)) return this.#samples[index - 1]!.time;
    }
    return this.#samples.at(-1)!.time;
  }

  /** When motion came back: the first moving frame from which on most frames move. */
  #recovery(): number {
    const samples = this.#samples;
    const limit = this.#limits.median * this.#relief();
    const limits = this.#tileLimits();
    const moves = ({ difference, differences }: Sample) =>
      difference > limit || differences.some((own, tile) => own > limits[tile]!);
    let moving = 0;
    let recovery = samples.at(-1)!.time;
    for (let index = samples.length - 1; index >= 0; index--) {
      if (!moves(samples[index]!)) continue;
      moving++;
      if (moving < (samples.length - index) * 0.7) break;
      recovery = samples[index]!.time;
    }
    return recovery;
  }
}

function ratio(value: number, limit: number): number {
  return limit > 0 ? value / limit : value > 0 ? Number.POSITIVE_INFINITY : 0;
}
