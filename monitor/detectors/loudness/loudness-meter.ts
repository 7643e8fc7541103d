import type { AudioObservation } from '../contract.ts';
import { ChannelCutter, type SampleBlock } from '../listening/channel-cutter.ts';
import { channelWeight } from './channel-weight.ts';
import { type GatedLoudness, loudnessOf } from './gated-loudness.ts';
import { KWeighting } from './k-weighting.ts';
import { TruePeak } from './true-peak.ts';

/** The momentary window moves on by 20 ms: in larger steps a sound of its length would fall between two of them. */
const cellSeconds = 0.02;
/** Gating blocks overlap by 75 %: a new one begins each 100 ms. */
const stepCells = 5;
const momentaryCells = 20;
const shortTermSteps = 30;

/** One 100 ms step. LUFS; absent while the window is not full, −∞ for digital silence. */
export interface LoudnessStep {
  readonly end: number;
  /** Of the gating block that ends here. */
  readonly momentary?: number;
  /** The highest momentary loudness whose window ends within the step. */
  readonly highestMomentary?: number;
  readonly shortTerm?: number;
  /** Largest of all channels, 1 at full scale. */
  readonly truePeak: number;
}

/** Measures sound of one format as EBU Tech 3341 says; gating blocks go to `history`. */
export class LoudnessMeter {
  readonly #cutter: ChannelCutter;
  readonly #history: GatedLoudness;
  readonly #channels: readonly { weight: number; filter: KWeighting; peak: TruePeak }[];
  /** Energies of the last cells and steps. */
  readonly #cells: number[] = [];
  readonly #steps: number[] = [];
  /** Of the step that has begun. */
  #played = 0;
  #highest = Number.NEGATIVE_INFINITY;
  #truePeak = 0;

  constructor(first: AudioObservation, history: GatedLoudness) {
    const { channelNames, sampleRate } = first;
    this.#cutter = new ChannelCutter(first, cellSeconds);
    this.#history = history;
    this.#channels = channelNames.map((name) => ({
      weight: channelWeight(name, channelNames),
      filter: new KWeighting(sampleRate),
      peak: new TruePeak(),
    }));
  }

  hear(audio: AudioObservation): LoudnessStep[] {
    return this.#cutter.cut(audio, (block) => this.#cell(block));
  }

  #cell({ end, channels }: SampleBlock): readonly LoudnessStep[] {
    let energy = 0;
    for (const [index, { weight, filter, peak }] of this.#channels.entries()) {
      const samples = channels[index]!;
      if (weight > 0) energy += (weight * filter.energy(samples)) / samples.length;
      this.#truePeak = peak.peak(samples, this.#truePeak);
    }
    this.#cells.push(energy);
    if (this.#cells.length > momentaryCells) this.#cells.shift();
    const momentary = meanOfLast(this.#cells, momentaryCells);
    this.#highest = Math.max(this.#highest, momentary ?? this.#highest);
    if (++this.#played < stepCells) return [];
    return [this.#step(end, momentary)];
  }

  #step(end: number, momentary: number | undefined): LoudnessStep {
    const steps = this.#steps;
    steps.push(meanOfLast(this.#cells, stepCells) ?? 0);
    if (steps.length > shortTermSteps) steps.shift();
    const shortTerm = meanOfLast(steps, shortTermSteps);
    if (momentary !== undefined) this.#history.add(momentary);
    const step: LoudnessStep = {
      end,
      truePeak: this.#truePeak,
      ...(momentary !== undefined && {
        momentary: loudnessOf(momentary),
        highestMomentary: loudnessOf(this.#highest),
      }),
      ...(shortTerm !== undefined && { shortTerm: loudnessOf(shortTerm) }),
    };
    this.#played = 0;
    this.#highest = Number.NEGATIVE_INFINITY;
    this.#truePeak = 0;
    return step;
  }
}

function meanOfLast(values: readonly number[], count: number): number | undefined {
  if (values.length < count) return undefined;
  let sum = 0;
  for (let index = values.length - count; index < values.length; index++) sum += values[index]!;
  return sum / count;
}
