import type { AudioObservation, Judgement } from '../contract.ts';
import { ChannelCutter, type SampleBlock } from '../listening/channel-cutter.ts';
import type { Listener } from '../listening/listen.ts';
import { ChannelGaps } from './channel-gaps.ts';

const cellSeconds = 0.001;
/**
 * Shorter gaps, in milliseconds, are not told from the zero crossings of low tones; those of one channel alone are not
 * told from what stereophony makes of a voice.
 */
const shortestOfAll = 3;
const shortestOfOne = 8;
/**
 * Timestamps that jump on by less, in seconds, are only inexact: those of Vorbis by up to 11 ms to and fro, where long
 * and short blocks change. A frame of Opus has 20 ms, one of AAC, MP2 and AC-3 more.
 */
const shortestHole = 0.015;
/**
 * Milliseconds over which the level before a hole is taken: sound that is lost in the middle of speech may be so after a
 * short pause, and a hole in the timestamps needs no steep edge to be told from one.
 */
const context = 250;
/** The sound before a hole must have this power (−40 dBFS) for it to be missed. */
const leastPower = 1e-4;

/**
 * Judges the gaps of the programme, which all channels have, and those that one channel has alone; and holes, where
 * the decoder has no sound for a part of the time, since its packets were lost or damaged.
 */
export class GapJudge implements Listener {
  readonly #cutter: ChannelCutter;
  readonly #names: readonly string[];
  readonly #programme: ChannelGaps;
  readonly #channels: readonly ChannelGaps[];
  readonly #longest: number;
  /** Media time of the last sample, and the mean power of late. */
  #heardUntil: number | undefined;
  #level = 0;
  /** Gaps of one channel, until it is known whether all have it: that is one defect, even where one comes back later. */
  readonly #ofOne: { readonly from: number; readonly to: number; readonly channel: string | undefined }[] =
    [];
  /** Media time at which the last gap of the programme ended. */
  #programmeEnd = Number.NEGATIVE_INFINITY;

  /** `longest` gap, in seconds. */
  constructor(first: AudioObservation, longest: number) {
    const cells = Math.round(longest / cellSeconds);
    this.#longest = longest;
    this.#cutter = new ChannelCutter(first, cellSeconds);
    this.#names = first.channelNames;
    this.#programme = new ChannelGaps(shortestOfAll, cells);
    this.#channels = first.channelNames.map(() => new ChannelGaps(shortestOfOne, cells));
  }

  hear(audio: AudioObservation): Judgement[] {
    const holes = this.#hole(audio.time);
    this.#heardUntil = audio.time + audio.samples.length / audio.channels / audio.sampleRate;
    return [...holes, ...this.#cutter.cut(audio, (block) => this.#step(block))];
  }

  #hole(time: number): Judgement[] {
    const from = this.#heardUntil ?? time;
    if (time - from < shortestHole || time - from > this.#longest || this.#level < leastPower) return [];
    this.#programmeEnd = time;
    return gap(time, from, time);
  }

  #step({ start, end, channels }: SampleBlock): readonly Judgement[] {
    const seconds = end - start;
    const powers = channels.map(powerOf);
    const judgements: Judgement[] = [];
    const loudest = Math.max(...powers);
    this.#level += (loudest - this.#level) / context;
    const whole = this.#programme.step(loudest);
    if (whole) {
      this.#programmeEnd = end;
      judgements.push(...gap(end, end - whole.sinceStart * seconds, end - whole.sinceEnd * seconds));
    }
    for (const [index, finder] of this.#channels.entries()) {
      const own = finder.step(powers[index]!);
      if (!own || channels.length === 1) continue;
      const span = { from: end - own.sinceStart * seconds, to: end - own.sinceEnd * seconds };
      this.#ofOne.push({ ...span, channel: this.#names[index] });
    }
    if (this.#programme.pending) return judgements;
    for (const { from, to, channel } of this.#ofOne.splice(0)) {
      if (from > this.#programmeEnd) judgements.push(...gap(end, from, to, channel));
    }
    return judgements;
  }
}

/** A gap is known when it is over: its onset and its end at once. */
function gap(time: number, start: number, end: number, channel?: string): Judgement[] {
  const common = { time, kind: 'gap', ...(channel !== undefined && { channel }) };
  return [
    { ...common, score: 1, since: start },
    { ...common, score: 0, since: end },
  ];
}

function powerOf(samples: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < samples.length; index++) sum += samples[index]! ** 2;
  return sum / samples.length;
}
