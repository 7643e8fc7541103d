import { describe, expect, it } from 'vitest';
import { edgeWidth } from '../../../../monitor/detectors/blur/edge-width.ts';

/** A plane of which every row is the same; the row is repeated to the width. */
function plane(row: readonly number[], width = 640, height = 96) {
  const data = new Uint8Array(width * height);
  for (let sample = 0; sample < data.length; sample++) data[sample] = row[(sample % width) % row.length]!;
  return { width, height, data };
}

/** Up from a level to another within so many samples, and down again: one period of 80 samples. */
function edges(width: number, low = 60, high = 160): number[] {
  const rise = Array.from({ length: width }, (_, index) => low + ((high - low) * (index + 1)) / width);
  const plateau = (level: number) => new Array<number>(40 - width).fill(level);
  return [...rise, ...plateau(high), ...rise.map((level) => low + high - level), ...plateau(low)];
}

describe('edge width', () => {
  it.each([1, 2, 5, 10, 20])('measures edges of %i samples', (width) => {
    expect(edgeWidth(plane(edges(width)))).toBeCloseTo(width, 0);
  });

  it('follows a slope of whole levels through samples that are alike', () => {
    // 24 levels over 40 samples: every other sample or so is like the one before.
    expect(edgeWidth(plane(edges(38, 100, 124)))).toBeGreaterThan(35);
  });

  it('leaves out noise, up to its contrast', () => {
    expect(edgeWidth(plane(edges(5, 100, 123)))).toBeUndefined();
    expect(edgeWidth(plane(edges(5, 100, 124)))).toBeCloseTo(5, 0);
  });

  it('leaves out shading that is wider than any edge', () => {
    const shaded = Array.from({ length: 128 }, (_, column) => 20 + Math.abs(64 - column) * 2);
    expect(edgeWidth(plane(shaded))).toBeUndefined();
  });

  it('tells the median, so that a sharp logo changes little', () => {
    const row = [...edges(12), ...edges(12), ...edges(12), ...edges(1)];
    expect(edgeWidth(plane(row, 1280))).toBeCloseTo(12, 0);
  });

  it('cannot tell of a flat picture, nor of one with few edges', () => {
    expect(edgeWidth(plane([90]))).toBeUndefined();
    const one = plane([90]);
    for (let row = 0; row < one.height; row++) one.data.fill(200, row * 640 + 300, (row + 1) * 640);
    expect(edgeWidth(one)).toBeUndefined();
  });

  it('looks at pictures of any height', () => {
    expect(edgeWidth(plane(edges(3), 640, 20))).toBeCloseTo(3, 0);
  });
});
