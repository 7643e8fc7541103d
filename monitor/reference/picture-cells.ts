import type { LumaPlane } from '../kernels/luma-plane.ts';

/** Cells of a picture, relative to its size: large enough to survive transcoding, small enough to see motion. */
const columns = 8;
const rows = 6;
export const pictureCells = columns * rows;

/** Every second row says as much of a mean as all of them. */
const rowStep = 2;

/** Mean level of each cell of a reduced plane, row by row, into `cells`. */
export function measureCells({ width, height, data }: LumaPlane, cells: Float32Array): void {
  for (let row = 0; row < rows; row++) {
    const top = Math.floor((row * height) / rows);
    const bottom = Math.floor(((row + 1) * height) / rows);
    for (let column = 0; column < columns; column++) {
      const left = Math.floor((column * width) / columns);
      const right = Math.floor(((column + 1) * width) / columns);
      let sum = 0;
      let lines = 0;
      for (let y = top; y < bottom; y += rowStep) {
        const end = y * width + right;
        for (let sample = y * width + left; sample < end; sample++) sum += data[sample]!;
        lines++;
      }
      cells[row * columns + column] = sum / Math.max(1, lines * (right - left));
    }
  }
}
