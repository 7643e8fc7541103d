import { type LumaPlane, tileColumns, tileRows } from '../../kernels/luma-plane.ts';
import type { Stop } from './abrupt-stop.ts';

/** What a frame tells of its tiles; nobody else changes the arrays later. */
export interface FrameTiles {
  /** Mean difference to the frame before, in luma levels. */
  readonly differences: Float32Array;
  /** Mean level, every `meansSpacing` seconds. */
  readonly means: Float32Array | undefined;
  /** The stop that was found with this frame. */
  readonly stop: Stop | undefined;
}

/** Seconds between frames whose tile means are taken. */
export const meansSpacing = 0.25;

/** Mean level per tile; every other row and column is enough. */
export function tileMeans({ width, height, data }: LumaPlane): Float32Array {
  const sums = new Float32Array(tileColumns * tileRows);
  const counts = new Uint16Array(tileColumns * tileRows);
  for (let row = 0; row < height; row += 2) {
    const tileRow = Math.floor((row * tileRows) / height) * tileColumns;
    for (let column = 0; column < width; column += 2) {
      const tile = tileRow + Math.floor((column * tileColumns) / width);
      sums[tile]! += data[row * width + column]!;
      counts[tile]!++;
    }
  }
  return sums.map((sum, tile) => sum / counts[tile]!);
}

/** How many tiles have left their mean by more than so many levels. */
export function driftedTiles(anchor: Float32Array, means: Float32Array, levels: number): number {
  let count = 0;
  for (const [tile, mean] of means.entries()) if (Math.abs(mean - anchor[tile]!) > levels) count++;
  return count;
}
