/** A ratio as several rounds gave it. */
export interface Spread {
  readonly median: number;
  /** Least and most of the rounds. */
  readonly spread: readonly [number, number];
}

/**
 * The middle value, or the mean of the two middle ones.
 * @throws RangeError for no values
 */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError('the median of no values');
  return (lower + upper) / 2;
}

/**
 * Median with least and most.
 * @throws RangeError for no values
 */
export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), spread: [Math.min(...values), Math.max(...values)] };
}

/**
 * Ours ÷ theirs, each pair from the same round.
 * @throws RangeError when the rounds differ in number, or theirs cost nothing
 */
export function pairedRatio(ours: readonly number[], theirs: readonly number[]): Spread {
  if (ours.length !== theirs.length) throw new RangeError(`${ours.length} rounds beside ${theirs.length}`);
  if (theirs.some((value) => !(value > 0))) throw new RangeError('a ratio to a cost of nothing');
  return spreadOf(ours.map((value, round) => value / theirs[round]!));
}

/**
 * The value that `share` of the values do not exceed (nearest rank).
 * @throws RangeError for no values
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('a percentile of no values');
  return value;
}
