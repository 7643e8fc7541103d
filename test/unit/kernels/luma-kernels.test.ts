import { describe, expect, it } from 'vitest';
import {
  blockSize,
  LumaKernels,
  newSeam,
  reductionFactor,
  seamBit,
  statisticsBytes,
  texturedBlock,
  traitBytes,
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

  it('blockTraits measures seams, level and steps', () => {
    const { kernels, current } = planes(width, height);
    for (let row = 0; row < Math.floor(height / blockSize); row++) {
      const found = kernels.blockTraits(current, row);
      for (let column = 0; column < Math.floor(width / blockSize); column++) {
        const own = [...found.subarray(column * traitBytes, (column + 1) * traitBytes)];
        expect(own, `macroblock ${column}, ${row}`).toEqual(traitsOf(current, column, row));
      }
    }
  });

  it.each([
    { seam: 40, texture: 100 },
    { seam: 400, texture: 140 },
  ])('blockSeams finds steps in excess of their surroundings by more than $seam', (limits) => {
    const { kernels, current, previous } = planes(width, height);
    for (let row = 0; row < Math.floor(height / blockSize); row++) {
      const found = kernels.blockSeams(current, previous, row, limits);
      expect(found).toHaveLength(Math.floor(width / blockSize));
      for (const [column, seams] of found.entries()) {
        expect(seams, `macroblock ${column}, ${row}`).toBe(seamsOf(current, previous, column, row, limits));
      }
    }
  });

  it('blockChanges adds up what four lines of each macroblock differ by', () => {
    const { kernels, current, previous } = planes(width, height);
    for (let row = 0; row < Math.floor(height / blockSize); row++) {
      const found = kernels.blockChanges(current, previous, row);
      expect(found).toHaveLength(Math.floor(width / blockSize));
      for (const [column, change] of found.entries()) {
        let sum = 0;
        for (const line of [1, 6, 9, 14]) {
          const from = (row * blockSize + line) * width + column * blockSize;
          for (let at = from; at < from + blockSize; at++)
            sum += Math.abs(current.data[at]! - previous.data[at]!);
        }
        expect(change, `macroblock ${column}, ${row}`).toBe(sum);
      }
    }
  });
});

/** What `blockTraits` says of a macroblock, computed step by step. */
function traitsOf(plane: LumaPlane, column: number, row: number): number[] {
  const { width, data } = plane;
  const range = Array.from({ length: blockSize }, (_, index) => index);
  const sample = (x: number, y: number) => data[(row * blockSize + y) * width + column * blockSize + x]!;
  const step = (x: number, y: number, direction: number) =>
    Math.min(127, Math.abs(sample(x, y) - (direction === 0 ? sample(x - 1, y) : sample(x, y - 1))));
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const across = (line: number, direction: number) =>
    sum(range.map((at) => (direction === 0 ? step(line, at, 0) : step(at, line, 1))));
  const seams = [0, 5, 8].flatMap((line) =>
    [0, 1].map((direction) => {
      if (line === 0 && (direction === 0 ? column : row) === 0) return 0;
      const beside = Math.max(across(line - 1, direction), across(line + 1, direction));
      return Math.min(255, Math.max(0, across(line, direction) - beside) >> 2);
    }),
  );
  const level = sum(range.flatMap((y) => range.map((x) => sample(x, y)))) >> 8;
  // From the sample before the macroblock on; left of the picture there is none.
  const steps = sum(range.flatMap((x) => (column === 0 && x < 2 ? [] : range.map((y) => step(x - 1, y, 0)))));
  return [...seams, level, Math.min(255, steps >> 5)];
}

/** What the kernel says of a macroblock, computed step by step. */
function seamsOf(
  current: LumaPlane,
  previous: LumaPlane,
  column: number,
  row: number,
  limits: { seam: number; texture: number },
): number {
  const { width } = current;
  const [left, top] = [column * blockSize, row * blockSize];
  const range = Array.from({ length: blockSize }, (_, index) => index);
  const stepAt = (plane: LumaPlane, x: number, y: number, direction: number) =>
    plane.data[y * width + x]! - plane.data[direction === 0 ? y * width + x - 1 : (y - 1) * width + x]!;
  const clamp = (step: number) => Math.max(-128, Math.min(127, step));
  function sum(line: number, direction: number, temporal: boolean, rows = range): number {
    let total = 0;
    for (const index of rows) {
      const [x, y] = direction === 0 ? [left + line, top + index] : [left + index, top + line];
      const now = stepAt(current, x, y, direction);
      const change = Math.abs(clamp(now) - clamp(stepAt(previous, x, y, direction)));
      total += Math.min(127, temporal ? change : Math.abs(now));
    }
    return total;
  }
  const exceeds = (line: number, direction: number, temporal: boolean) =>
    sum(line, direction, temporal) -
      Math.max(sum(line - 1, direction, temporal), sum(line + 1, direction, temporal)) >
    limits.seam;
  const evenRows = range.filter((index) => index % 2 === 0);
  const promises = [0, 5, 8].some((line) => {
    const [before, at, after] = [-1, 0, 1].map((beside) => sum(line + beside, 0, false, evenRows));
    return at! - Math.max(before!, after!) > limits.seam / 4;
  });
  let seams = 0;
  for (const [phase, line] of [0, 5, 8].entries()) {
    for (const direction of promises ? [0, 1] : [1]) {
      if (phase === 0 && (direction === 0 ? column : row) === 0) continue;
      if (!exceeds(line, direction, false)) continue;
      seams |= seamBit(phase, direction);
      if (exceeds(line, direction, true)) seams |= seamBit(phase, direction) << newSeam;
    }
  }
  if (seams >> newSeam === 0) return seams;
  const inside = [0, 1].map((direction) =>
    range.slice(1).reduce((total, line) => total + sum(line, direction, false), 0),
  );
  const mean = (inside[0]! + inside[1]!) / (blockSize * (blockSize - 1));
  return mean >= limits.texture ? seams | texturedBlock : seams;
}

it('an epoch without a frame before has no differences', () => {
  const { kernels, current, scratch } = planes(33, 31);
  const { difference, tileDifferences } = kernels.statistics(current, undefined, scratch);
  expect(difference).toBeNaN();
  expect([...tileDifferences].every(Number.isNaN)).toBe(true);
});

it('rows of macroblocks that are not whole are refused, and planes wider than 8K', () => {
  const { kernels, current, previous } = planes(48, 34);
  const limits = { seam: 160, texture: 1.5 };
  expect(() => kernels.blockSeams(current, previous, 2, limits)).toThrow(RangeError);
  expect(() => kernels.blockSeams(current, previous, -1, limits)).toThrow(RangeError);
  const wide = kernels.plane(kernels.allocate(8208 * 16), 8208, 16);
  expect(() => kernels.blockSeams(wide, wide, 0, limits)).toThrow(/8208 × 16/);
  expect(() => kernels.blockChanges(current, previous, 2)).toThrow(RangeError);
});

it('the reduction factor leaves about 320 columns', () => {
  expect([1, 200, 640, 1280, 1920, 3840].map(reductionFactor)).toEqual([1, 1, 2, 4, 6, 12]);
});
