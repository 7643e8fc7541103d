import type { AudioObservation } from '../../../monitor/detectors/contract.ts';

/** A part of a test signal: a sine of one peak level in all of the named channels, or a level for each. */
export interface ToneStep {
  readonly seconds: number;
  /** Peak level in dBFS, by channel where they differ; −∞ for silence. */
  readonly level: number | Readonly<Record<string, number>>;
}

export interface SineOptions {
  readonly channelNames?: readonly string[];
  readonly sampleRate?: number;
  readonly frequency?: number;
  /** Radians. */
  readonly phase?: number;
}

/** Tones one after the other, as EBU Tech 3341 describes its test signals. */
export function* toneSteps(
  steps: readonly ToneStep[],
  { channelNames = ['FL', 'FR'], sampleRate = 48_000, frequency = 1000, phase = 0 }: SineOptions = {},
): Generator<AudioObservation> {
  const channels = channelNames.length;
  let played = 0;
  for (const { seconds, level } of steps) {
    const peaks = channelNames.map(
      (name) => 32_768 * 10 ** ((typeof level === 'number' ? level : (level[name] ?? -Infinity)) / 20),
    );
    const end = played + Math.round(seconds * sampleRate);
    for (; played < end; ) {
      const first = played;
      const length = Math.min(4800, end - first);
      const samples = new Int16Array(length * channels);
      for (let index = 0; index < length; index++) {
        const tone = Math.sin((2 * Math.PI * frequency * (first + index)) / sampleRate + phase);
        for (let channel = 0; channel < channels; channel++) {
          const value = Math.round(tone * peaks[channel]!);
          samples[index * channels + channel] = Math.max(-32_768, Math.min(32_767, value));
        }
      }
      played += length;
      yield { type: 'audio', time: first / sampleRate, sampleRate, channels, channelNames, samples };
    }
  }
}

/** Of the filter before the sound is decimated: samples of the higher rate on each side, and its pass band. */
const reach = 96;
const pass = 1 / 8;

/**
 * A sine of a sixth of the sample rate at half of full scale with one period of a fourth of the rate at full scale in
 * it, its phase continuous: made at four times the rate, low-pass filtered and decimated from one of the four samples
 * on (EBU Tech 3341, cases 20 to 23).
 */
export function burstBetweenSamples(offset: number, sampleRate = 48_000): AudioObservation {
  const rate = 4;
  const length = 4800;
  const period = 4 * rate;
  const start = (length * rate) / 2;
  const fine = new Float64Array(length * rate);
  let phase = 0;
  for (let index = 0; index < fine.length; index++) {
    const within = index >= start && index < start + period;
    // The sudden beginning of the tone would have overtones of its own.
    const fade = Math.min(1, index / 2000);
    fine[index] = (within ? 1 : 0.5) * fade * Math.sin(phase);
    phase += (2 * Math.PI) / (within ? period : 6 * rate);
  }
  const samples = Int16Array.from({ length }, (_, index) => {
    const value = lowPassed(fine, index * rate + offset);
    return Math.max(-32_768, Math.min(32_767, Math.round(32_768 * value)));
  });
  return { type: 'audio', time: 0, sampleRate, channels: 1, channelNames: ['FC'], samples };
}

/** One sample under a sinc with a Hann window. */
function lowPassed(samples: Float64Array, at: number): number {
  let sum = 0;
  for (let distance = -reach; distance <= reach; distance++) {
    const x = 2 * Math.PI * pass * distance;
    const sinc = distance === 0 ? 1 : Math.sin(x) / x;
    const window = 0.5 + 0.5 * Math.cos((Math.PI * distance) / (reach + 1));
    sum += (samples[at + distance] ?? 0) * 2 * pass * sinc * window;
  }
  return sum;
}
