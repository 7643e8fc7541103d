import type { LumaPlane } from '../../kernels/luma-plane.ts';

/** Rows that are looked at, spread over the picture. */
const sampledRows = 48;
/** Levels that an edge rises or falls by: less may be noise or grain. */
const leastContrast = 24;
/** Wider edges are shading. */
const widest = 48;
/** Fewer edges do not tell how sharp a picture is. */
const fewestEdges = 60;

/**
 * How wide the vertical edges of a picture are, in samples: the distance between the local extremes on both sides of
 * an edge, after Marziliano, Dufaux, Winkler and Ebrahimi, "A no-reference perceptual blur metric" (ICIP 2002), but
 * the median over them, and on some rows alone. Undefined where there are too few edges to tell.
 */
export function edgeWidth({ width, height, data }: LumaPlane): number | undefined {
  const widths = new Uint32Array(widest + 1);
  let edges = 0;
  for (let sampled = 0; sampled < sampledRows; sampled++) {
    const row = Math.floor(((sampled + 0.5) * height) / sampledRows) * width;
    edges += countEdges(data.subarray(row, row + width), widths);
  }
  return edges < fewestEdges ? undefined : widthAt(widths, edges / 2);
}

/** Adds the edges of one row to a histogram of their widths; returns how many there were. */
function countEdges(row: Uint8Array, widths: Uint32Array): number {
  let edges = 0;
  let from = 0;
  let last = 0;
  let direction = 0;
  for (let column = 1; column < row.length; column++) {
    const step = row[column]! - row[column - 1]!;
    // A single sample of the same level belongs to a shallow slope; two are a plateau, and end it.
    if (step === 0 && column - last <= 1) continue;
    const sign = Math.sign(step);
    if (sign !== direction || column - last > 2) {
      const run = last - from;
      if (direction !== 0 && run <= widest && Math.abs(row[last]! - row[from]!) >= leastContrast) {
        widths[run]!++;
        edges++;
      }
      direction = sign;
      from = column - 1;
    }
    last = column;
  }
  return edges;
}

/** The width that so many edges do not exceed: those of one whole width lie half a sample around it. */
function widthAt(widths: Uint32Array, rank: number): number {
  let below = 0;
  for (const [width, count] of widths.entries()) {
    if (below + count >= rank) return width - 0.5 + (rank - below) / count;
    below += count;
  }
  return widest;
}
