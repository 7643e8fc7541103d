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
