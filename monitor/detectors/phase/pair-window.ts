/** What one block of a pair of channels measures; products are means over its samples, without the DC part. */
export interface PairBlock {
  readonly start: number;
  readonly left: number;
  readonly right: number;
  readonly product: number;
}

/** Blocks of a pair below this power (−60 dBFS) say nothing of its phase. */
const leastPower = 1e-6;

export function pairBlock(start: number, left: Float32Array, right: Float32Array): PairBlock {
  let sumLeft = 0;
  let sumRight = 0;
  let squareLeft = 0;
  let squareRight = 0;
  let product = 0;
  const { length } = left;
  for (let index = 0; index < length; index++) {
    const l = left[index]!;
    const r = right[index]!;
    sumLeft += l;
    sumRight += r;
    squareLeft += l * l;
    squareRight += r * r;
    product += l * r;
  }
  return {
    start,
    left: squareLeft / length - (sumLeft / length) ** 2,
    right: squareRight / length - (sumRight / length) ** 2,
    product: product / length - (sumLeft / length) * (sumRight / length),
  };
}

/** Both channels have sound. */
export function audible({ left, right }: PairBlock): boolean {
  return left > leastPower && right > leastPower;
}

/** −1 (opposite) … 1 (equal but for the level), over all blocks. */
export function correlation(blocks: readonly PairBlock[]): number {
  let left = 0;
  let right = 0;
  let product = 0;
  for (const block of blocks) {
    left += block.left;
    right += block.right;
    product += block.product;
  }
  return left > 0 && right > 0 ? product / Math.sqrt(left * right) : 0;
}

/** Power of the difference of the channels against that of their sum: 0 where they are equal. */
export function sideShare({ left, right, product }: PairBlock): number {
  return Math.max(0, left + right - 2 * product) / Math.max(1e-12, left + right + 2 * product);
}
