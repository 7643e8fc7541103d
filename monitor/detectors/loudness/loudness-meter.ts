import type { AudioObservation } from '../contract.ts';
import { ChannelCutter, type SampleBlock } from '../listening/channel-cutter.ts';
import { channelWeight } from './channel-weight.ts';
import { type GatedLoudness, loudnessOf } from './gated-loudness.ts';
import { KWeighting } from './k-weighting.ts';
import { TruePeak } from './true-peak.ts';

/** Gating blocks overlap by 75 %: a new one begins each 100 ms. */
const stepSeconds = 0.1;
const momentarySteps = 4;
const shortTermSteps = 30;

/** One 100 ms step. LUFS; absent while the window is not full, −∞ for digital silence. */
export interface LoudnessStep {
  readonly end: number;
  readonly momentary?: number;
  readonly shortTerm?: number;
  /** Largest of all channels, 1 at full scale. */
  readonly truePeak: number;
}

/** Measures sound of one format as EBU Tech 3341 says; gating blocks go to `history`. */
export class LoudnessMeter {
  readonly #cutter: ChannelCutter;
  readonly #history: GatedLoudness;
  readonly #channels: readonly { weight: number; filter: KWeighting; peak: TruePeak }[];
  readonly #steps: number[] = [];

  constructor(first: AudioObservation, history: GatedLoudness) {
    const { channelNames, sampleRate } = first;
    this.#cutter = new ChannelCutter(first, stepSeconds);
    this.#history = history;
    this.#channels = channelNames.map((name) => ({
      weight: channelWeight(name, channelNames),
      filter: new KWeighting(sampleRate),
      peak: new TruePeak(),
    }));
  }

  hear(audio: AudioObservation): LoudnessStep[] {
    return this.#cutter.cut(audio, (block) => [this.#step(block)]);
  }

  #step({ end, channels }: SampleBlock): LoudnessStep {
    let energy = 0;
    let truePeak = 0;
    for (const [index, { weight, filter, peak }] of this.#channels.entries()) {
      const samples = channels[index]!;
      if (weight > 0) energy += (weight * filter.energy(samples)) / samples.length;
      truePeak = peak.peak(samples, truePeak);
    }
    const steps = this.#steps;
    steps.push(energy);
    if (steps.length > shortTermSteps) steps.shift();
    const momentary = meanOfLast(steps, momentarySteps);
    const shortTerm = meanOfLast(steps, shortTermSteps);
    if (momentary !== undefined) this.#history.add(momentary);
    return {
      end,
      truePeak,
      ...(momentary !== undefined && { momentary: loudnessOf(momentary) }),
      ...(shortTerm !== undefined && { shortTerm: loudnessOf(shortTerm) }),
    };
  }
}

function meanOfLast(values: readonly number[], count: number): number | undefined {
  if (values.length < count) return undefined;
  return values.slice(-count).reduce((sum, value) => sum + value, 0) / count;
}
