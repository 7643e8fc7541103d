import type { SampledSeries } from './sampled-series.ts';

/** Rows that are summed into one where the whole range of lags is searched. */
const coarseStep = 4;

export interface LagRange {
  /** In seconds; the stream comes later than its reference by a positive lag. */
  readonly from: number;
  readonly to: number;
}

export interface WindowLength {
  /** Seconds that are compared: the newest that both series have at a lag. */
  readonly longest: number;
  /** With less than this a lag is not considered. */
  readonly shortest: number;
}

export interface LagPeak {
  /** In seconds. */
  readonly lag: number;
  /** Normalised correlation there, −1 … 1. */
  readonly correlation: number;
  /** The highest one elsewhere in the range, further than `peakWidth` away; 0 where there is none. */
  readonly second: number;
}

/** A peak is as wide as what moves evenly in a picture, or as a syllable; what lies within is no second peak. */
const peakWidth = 0.4;

/** One side of a comparison: rows of differences, contiguous. */
interface Rows {
  readonly channels: number;
  readonly start: number;
  readonly end: number;
  view(from: number, to: number): Float32Array;
  energy(from: number, to: number): number;
}

/**
 * The lag at which two series agree best, by normalised cross-correlation over all their values: roughly over the
 * range, then row by row about the best, then between rows by a parabola.
 * @returns undefined where too little has come
 */
export function findLag(
  stream: SampledSeries,
  reference: SampledSeries,
  range: LagRange,
  length: WindowLength,
): LagPeak | undefined {
  const { rate } = stream.shape;
  const coarseRate = rate / coarseStep;
  const coarse = correlations(coarseRows(stream), coarseRows(reference), coarseRate, range, length);
  const best = highest(coarse.values);
  if (best === undefined) return undefined;
  const around = (coarse.first + best) / coarseRate;
  const fine = correlateAbout(stream, reference, around, 1.5 / coarseRate, length);
  if (!fine) return undefined;
  const second = coarse.values.reduce((most, value, index) => {
    const far = Math.abs((coarse.first + index) / coarseRate - around) > peakWidth;
    return far && value > most ? value : most;
  }, 0);
  return { ...fine, second };
}

/** The best lag within `reach` seconds of one, and the correlation there. */
export function correlateAbout(
  stream: SampledSeries,
  reference: SampledSeries,
  lag: number,
  reach: number,
  length: WindowLength,
): { readonly lag: number; readonly correlation: number } | undefined {
  const { rate } = stream.shape;
  const margin = reach + 1 / rate;
  const range = { from: lag - margin, to: lag + margin };
  const { first, values } = correlations(rowsOf(stream), rowsOf(reference), rate, range, length);
  const peak = highest(values);
  if (peak === undefined) return undefined;
  const [before, at, after] = [values[peak - 1], values[peak]!, values[peak + 1]];
  const shift = before !== undefined && after !== undefined ? vertex(before, at, after) : 0;
  return { lag: (first + peak + shift) / rate, correlation: at };
}

function correlations(
  stream: Rows,
  reference: Rows,
  rate: number,
  { from, to }: LagRange,
  { longest, shortest }: WindowLength,
): { readonly first: number; readonly values: Float32Array } {
  const first = Math.round(from * rate);
  const values = new Float32Array(Math.max(0, Math.round(to * rate) - first + 1));
  for (const index of values.keys()) {
    const lag = first + index;
    const end = Math.min(stream.end, reference.end + lag);
    const start = Math.max(stream.start, reference.start + lag, end - Math.round(longest * rate));
    values[index] =
      end - start < shortest * rate ? Number.NaN : correlationAt(stream, reference, lag, start, end);
  }
  return { first, values };
}

function correlationAt(stream: Rows, reference: Rows, lag: number, start: number, end: number): number {
  const energy = stream.energy(start, end) * reference.energy(start - lag, end - lag);
  if (energy <= 0) return 0;
  return dot(stream.view(start, end), reference.view(start - lag, end - lag)) / Math.sqrt(energy);
}

function dot(a: Float32Array, b: Float32Array): number {
  let [even, odd] = [0, 0];
  const pairs = a.length & ~1;
  for (let index = 0; index < pairs; index += 2) {
    even += a[index]! * b[index]!;
    odd += a[index + 1]! * b[index + 1]!;
  }
  if (pairs < a.length) even += a[pairs]! * b[pairs]!;
  return even + odd;
}

function highest(values: Float32Array): number | undefined {
  let best: number | undefined;
  for (const [index, value] of values.entries()) {
    if (!Number.isNaN(value) && (best === undefined || value > values[best]!)) best = index;
  }
  return best;
}

/** Where between −½ and ½ a parabola through three values has its vertex. */
function vertex(before: number, at: number, after: number): number {
  const curvature = before - 2 * at + after;
  if (!(curvature < 0)) return 0;
  return Math.max(-0.5, Math.min(0.5, (before - after) / (2 * curvature)));
}

function rowsOf(series: SampledSeries): Rows {
  return {
    channels: series.shape.channels,
    start: series.start,
    end: series.end,
    view: (from, to) => series.view(from, to),
    energy: (from, to) => series.energy(from, to),
  };
}

/** Sums of some rows each, aligned to the numbers of the rows. */
function coarseRows(series: SampledSeries): Rows {
  const { channels } = series.shape;
  const start = Math.ceil(series.start / coarseStep);
  const end = Math.max(start, Math.floor(series.end / coarseStep));
  const sums = new Float32Array((end - start) * channels);
  const energy = new Float64Array(end - start + 1);
  const rows = series.view(start * coarseStep, end * coarseStep);
  for (let row = 0; row < end - start; row++) {
    let squares = 0;
    for (let channel = 0; channel < channels; channel++) {
      let sum = 0;
      for (let step = 0; step < coarseStep; step++)
        sum += rows[(row * coarseStep + step) * channels + channel]!;
      sums[row * channels + channel] = sum;
      squares += sum * sum;
    }
    energy[row + 1] = energy[row]! + squares;
  }
  return {
    channels,
    start,
    end,
    view: (from, to) => sums.subarray((from - start) * channels, (to - start) * channels),
    energy: (from, to) => energy[to - start]! - energy[from - start]!,
  };
}
