import type { LumaKernels } from '../../kernels/luma-kernels.ts';
import type { LumaPlane } from '../../kernels/luma-plane.ts';
import model from './burned-in-model.json' with { type: 'json' };
import { featureNames, SeamFeatures } from './seam-features.ts';

/** Seconds between the pictures that are looked at: it is trained on that, and looking at each costs too much. */
const interval = 0.2;
/** Frames come a little early or late. */
const slack = 0.01;
/** Samples over which maxima are taken, and those with whose medians they are compared. */
const context = { recent: 3, before: 25 } as const;
/** Damage is seen when so many of the last samples say so: one alone can be a cut or a flash. */
const [enough, window] = [2, 3];
/** Damage that goes on is not above the threshold in every sample. */
const joinSeconds = 1;

/** Damage that was encoded again upstream. */
export interface BurnedInDamage {
  /** Media time of the first sample that showed it. */
  readonly since: number;
  /** How far the model's score is above the threshold, at its highest so far. */
  readonly margin: number;
}

/**
 * Sees broken blocks by the picture alone: what packets lost upstream did to a decoder, and an encoder behind it made
 * a clean stream of. A logistic regression judges the features of pictures sampled five times a second,
 * trained and cross-validated by `test/accuracy/train`; what it reached stands in the model's `about`.
 */
export class BurnedIn {
  #features = new SeamFeatures();
  #next = Number.NEGATIVE_INFINITY;
  /** The last samples, the newest at the end. */
  #samples: Float64Array[] = [];
  /** Of the last samples. */
  #scores: { readonly time: number; readonly score: number }[] = [];
  #damage: (BurnedInDamage & { readonly last: number }) | undefined;

  /** Forgets what was seen: what comes is not comparable. */
  forget(): void {
    if (this.#samples.length === 0) return;
    this.#features = new SeamFeatures();
    this.#next = Number.NEGATIVE_INFINITY;
    this.#samples = [];
    this.#scores = [];
    this.#damage = undefined;
  }

  /** Frames come in the order of their times; most are not looked at. @returns the damage that lasts, if any */
  frame(kernels: LumaKernels, plane: LumaPlane, time: number): BurnedInDamage | undefined {
    if (time >= this.#next - slack) {
      this.#next = time + interval;
      const features = this.#features.of(kernels, plane);
      if (features) this.#judge(features, time);
    }
    if (this.#damage && time - this.#damage.last > joinSeconds) this.#damage = undefined;
    return this.#damage;
  }

  #judge(features: Float64Array, time: number): void {
    this.#samples.push(features);
    if (this.#samples.length > context.before + 1) this.#samples.shift();
    this.#scores.push({ time, score: scoreOf(inContext(this.#samples)) });
    if (this.#scores.length > window) this.#scores.shift();
    const above = this.#scores.filter(({ score }) => score >= model.threshold);
    if (above.length < enough) return;
    const margin = Math.max(...above.map(({ score }) => score)) - model.threshold;
    const { since, margin: before } = this.#damage ?? { since: above[0]!.time, margin };
    this.#damage = { since, margin: Math.max(before, margin), last: time };
  }
}

/** Features of the newest sample, then by how much the recent maxima exceed the medians before. */
function inContext(samples: readonly Float64Array[]): Float64Array {
  const count = featureNames.length;
  const newest = samples.length - 1;
  const before = samples.slice(0, Math.max(1, newest - context.recent));
  const recent = samples.slice(-context.recent);
  const inputs = new Float64Array(2 * count);
  const values = new Float64Array(before.length);
  for (let feature = 0; feature < count; feature++) {
    for (let index = 0; index < before.length; index++) values[index] = before[index]![feature]!;
    let highest = Number.NEGATIVE_INFINITY;
    for (const sample of recent) highest = Math.max(highest, sample[feature]!);
    inputs[feature] = samples[newest]![feature]!;
    inputs[count + feature] = highest - median(values.sort());
  }
  return inputs;
}

function median(sorted: Float64Array): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Logarithm of the odds that the picture is damaged. */
function scoreOf(inputs: Float64Array): number {
  let sum = model.bias;
  for (const [index, weight] of model.weights.entries()) {
    const scaled = (inputs[index]! - model.mean[index]!) / model.deviation[index]!;
    sum += weight * Math.max(-model.bound, Math.min(model.bound, scaled));
  }
  return sum;
}
