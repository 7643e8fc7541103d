import type { AudioObservation } from '../detectors/contract.ts';

export const soundBands = 3;

/** Levels a second: twice as fine as the offsets that are to be told. */
const blocksPerSecond = 100;
/** Where the bands meet, in Hz: voiced sound, its formants, and what hisses. */
const edges = [500, 3000] as const;
/** Power below which nothing is told, relative to a full-scale square wave: −60 dB, above coding noise. */
const floor = 1e-6;

interface Filter {
  low: number;
  mid: number;
}

/** The level of three bands over time in dB, all channels together by power: phase and downmix do not matter. */
export class SoundBands {
  readonly #emit: (time: number, levels: Float32Array) => void;
  readonly #levels = new Float32Array(soundBands);
  readonly #power = new Float64Array(soundBands);
  #filters: Filter[] = [];
  #count = 0;

  /** `emit`: the middle of each block in media seconds, and its levels, which it must not keep. */
  constructor(emit: (time: number, levels: Float32Array) => void) {
    this.#emit = emit;
  }

  reset(): void {
    this.#filters = [];
    this.#count = 0;
    this.#power.fill(0);
  }

  step({ time, sampleRate, channels, samples }: AudioObservation): void {
    if (this.#filters.length !== channels) {
      this.reset();
      this.#filters = Array.from({ length: channels }, () => ({ low: 0, mid: 0 }));
    }
    const block = Math.round(sampleRate / blocksPerSecond);
    const total = Math.floor(samples.length / channels);
    for (let first = 0; first < total; ) {
      const last = Math.min(total, first + block - this.#count);
      this.#add(samples, channels, sampleRate, first, last);
      this.#count += last - first;
      first = last;
      if (this.#count >= block) this.#finish(time + (last - block / 2) / sampleRate, channels);
    }
  }

  #add(samples: Int16Array, channels: number, sampleRate: number, first: number, last: number): void {
    const [lowShare, midShare] = edges.map((edge) => 1 - Math.exp((-2 * Math.PI * edge) / sampleRate)) as [
      number,
      number,
    ];
    for (const [channel, filter] of this.#filters.entries()) {
      let { low, mid } = filter;
      let [lowPower, midPower, highPower] = [0, 0, 0];
      for (let index = first * channels + channel; index < last * channels; index += channels) {
        const sample = samples[index]! / 32768;
        low += lowShare * (sample - low);
        mid += midShare * (sample - mid);
        lowPower += low * low;
        midPower += (mid - low) * (mid - low);
        highPower += (sample - mid) * (sample - mid);
      }
      filter.low = low;
      filter.mid = mid;
      this.#power[0]! += lowPower;
      this.#power[1]! += midPower;
      this.#power[2]! += highPower;
    }
  }

  #finish(time: number, channels: number): void {
    const scale = 1 / (this.#count * channels);
    for (let band = 0; band < soundBands; band++) {
      this.#levels[band] = 10 * Math.log10(this.#power[band]! * scale + floor);
    }
    this.#count = 0;
    this.#power.fill(0);
    this.#emit(time, this.#levels);
  }
}
