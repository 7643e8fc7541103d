import { tileColumns, tileRows } from '../../kernels/luma-plane.ts';

const tiles = tileColumns * tileRows;

/** In how many frames of a sliding window each tile differed by more than a level. */
export class TileCounts {
  readonly #level: number;
  readonly #counts = new Uint16Array(tiles);

  constructor(level: number) {
    // As the differences are: one of just this level is not above it.
    this.#level = Math.fround(level);
  }

  add(differences: Float32Array): void {
    for (let tile = 0; tile < tiles; tile++) if (differences[tile]! > this.#level) this.#counts[tile]!++;
  }

  /** Takes out a frame that was added. */
  remove(differences: Float32Array): void {
    for (let tile = 0; tile < tiles; tile++) if (differences[tile]! > this.#level) this.#counts[tile]!--;
  }

  of(tile: number): number {
    return this.#counts[tile]!;
  }
}
