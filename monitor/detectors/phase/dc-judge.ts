import type { Judgement } from '../contract.ts';

/** Blocks of half a second in the window of ten. */
const windowBlocks = 20;
/** So many blocks of the window may lie elsewhere. */
const outliers = 2;

/**
 * Judges the steady offset of one channel: the one that nine tenths of the blocks of ten seconds have at least.
 * A plain mean is no measure: explosions of a film were seen at 2.8 % over three seconds, swinging about.
 */
export class DcJudge {
  readonly #channel: string;
  readonly #limit: number;
  #window: { readonly start: number; readonly mean: number }[] = [];

  /** `limit`: share of full scale. */
  constructor(channel: string, limit: number) {
    this.#channel = channel;
    this.#limit = limit;
  }

  /** Scores 0.5 at the limit. */
  step(start: number, time: number, samples: Float32Array): Judgement {
    let sum = 0;
    for (let index = 0; index < samples.length; index++) sum += samples[index]!;
    this.#window = [...this.#window.slice(1 - windowBlocks), { start, mean: sum / samples.length }];
    const means = this.#window.map(({ mean }) => mean).sort((a, b) => a - b);
    const offset = Math.max(0, means[outliers] ?? 0, -(means.at(-1 - outliers) ?? 0));
    const onset = this.#window.find(({ mean }) => Math.abs(mean) >= this.#limit)?.start;
    return {
      time,
      kind: 'dc-offset',
      channel: this.#channel,
      score: this.#window.length < windowBlocks ? 0 : Math.min(1, (0.5 * offset) / this.#limit),
      since: onset ?? start,
    };
  }
}
