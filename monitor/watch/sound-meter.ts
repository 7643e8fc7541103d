import type { ChannelLevel } from '../../crds/page-api.ts';
import type { AudioRun } from '../converter/converter.ts';

/** What is quieter counts as silent, in dBFS: 16-bit sound ends at −96. */
const floor = -99;
/** Of 16-bit samples. */
const fullScale = 32_768;

/** The level of each channel since it was last asked for: highest sample and root mean square (AES17-2020, without its +3 dB). */
export class SoundMeter {
  #names: readonly string[] = [];
  #peaks = new Int32Array(0);
  #squares = new Float64Array(0);
  #count = 0;

  add({ channels, channelNames, samples }: AudioRun): void {
    if (channels !== this.#peaks.length) this.#begin(channels);
    this.#names = channelNames;
    const [peaks, squares] = [this.#peaks, this.#squares];
    for (let channel = 0; channel < channels; channel++) {
      let peak = peaks[channel]!;
      let sum = 0;
      for (let index = channel; index < samples.length; index += channels) {
        const sample = samples[index]!;
        const magnitude = sample < 0 ? -sample : sample;
        if (magnitude > peak) peak = magnitude;
        sum += sample * sample;
      }
      peaks[channel] = peak;
      squares[channel]! += sum;
    }
    this.#count += samples.length / Math.max(1, channels);
  }

  /** `undefined` when nothing was heard. */
  take(): readonly ChannelLevel[] | undefined {
    if (this.#count === 0) return undefined;
    const levels = Array.from(this.#peaks, (peak, channel) => ({
      name: this.#names[channel] ?? String(channel + 1),
      peak: decibels(peak / fullScale),
      rms: decibels(Math.sqrt(this.#squares[channel]! / this.#count) / fullScale),
    }));
    this.#begin(this.#peaks.length);
    return levels;
  }

  #begin(channels: number): void {
    this.#peaks = new Int32Array(channels);
    this.#squares = new Float64Array(channels);
    this.#count = 0;
  }
}

function decibels(share: number): number {
  return Math.max(floor, Math.round(200 * Math.log10(share)) / 10);
}
