import type { LumaPlane } from '../../kernels/luma-plane.ts';

/** A level and shares of the picture, as the black detector's parameters. */
export interface BlackLimits {
  readonly level: number;
  readonly area: number;
  readonly logo: number;
}

/** A logo lies within the outer third of the width and of the height. */
const cornerShare = 1 / 3;
/** Beside a logo only a part of what a black picture may have lit: the sum of both must stay little. */
const straysShare = 1 / 4;

/**
 * Whether all is black but one corner: next to nothing is lit outside of it, and what is lit within it fits into a box
 * of the size of a logo. A lit title in the middle, or two corners, are a picture.
 */
export function blackBehindLogo(plane: LumaPlane, limits: BlackLimits): boolean {
  const { width, height, data } = plane;
  const [columns, rows] = [Math.floor(width * cornerShare), Math.floor(height * cornerShare)];
  const corners = [0, 1, 2, 3].map(() => ({
    lit: 0,
    left: width,
    right: -1,
    top: height,
    bottom: -1,
  }));
  let lit = 0;
  for (let row = 0; row < height; row++) {
    const vertical = row < rows ? 0 : row >= height - rows ? 2 : undefined;
    for (let column = 0; column < width; column++) {
      if (data[row * width + column]! <= limits.level) continue;
      lit++;
      const horizontal = column < columns ? 0 : column >= width - columns ? 1 : undefined;
      if (vertical === undefined || horizontal === undefined) continue;
      const corner = corners[vertical + horizontal]!;
      corner.lit++;
      corner.left = Math.min(corner.left, column);
      corner.right = Math.max(corner.right, column);
      corner.top = Math.min(corner.top, row);
      corner.bottom = row;
    }
  }
  const { lit: inCorner, left, right, top, bottom } = corners.reduce((a, b) => (b.lit > a.lit ? b : a));
  const box = Math.max(0, right - left + 1) * Math.max(0, bottom - top + 1);
  const samples = width * height;
  return box <= limits.logo * samples && lit - inCorner <= straysShare * (1 - limits.area) * (samples - box);
}
