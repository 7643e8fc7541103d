import type { AudioObservation } from '../contract.ts';

/** Levels are taken over blocks of this many seconds. */
const blockSeconds = 0.1;

/** What one block of one channel, or of the whole programme, measures. Times are media seconds. */
export interface BlockMeasure {
  /** RMS without the DC part, in dB below a full-scale square wave; −∞ for digital silence. */
  readonly level: number;
  /** Set when every sample equals the one before: since when that is so, to the sample. */
  readonly constantSince?: number;
  /** Otherwise: the block's first sample that differs from the one before. */
  readonly changedAt?: number;
}

export interface AudioBlock {
  readonly start: number;
  readonly end: number;
  readonly channels: readonly BlockMeasure[];
}

interface ChannelSum {
  sum: number;
  squares: number;
  /** Value of the sample before; NaN before the first. */
  previous: number;
  constantSince: number;
  changedAt: number | undefined;
}

const fullScale = 32_768;

/** Cuts audio of any packet size into blocks and measures each channel of them. */
export class BlockMeter {
  readonly sampleRate: number;
  readonly channelNames: readonly string[];
  readonly #length: number;
  readonly #channels: ChannelSum[];
  #filled = 0;
  #start = 0;

  constructor({ sampleRate, channelNames }: AudioObservation) {
    this.sampleRate = sampleRate;
    this.channelNames = channelNames;
    this.#length = Math.max(1, Math.round(sampleRate * blockSeconds));
    this.#channels = channelNames.map(() => ({
      sum: 0,
      squares: 0,
      previous: Number.NaN,
      constantSince: 0,
      changedAt: undefined,
    }));
  }

  fits({ sampleRate, channelNames }: AudioObservation): boolean {
    return sampleRate === this.sampleRate && channelNames.join() === this.channelNames.join();
  }

  /** Drops the block that has begun: its audio does not continue. */
  skip(): void {
    this.#filled = 0;
    for (const channel of this.#channels) this.#restart(channel);
  }

  /** Blocks that this run of audio completes. */
  push(observation: AudioObservation): AudioBlock[] {
    const blocks: AudioBlock[] = [];
    const total = observation.samples.length / this.#channels.length;
    for (let from = 0; from < total; ) {
      const to = Math.min(total, from + this.#length - this.#filled);
      if (this.#filled === 0) this.#start = this.#timeOf(observation, from);
      for (const [index, channel] of this.#channels.entries()) {
        this.#add(channel, observation, index, from, to);
      }
      this.#filled += to - from;
      from = to;
      if (this.#filled === this.#length) blocks.push(this.#finish(this.#timeOf(observation, to)));
    }
    return blocks;
  }

  #add(channel: ChannelSum, observation: AudioObservation, index: number, from: number, to: number): void {
    const { samples } = observation;
    const stride = this.#channels.length;
    let { sum, squares, previous } = channel;
    if (Number.isNaN(previous)) {
      previous = samples[from * stride + index]!;
      channel.constantSince = this.#timeOf(observation, from);
    }
    let firstChange = -1;
    let lastChange = -1;
    for (let frame = from, at = from * stride + index; frame < to; frame++, at += stride) {
      const sample = samples[at]!;
      sum += sample;
      squares += sample * sample;
      if (sample !== previous) {
        if (firstChange < 0) firstChange = frame;
        lastChange = frame;
        previous = sample;
      }
    }
    channel.sum = sum;
    channel.squares = squares;
    channel.previous = previous;
    if (lastChange < 0) return;
    channel.changedAt ??= this.#timeOf(observation, firstChange);
    channel.constantSince = this.#timeOf(observation, lastChange);
  }

  #finish(end: number): AudioBlock {
    const channels = this.#channels.map((channel): BlockMeasure => {
      const { changedAt, constantSince } = channel;
      const measure =
        changedAt === undefined
          ? { level: Number.NEGATIVE_INFINITY, constantSince }
          : { level: this.#level(channel), changedAt };
      this.#restart(channel);
      return measure;
    });
    this.#filled = 0;
    return { start: this.#start, end, channels };
  }

  #level({ sum, squares }: ChannelSum): number {
    const mean = sum / this.#length;
    const power = Math.max(0, squares / this.#length - mean * mean);
    return 10 * Math.log10(power / fullScale ** 2);
  }

  #restart(channel: ChannelSum): void {
    channel.sum = 0;
    channel.squares = 0;
    channel.changedAt = undefined;
  }

  #timeOf(observation: AudioObservation, frame: number): number {
    return observation.time + frame / this.sampleRate;
  }
}

/** The whole programme as one channel: as loud as its loudest, digitally silent when all are. */
export function programmeOf(channels: readonly BlockMeasure[]): BlockMeasure {
  const level = Math.max(...channels.map((channel) => channel.level));
  const changes = channels.flatMap(({ changedAt }) => changedAt ?? []);
  if (changes.length > 0) return { level, changedAt: Math.min(...changes) };
  return { level, constantSince: Math.max(...channels.map(({ constantSince }) => constantSince ?? 0)) };
}
