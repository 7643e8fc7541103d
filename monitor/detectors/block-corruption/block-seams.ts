import {
  blockSize,
  type LumaKernels,
  newSeam,
  seamBit,
  texturedBlock,
  widestBlockPlane,
} from '../../kernels/luma-kernels.ts';
import type { LumaPlane } from '../../kernels/luma-plane.ts';

/** Mean step across a macroblock edge, in levels beyond the steps beside it, that makes a seam. */
const seamStep = 10;
/** Mean step between samples, along rows plus down columns, below which a macroblock is flat. */
const flatSteps = 1.5;
const limits = { seam: seamStep * blockSize, texture: flatSteps };
/** Phases of the block grid: the macroblock edges, and two controls inside. */
const edges = 0;
const phases = 3;

/**
 * Macroblocks that are damaged for each that has a seam more than the content explains: damage is set off on its
 * rim. Fitted to 2 200 frames of 44 damaged encodes, whose undamaged decode told the macroblocks that were.
 */
const blocksPerSeam = 12;

/** What the seams of one frame say. */
export interface SeamCount {
  /** Share of the macroblocks that are damaged, by the seams that came up since `forget` and last, 0 … 1. */
  readonly area: number;
  /** New seams on macroblock edges beyond twice those that the content has elsewhere, per macroblock. */
  readonly broken: number;
  /** Whole macroblocks in the picture. */
  readonly blocks: number;
}

/**
 * Counts seams: macroblock edges along which picture and change since the previous frame both have a step that
 * their surroundings lack. Damaged macroblocks are set off so, being decoded from wrong or stale neighbours; what
 * a scene itself has of edges lies on every phase of the grid alike, and so is known from two phases inside the
 * macroblocks, one of them the 8-sample grid of coarse quantisation (after Muijs & Kirenko, "A no-reference
 * blocking artifact measure for adaptive video processing", EUSIPCO 2005, who compare phases on one picture).
 */
export class BlockSeams {
  /** Per macroblock, a bit for each phase and direction in which a seam lasts. */
  #lasting = new Uint8Array(0);

  /** Forgets seams that last from earlier frames. */
  forget(): void {
    this.#lasting.fill(0);
  }

  /** Nothing is seen in a picture wider than 8K. */
  frame(kernels: LumaKernels, current: LumaPlane, previous: LumaPlane): SeamCount {
    if (current.width > widestBlockPlane) return { area: 0, broken: 0, blocks: 0 };
    const columns = Math.floor(current.width / blockSize);
    const rows = Math.floor(current.height / blockSize);
    if (this.#lasting.length !== columns * rows) this.#lasting = new Uint8Array(columns * rows);
    const fresh = new Float64Array(phases);
    const lasting = new Float64Array(phases);
    for (let row = 0; row < rows; row++) {
      const found = kernels.blockSeams(current, previous, row, limits);
      for (let column = 0; column < columns; column++) {
        const seams = found[column]!;
        const block = row * columns + column;
        // Most macroblocks have none, and had none.
        if (seams === 0) this.#lasting[block] = 0;
        else this.#lasting[block] = count(seams, this.#lasting[block]!, fresh, lasting);
      }
    }
    const blocks = columns * rows;
    const damaged = blocksPerSeam * Math.max(0, lasting[edges]! - Math.max(lasting[1]!, lasting[2]!));
    const broken = Math.max(0, fresh[edges]! - 2 * Math.max(fresh[1]!, fresh[2]!));
    return { area: Math.min(1, damaged / Math.max(1, blocks)), broken: broken / Math.max(1, blocks), blocks };
  }
}

/** Counts the seams of a macroblock by phase; returns those that last, being new or having lasted before. */
function count(seams: number, before: number, fresh: Float64Array, lasting: Float64Array): number {
  let now = 0;
  for (let phase = 0; phase < phases; phase++) {
    for (let direction = 0; direction < 2; direction++) {
      const bit = seamBit(phase, direction);
      if ((seams & bit) === 0) continue;
      const isNew = (seams & (bit << newSeam)) !== 0;
      if (isNew && (seams & texturedBlock) !== 0) fresh[phase]!++;
      if (!isNew && (before & bit) === 0) continue;
      lasting[phase]!++;
      now |= bit;
    }
  }
  return now;
}
