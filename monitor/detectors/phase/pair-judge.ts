import type { Judgement } from '../contract.ts';
import { audible, correlation, type PairBlock, sideShare } from './pair-window.ts';

export const thresholds = { enter: 0.5, exit: 0.4 };
/** Blocks of half a second in the window of three over which phase meters integrate. */
export const blockSeconds = 0.5;
const windowBlocks = 6;
/** Correlation from which on a listener in mono loses most of the sound. */
const invertedBelow = -0.8;
/** Side 40 dB below mid is one sound on both channels, above −25 dB it is stereo; lossy codecs stay between. */
const monoBelow = 1e-4;
const stereoAbove = 10 ** -2.5;
/** Stereo blocks that make a pair a stereo one. */
const stereoAfter = 20;

/** Judges one pair of channels that belong together. Silent blocks are left out: they say nothing. */
export class PairJudge {
  readonly #channel: string;
  readonly #monoDuration: number;
  #window: PairBlock[] = [];
  #stereoBlocks = 0;
  #monoSince: number | undefined;

  constructor(channel: string, monoDuration: number) {
    this.#channel = channel;
    this.#monoDuration = monoDuration;
  }

  step(block: PairBlock, time: number): Judgement[] {
    if (!audible(block)) return [];
    this.#window = [...this.#window.slice(1 - windowBlocks), block];
    return [this.#inverted(time), this.#mono(block, time)];
  }

  #inverted(time: number): Judgement {
    const value = correlation(this.#window);
    const score =
      this.#window.length < windowBlocks
        ? 0
        : value <= invertedBelow
          ? Math.min(1, 0.5 + (0.5 * (invertedBelow - value)) / (1 + invertedBelow))
          : Math.max(0, (0.5 * value) / invertedBelow);
    const first = this.#window.find((block) => correlation([block]) <= invertedBelow);
    return {
      time,
      kind: 'inverted',
      channel: this.#channel,
      score,
      since: score >= thresholds.enter ? (first?.start ?? time) : this.#window.at(-1)!.start,
    };
  }

  #mono(block: PairBlock, time: number): Judgement {
    const share = sideShare(block);
    if (share > stereoAbove) this.#stereoBlocks++;
    const before = this.#monoSince;
    this.#monoSince = share < monoBelow ? (before ?? block.start) : undefined;
    const since = this.#monoSince ?? block.start;
    const lasted = this.#monoSince === undefined ? 0 : time - since;
    const wasStereo = this.#stereoBlocks >= stereoAfter;
    const score = wasStereo ? Math.min(1, (0.5 * lasted) / this.#monoDuration) : 0;
    return { time, kind: 'mono', channel: this.#channel, score, since };
  }
}
