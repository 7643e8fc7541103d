import { Random } from './random.ts';
import { sum, type Tally } from './scoring.ts';

/** A figure with the bounds between which it lies with 95 % confidence. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Shares from 0 to 1; absent where there is nothing to divide by. */
export interface Quality {
  readonly precision?: Estimate;
  readonly recall?: Estimate;
  readonly f1?: Estimate;
  readonly coverage?: Estimate;
}

type Share = (tally: Tally) => number | undefined;

const shares = {
  precision: ({ found, falseAlarms }) => ratio(found, found + falseAlarms),
  recall: ({ events, found }) => ratio(found, events),
  f1: ({ events, found, falseAlarms }) => ratio(2 * found, found + falseAlarms + events),
  coverage: ({ coveredSeconds, eventSeconds }) => ratio(coveredSeconds, eventSeconds),
} satisfies Record<keyof Quality, Share>;

const resamples = 2000;

/**
 * What tallies by clip come to. The bounds are of a bootstrap over clips (Efron and Tibshirani, An Introduction to
 * the Bootstrap, 1993, percentile intervals): events of one clip are alike, so clips are drawn, not events.
 */
export function qualityOf(byClip: readonly Tally[], seed: number): Quality {
  const random = new Random('bootstrap', seed);
  const pooled = sum(byClip);
  const drawn = Array.from({ length: byClip.length > 0 ? resamples : 0 }, () =>
    sum(byClip.map(() => random.pick(byClip))),
  );
  const estimates = Object.entries(shares).map(([name, share]) => [name, estimate(share, pooled, drawn)]);
  return Object.fromEntries(estimates.filter(([, own]) => own !== undefined)) as Quality;
}

function estimate(share: Share, pooled: Tally, drawn: readonly Tally[]): Estimate | undefined {
  const value = share(pooled);
  if (value === undefined) return undefined;
  const values = drawn.map(share).filter((own) => own !== undefined);
  return { value, low: quantile(values, 0.025), high: quantile(values, 0.975) };
}

/** @param values at least one */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/**
 * The rate below which events that came `count` times lie with 95 % confidence, in counts: the exact Poisson bound
 * (Garwood, Biometrika 28, 1936), 3.0 where nothing came.
 */
export function poissonUpperBound(count: number): number {
  let low = count;
  let high = 10 + 3 * count;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (poissonAtMost(count, middle) > 0.05) low = middle;
    else high = middle;
  }
  return high;
}

function poissonAtMost(count: number, mean: number): number {
  let term = Math.exp(-mean);
  let sumOfTerms = term;
  for (let index = 1; index <= count; index++) {
    term *= mean / index;
    sumOfTerms += term;
  }
  return sumOfTerms;
}

function ratio(part: number, whole: number): number | undefined {
  return whole > 0 ? part / whole : undefined;
}
