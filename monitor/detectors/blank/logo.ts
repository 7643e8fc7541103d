import type { LumaPlane } from '../../kernels/luma-plane.ts';
import type { BlankLimits, LevelRange } from './blank-picture.ts';

/** A logo lies within the outer third of the width and of the height. */
const cornerShare = 1 / 3;
/** Beside a logo only a part of what a blank picture may have otherwise: the sum of both must stay little. */
const straysShare = 1 / 4;

/**
 * Whether all is within the range but one corner: next to nothing strays outside of it, and what strays within it fits
 * into a box of the size of a logo. A title in the middle, or two corners, are a picture.
 */
export function blankBehindLogo(
  plane: LumaPlane,
  { lowest, highest }: LevelRange,
  limits: BlankLimits,
): boolean {
  const { width, height, data } = plane;
  const [columns, rows] = [Math.floor(width * cornerShare), Math.floor(height * cornerShare)];
  const corners = [0, 1, 2, 3].map(() => ({
    strays: 0,
    left: width,
    right: -1,
    top: height,
    bottom: -1,
  }));
  let strays = 0;
  for (let row = 0; row < height; row++) {
    const vertical = row < rows ? 0 : row >= height - rows ? 2 : undefined;
    for (let column = 0; column < width; column++) {
      const level = data[row * width + column]!;
      if (level >= lowest && level <= highest) continue;
      strays++;
      const horizontal = column < columns ? 0 : column >= width - columns ? 1 : undefined;
      if (vertical === undefined || horizontal === undefined) continue;
      const corner = corners[vertical + horizontal]!;
      corner.strays++;
      corner.left = Math.min(corner.left, column);
      corner.right = Math.max(corner.right, column);
      corner.top = Math.min(corner.top, row);
      corner.bottom = row;
    }
  }
  const {
    strays: inCorner,
    left,
    right,
    top,
    bottom,
  } = corners.reduce((a, b) => (b.strays > a.strays ? b : a));
  const box = Math.max(0, right - left + 1) * Math.max(0, bottom - top + 1);
  const samples = width * height;
  return (
    box <= limits.logo * samples && strays - inCorner <= straysShare * (1 - limits.area) * (samples - box)
  );
}
