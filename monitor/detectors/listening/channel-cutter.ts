import type { AudioObservation } from '../contract.ts';

/** A block of whole samples: `channels[c]` are the samples of channel c, valid until the next block. */
export interface SampleBlock {
  /** Media seconds. */
  readonly start: number;
  readonly end: number;
  readonly channels: readonly Float32Array[];
}

/** Cuts interleaved runs of any length into blocks of one length, by channel; samples are −1 … 1. */
export class ChannelCutter {
  readonly length: number;
  readonly #channels: Float32Array[];
  #filled = 0;

  constructor({ sampleRate, channels }: AudioObservation, seconds: number) {
    this.length = Math.max(1, Math.round(sampleRate * seconds));
    this.#channels = Array.from({ length: channels }, () => new Float32Array(this.length));
  }

  /** What `judge` says of each block that this run completes. */
  cut<T>({ time, sampleRate, samples }: AudioObservation, judge: (block: SampleBlock) => readonly T[]): T[] {
    const said: T[] = [];
    const stride = this.#channels.length;
    const total = Math.floor(samples.length / stride);
    for (let from = 0; from < total; ) {
      const take = Math.min(total - from, this.length - this.#filled);
      for (let channel = 0; channel < stride; channel++) {
        const block = this.#channels[channel]!;
        let at = from * stride + channel;
        for (let index = this.#filled, end = index + take; index < end; index++, at += stride) {
          block[index] = samples[at]! / 32_768;
        }
      }
      from += take;
      this.#filled += take;
      if (this.#filled < this.length) break;
      this.#filled = 0;
      const end = time + from / sampleRate;
      said.push(...judge({ start: end - this.length / sampleRate, end, channels: this.#channels }));
    }
    return said;
  }
}
