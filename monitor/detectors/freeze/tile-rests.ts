import { tileColumns, tileRows } from '../../kernels/luma-plane.ts';

const tiles = tileColumns * tileRows;
/** A tile moves that differs by this many levels in most frames: a key frame's pulse is a single one. */
const movingLevel = 0.4;
const movingFrames = 1.5;
const mostFrames = 3;
const pause = 0.5;
/** What came to rest within so many seconds of a time did so with it. */
const together = 0.25;
/** Seconds before and after it in which others did. */
const before = 1.2;
const after = 0.6;

/** When each tile came to rest: all at once where a source stops, one after another where something is built up. */
export class TileRests {
  readonly #motion = new Float32Array(tiles);
  readonly #moved = new Float64Array(tiles).fill(Number.NEGATIVE_INFINITY);

  frame(time: number, differences: Float32Array): void {
    for (let tile = 0; tile < tiles; tile++) {
      const moves = differences[tile]! > movingLevel;
      const motion = Math.max(0, Math.min(mostFrames, this.#motion[tile]! + (moves ? 1 : -pause)));
      this.#motion[tile] = motion;
      if (moves && motion >= movingFrames) this.#moved[tile] = time;
    }
  }

  /** Of the tiles that have rested since about a time: how many came to rest not with it, for each that did. */
  apart(time: number): number {
    let apart = 0;
    let atOnce = 0;
    for (let tile = 0; tile < tiles; tile++) {
      const since = this.#moved[tile]! - time;
      if (since < -before || since > after) continue;
      if (Math.abs(since) <= together) atOnce++;
      else apart++;
    }
    return apart / Math.max(1, atOnce);
  }
}
