import { tileColumns, tileRows } from '../../kernels/luma-plane.ts';
import type { Stop } from './abrupt-stop.ts';

const tiles = tileColumns * tileRows;
/** A tile moves again when it differs by this many levels, and by this share of what was usual there. */
const movingLevel = 0.3;
const movingShare = 0.3;
/** Some three frames in a row: a key frame and what refines it are two. */
const thawedMotion = 2.2;
/** A tile is another one, after a cut, when its mean left the one that it had by this many levels. */
const driftLevels = 3;
/** What stands has so many tiles, and this share of those it began with. Fewer leave it: they are beside what stands. */
const fewestTiles = 8;
const keptShare = 0.5;
/** When this share of the part moves at once, it stands no longer. */
const thawedShare = 0.5;
/** The rest may pause for so many seconds, as who listens does. */
const restPause = 5;
/** A tile stirs when it differs by this many levels, and by this share of what was usual there. */
const stirLevel = 0.1;
const stirShare = 0.1;
/** A difference of so many levels, and more than was usual, is another picture: a cut. */
const cutLevel = 8;

/** A tile that stands. */
interface StandingTile {
  readonly tile: number;
  /** By how many levels it differs when it shows another picture, when it moves, and when it stirs. */
  readonly cut: number;
  readonly moving: number;
  readonly stirring: number;
  /** How much it moved lately. A single frame is a key frame's pulse, some close together are motion. */
  motion: number;
  /** Frames in which it stirred. */
  stirs: number;
}

/** What stopped all at once and stands since. */
export class StandingPart {
  /** When it was first shown. */
  readonly since: number;
  readonly stop: Stop;
  /** Mean levels of all tiles as it began. */
  readonly #anchor: Float32Array;
  readonly #inside = new Uint8Array(tiles);
  #region: readonly StandingTile[];
  #frames = 0;
  #restFrames = 0;
  #restMoved: number;

  /** `means`: of all tiles at `now`; `since`: where it began before the stop. */
  constructor(stop: Stop, now: number, means: Float32Array, since = stop.time) {
    this.since = since;
    this.stop = stop;
    this.#anchor = means;
    this.#restMoved = now;
    this.#region = stop.region.map((tile, index) => ({
      tile,
      cut: Math.max(cutLevel, stop.usual[index]!),
      moving: Math.max(movingLevel, movingShare * stop.usual[index]!),
      stirring: Math.max(stirLevel, stirShare * stop.usual[index]!),
      ...{ motion: 0, stirs: 0 },
    }));
    for (const tile of stop.region) this.#inside[tile] = 1;
  }

  /** How many tiles stand. */
  get size(): number {
    return this.#region.length;
  }

  /** In which share of the frames its tiles stirred, on average. */
  get stirring(): number {
    const stirs = this.#region.reduce((sum, own) => sum + own.stirs, 0);
    return stirs / Math.max(1, this.#frames * this.size);
  }

  /** In which share of the frames something else moved. */
  get restShare(): number {
    return this.#restFrames / Math.max(1, this.#frames);
  }

  /** When it was over at the latest, which has just been found out. */
  endedBy(time: number): number {
    return Math.max(this.#restMoved, time - restPause);
  }

  /**
   * Takes a frame in; tells whether the part still stands while the rest goes on.
   * @param means mean level of each tile, the latest that are known
   * @param moving tiles that move lately
   */
  goesOn(time: number, differences: Float32Array, means: Float32Array, moving: readonly number[]): boolean {
    this.#frames++;
    let leaving = 0;
    for (const own of this.#region) {
      const difference = differences[own.tile]!;
      if (difference > own.stirring) own.stirs++;
      const step = difference > own.cut ? 3 : difference > own.moving ? 1 : -0.25;
      own.motion = Math.max(0, Math.min(3, own.motion + step));
      if (!this.#stands(own, means)) leaving++;
    }
    if (leaving > 0 && !this.#shrinks(means)) return false;
    if (moving.some((tile) => this.#inside[tile] === 0)) {
      this.#restFrames++;
      this.#restMoved = time;
    }
    return time - this.#restMoved <= restPause;
  }

  /** Tiles leave it that move; tells whether enough stay. */
  #shrinks(means: Float32Array): boolean {
    const fewest = Math.max(fewestTiles, keptShare * this.stop.region.length, (1 - thawedShare) * this.size);
    this.#region = this.#region.filter((own) => {
      const stays = this.#stands(own, means);
      if (!stays) this.#inside[own.tile] = 0;
      return stays;
    });
    return this.size >= fewest;
  }

  #stands({ tile, motion }: StandingTile, means: Float32Array): boolean {
    return motion <= thawedMotion && Math.abs(means[tile]! - this.#anchor[tile]!) <= driftLevels;
  }
}
