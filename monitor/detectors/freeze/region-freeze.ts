import { tileColumns, tileRows } from '../../kernels/luma-plane.ts';
import type { Judgement } from '../contract.ts';
import { type Stop, settling } from './abrupt-stop.ts';
import type { FrameTiles } from './tiles.ts';

const tiles = tileColumns * tileRows;
/**
 * A region is a ninth of the picture, and three tenths of what was alive: less is a graphic beside a presenter that has
 * come to its end.
 */
const fewestTiles = tiles / 9;
const leastShare = 0.3;
/** A tile moves again when it differs by this many levels, and by this share of what was usual there. */
const movingLevel = 0.3;
const movingShare = 0.3;
/** Some three frames in a row: a key frame and what refines it are two. */
const thawedMotion = 2.2;
/** When this share of the region moves at once, it stands no longer. Fewer tiles leave it: they are beside what stands. */
const thawedShare = 0.3;
/** A tile is another one, after a cut, when its mean left the one that it had by this many levels. */
const driftLevels = 3;
/** So much of it stays. */
const keptShare = 0.5;
/** Another region takes its place that has so many times its tiles. */
const otherRatio = 2;
/** Something else goes on: a tile differs by this many levels in this share of the frames. */
const restLevel = 1;
const restShare = 0.1;
/** It may pause for so many seconds, as who listens does. */
const restPause = 2;

interface Past {
  readonly time: number;
  readonly differences: Float32Array;
}

/** A tile that stands. */
interface StandingTile {
  readonly tile: number;
  /** By how many levels it differs when it moves. */
  readonly limit: number;
  /** How much it moved lately. A single frame is a key frame's pulse, some close together are motion. */
  motion: number;
}

interface Frozen {
  readonly since: number;
  /** When something else moved last. */
  readonly restMoved: number;
  readonly region: readonly StandingTile[];
  /** How many tiles it began with. */
  readonly tiles: number;
  /** Mean levels of all tiles as it began. */
  readonly anchor: Float32Array;
}

/**
 * A part of the picture that stood still all at once, while the rest goes on: the programme under a running
 * ticker, the guest in one of two boxes.
 */
export class RegionFreeze {
  readonly #past: Past[] = [];
  /** The latest that were taken. */
  #means: Float32Array = new Float32Array(tiles);
  #frozen: Frozen | undefined;
  #thawedAt: number | undefined;

  frame(time: number, { differences, means, stop }: FrameTiles): Judgement {
    this.#past.push({ time, differences });
    while (this.#past[0]!.time <= time - settling) this.#past.shift();
    if (means) this.#means = means;
    if (this.#frozen) {
      const goesOn = this.#goesOn(time, this.#frozen, differences);
      if (!goesOn) this.#thawedAt = Math.max(this.#frozen.restMoved, time - restPause);
      this.#frozen = goesOn;
    }
    if (stop && this.#begins(stop)) {
      const same = this.#frozen && isSame(this.#frozen, stop) ? this.#frozen.since : undefined;
      const region = stop.region.map((tile, index) => standing(tile, stop.usual[index]!));
      this.#frozen = {
        ...{ since: same ?? stop.time, restMoved: time, region },
        ...{ tiles: region.length, anchor: this.#means },
      };
    }
    if (!this.#frozen) {
      const since = this.#thawedAt;
      return { time, kind: 'region', score: 0, ...(since !== undefined && { since }) };
    }
    const area = this.#frozen.region.length / tiles;
    return { time, kind: 'region', score: 0.5 + area / 2, area, since: this.#frozen.since };
  }

  #begins(stop: Stop): boolean {
    const { region, alive } = stop;
    const before = this.#frozen;
    // What stands is not alive: it cannot be in the region of a later stop, which is another one.
    const larger = before ? (isSame(before, stop) ? 1 : otherRatio) * before.region.length : 0;
    return region.length >= Math.max(fewestTiles, leastShare * alive, larger) && this.#restMoves(region);
  }

  #goesOn(time: number, frozen: Frozen, differences: Float32Array): Frozen | undefined {
    for (const own of frozen.region) {
      const step = differences[own.tile]! > own.limit ? 1 : -0.25;
      own.motion = Math.max(0, Math.min(3, own.motion + step));
    }
    const region = frozen.region.filter(
      ({ tile, motion }) =>
        motion <= thawedMotion && Math.abs(this.#means[tile]! - frozen.anchor[tile]!) <= driftLevels,
    );
    const fewest = Math.max(fewestTiles, keptShare * frozen.tiles, (1 - thawedShare) * frozen.region.length);
    const restMoves = this.#restMoves(region.map(({ tile }) => tile));
    const restMoved = restMoves ? time : frozen.restMoved;
    return region.length >= fewest && time - restMoved <= restPause
      ? { ...frozen, region, restMoved }
      : undefined;
  }

  #restMoves(region: readonly number[]): boolean {
    const still = new Set(region);
    for (let tile = 0; tile < tiles; tile++) {
      if (still.has(tile)) continue;
      let count = 0;
      for (const { differences } of this.#past) if (differences[tile]! > restLevel) count++;
      if (count >= restShare * this.#past.length) return true;
    }
    return false;
  }
}

/** At low bit-rates tiles stop some frames apart: the later stop is the more complete one. */
function isSame({ since }: Frozen, stop: Stop): boolean {
  return stop.time - since <= settling;
}

function standing(tile: number, usual: number): StandingTile {
  return { tile, limit: Math.max(movingLevel, movingShare * usual), motion: 0 };
}
