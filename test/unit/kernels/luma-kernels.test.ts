import { describe, expect, it } from 'vitest';
import {
  blockSize,
  blockValues,
  LumaKernels,
  reductionFactor,
  statisticsBytes,
} from '../../../monitor/kernels/luma-kernels.ts';
import { type LumaPlane, tileColumns, tileRows } from '../../../monitor/kernels/luma-plane.ts';

/** Sizes around the widths of vectors, macroblocks and tiles, and common ones. */
const sizes = [
  [1, 1],
  [15, 7],
  [17, 9],
  [33, 31],
  [48, 34],
  [160, 90],
  [641, 361],
] as const;

/** Samples over the whole range, extremes included, from a fixed seed. */
function fill(plane: LumaPlane, seed: number): void {
  let state = seed;
  for (let index = 0; index < plane.data.length; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const level = state >>> 22;
    plane.data[index] = level < 64 ? 0 : level > 960 ? 255 : level >>> 2;
  }
}

function planes(width: number, height: number) {
  const kernels = new LumaKernels();
  const addresses = [kernels.allocate(width * height), kernels.allocate(width * height)];
  const scratch = kernels.allocate(statisticsBytes);
  const reduced = kernels.allocate(width * height);
  const [current, previous] = addresses.map((address) => kernels.plane(address, width, height));
  fill(current!, 1);
  fill(previous!, 2);
  return { kernels, current: current!, previous: previous!, scratch, reduced };
}

describe.each(sizes)('on %i × %i samples', (width, height) => {
  it.each([1, 2, 3, 4, 6, 12])('reduce by %i averages areas', (factor) => {
    const { kernels, current, reduced } = planes(width, height);
    const [columns, rows] = [Math.floor(width / factor), Math.floor(height / factor)];
    const destination = kernels.plane(reduced, columns, rows);
    kernels.reduce(current, factor, destination);
    const expected = Array.from({ length: columns * rows }, (_, at) => {
      let sum = 0;
      for (let y = 0; y < factor; y++) {
        const line = (Math.floor(at / columns) * factor + y) * width + (at % columns) * factor;
        for (let x = 0; x < factor; x++) sum += current.data[line + x]!;
      }
      return Math.floor(sum / factor ** 2 + 0.5);
    });
    expect([...destination.data]).toEqual(expected);
  });

  it('statistics counts levels and averages differences per tile', () => {
    const { kernels, current, previous, scratch } = planes(width, height);
    const { difference, tileDifferences, mean, histogram } = kernels.statistics(current, previous, scratch);
    const levels = new Array<number>(256).fill(0);
    for (const level of current.data) levels[level]!++;
    expect([...histogram]).toEqual(levels);
    const samples = width * height;
    expect(mean).toBeCloseTo(current.data.reduce((sum, level) => sum + level, 0) / samples, 6);
    const distance = (at: number) => Math.abs(current.data[at]! - previous.data[at]!);
    let total = 0;
    for (let at = 0; at < samples; at++) total += distance(at);
    expect(difference).toBeCloseTo(total / samples, 3);
    for (let tile = 0; tile < tileColumns * tileRows; tile++) {
      const [column, row] = [tile % tileColumns, Math.floor(tile / tileColumns)];
      const edge = (index: number, length: number, count: number) => Math.floor((index * length) / count);
      let sum = 0;
      let count = 0;
      for (let y = edge(row, height, tileRows); y < edge(row + 1, height, tileRows); y++) {
        for (let x = edge(column, width, tileColumns); x < edge(column + 1, width, tileColumns); x++) {
          sum += distance(y * width + x);
          count++;
        }
      }
      expect(tileDifferences[tile]).toBeCloseTo(count > 0 ? sum / count : 0, 3);
    }
  });

  it('blockEdges sums steps in excess of their surroundings', () => {
    const { kernels, current, previous } = planes(width, height);
    for (let row = 0; row < Math.floor(height / blockSize); row++) {
      const values = kernels.blockEdges(current, previous, row);
      expect(values).toHaveLength(Math.floor(width / blockSize) * blockValues);
      for (let column = 0; column < Math.floor(width / blockSize); column++) {
        const found = [...values.subarray(column * blockValues, (column + 1) * blockValues)];
        const expected = blockReference(current, previous, column, row);
        // Edges on the border tell nothing, and steps along rows begin before the macroblock.
        for (const [index, value] of expected.entries()) {
          const border =
            (column === 0 && [0, 1, 13].includes(index)) || (row === 0 && [6, 7, 14].includes(index));
          if (!border) expect(found[index], `value ${index} of ${column}, ${row}`).toBe(value);
        }
      }
    }
  });
});

function blockReference(current: LumaPlane, previous: LumaPlane, column: number, row: number): number[] {
  const { width } = current;
  const [left, top] = [column * blockSize, row * blockSize];
  const range = Array.from({ length: blockSize }, (_, index) => index);
  const clamp = (step: number) => Math.max(-128, Math.min(127, step));
  const sampleStep = (plane: LumaPlane, x: number, y: number, back: number) =>
    clamp((plane.data[y * width + x] ?? 0) - (plane.data[y * width + x - back] ?? 0));
  const along = (line: number, temporal: boolean) => sum(left + line, true, temporal);
  const down = (line: number, temporal: boolean) => sum(top + line, false, temporal);
  function sum(line: number, vertical: boolean, temporal: boolean): number {
    let total = 0;
    for (const index of range) {
      const [x, y] = vertical ? [line, top + index] : [left + index, line];
      const back = vertical ? 1 : width;
      const now = sampleStep(current, x, y, back);
      total += temporal ? Math.abs(now - sampleStep(previous, x, y, back)) : Math.abs(now);
    }
    return total;
  }
  const values: number[] = [];
  for (const step of [along, down]) {
    for (const line of [0, 5, 8]) {
      for (const temporal of [false, true]) {
        const beside = Math.max(step(line - 1, temporal), step(line + 1, temporal));
        values.push(Math.max(0, step(line, temporal) - beside));
      }
    }
  }
  let change = 0;
  let level = 0;
  for (const y of range) {
    for (const x of range) {
      const at = (top + y) * width + left + x;
      change += Math.abs(current.data[at]! - previous.data[at]!);
      level += current.data[at]!;
    }
  }
  const steps = range.reduce((total, line) => total + along(line - 1, false), 0);
  const nineRows = [-1, 0, 1, 4, 5, 6, 7, 8, 9].reduce((total, line) => total + down(line, false), 0);
  return [...values, change, steps, nineRows, level];
}

it('an epoch without a frame before has no differences', () => {
  const { kernels, current, scratch } = planes(33, 31);
  const { difference, tileDifferences } = kernels.statistics(current, undefined, scratch);
  expect(difference).toBeNaN();
  expect([...tileDifferences].every(Number.isNaN)).toBe(true);
});

it('blockEdges refuses rows that are not whole, and planes wider than 8K', () => {
  const { kernels, current, previous } = planes(48, 34);
  expect(() => kernels.blockEdges(current, previous, 2)).toThrow(RangeError);
  expect(() => kernels.blockEdges(current, previous, -1)).toThrow(RangeError);
  const wide = kernels.plane(kernels.allocate(8208 * 16), 8208, 16);
  expect(() => kernels.blockEdges(wide, wide, 0)).toThrow(/8208 × 16/);
});

it('the reduction factor leaves about 320 columns', () => {
  expect([1, 200, 640, 1280, 1920, 3840].map(reductionFactor)).toEqual([1, 1, 2, 4, 6, 12]);
});
