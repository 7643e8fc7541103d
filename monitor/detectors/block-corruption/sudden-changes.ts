import { blockSize, changeSamples, type LumaKernels, widestBlockPlane } from '../../kernels/luma-kernels.ts';
import type { LumaPlane } from '../../kernels/luma-plane.ts';

/** Mean change of a macroblock's samples, in levels, from which it has changed. */
const changedLevels = 8;
const changedSum = changedLevels * changeSamples;
/** A change is sudden that is so many times what there was in either of the two frames before. */
const suddenRatio = 3;
/** A picture of which more changes at once is another scene, or moves altogether. */
const otherScene = 0.5;

/** Of frames before the first: nothing is sudden after it. */
const unknownChange = 0xffff;

/** What of a frame is not as the frames before it let expect. Shares of the macroblocks. */
export interface Suddenness {
  /** Those that changed suddenly; none at a cut. */
  readonly share: number;
  /** Most of the picture changes, and did so in the frame before: no part of it can be missed without being seen. */
  readonly moving: boolean;
}

/** Of a picture that cannot be compared. */
export const nothingSudden: Suddenness = { share: 0, moving: false };

/**
 * Finds macroblocks that change all at once. Where data is lost, a decoder repeats, moves or invents what it lacks:
 * what is then wrong by more than motion jumps into the picture, and out of it again where decoding starts anew.
 * What it conceals without anybody noticing does neither.
 */
export class SuddenChanges {
  #last = new Uint16Array(0);
  #earlier = new Uint16Array(0);
  #lastMoved = false;

  /** The next frame does not follow the last one that was seen here. */
  forget(): void {
    if (this.#last.length > 0) this.#last = new Uint16Array(0);
  }

  /** Nothing is seen in a picture wider than 8K. */
  frame(kernels: LumaKernels, current: LumaPlane, previous: LumaPlane): Suddenness {
    if (current.width > widestBlockPlane) return nothingSudden;
    const columns = Math.floor(current.width / blockSize);
    const rows = Math.floor(current.height / blockSize);
    const blocks = columns * rows;
    if (blocks !== this.#last.length) {
      this.#last = new Uint16Array(blocks).fill(unknownChange);
      this.#earlier = new Uint16Array(blocks).fill(unknownChange);
      this.#lastMoved = false;
    }
    const last = this.#last;
    const earlier = this.#earlier;
    let changed = 0;
    let sudden = 0;
    for (let row = 0; row < rows; row++) {
      const changes = kernels.blockChanges(current, previous, row);
      for (let column = 0; column < columns; column++) {
        const change = changes[column]!;
        const block = row * columns + column;
        if (change > changedSum) {
          changed++;
          if (change > suddenRatio * last[block]! && change > suddenRatio * earlier[block]!) sudden++;
        }
        // Made anew in the place of the oldest, which is of no more use.
        earlier[block] = change;
      }
    }
    this.#last = earlier;
    this.#earlier = last;
    const moved = changed > otherScene * blocks;
    const moving = moved && this.#lastMoved;
    this.#lastMoved = moved;
    return { share: moved || blocks === 0 ? 0 : sudden / blocks, moving };
  }
}
