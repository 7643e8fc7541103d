import type { AudioObservation, Judgement } from '../contract.ts';
import { ChannelCutter, type SampleBlock } from '../listening/channel-cutter.ts';
import type { Listener } from '../listening/listen.ts';
import { GapFinder } from './gap-finder.ts';

const cellSeconds = 0.001;

/** Judges the gaps of the programme, which all channels have, and those that one channel has alone. */
export class GapJudge implements Listener {
  readonly #cutter: ChannelCutter;
  readonly #names: readonly string[];
  readonly #programme: GapFinder;
  readonly #channels: readonly GapFinder[];
  /** Media time at which the last gap of the programme ended. */
  #programmeEnd = Number.NEGATIVE_INFINITY;

  /** `longest` gap, in seconds. */
  constructor(first: AudioObservation, longest: number) {
    const cells = Math.round(longest / cellSeconds);
    this.#cutter = new ChannelCutter(first, cellSeconds);
    this.#names = first.channelNames;
    this.#programme = new GapFinder(cells);
    this.#channels = first.channelNames.map(() => new GapFinder(cells));
  }

  hear(audio: AudioObservation): Judgement[] {
    return this.#cutter.cut(audio, (block) => this.#step(block));
  }

  #step({ start, end, channels }: SampleBlock): readonly Judgement[] {
    const seconds = end - start;
    const powers = channels.map(powerOf);
    const judgements: Judgement[] = [];
    const whole = this.#programme.step(Math.max(...powers));
    if (whole) {
      this.#programmeEnd = end;
      judgements.push(...gap(end, end - whole.sinceStart * seconds, end - whole.sinceEnd * seconds));
    }
    for (const [index, finder] of this.#channels.entries()) {
      const own = finder.step(powers[index]!);
      if (!own || channels.length === 1) continue;
      const from = end - own.sinceStart * seconds;
      // A gap of all channels is one defect, even where one of them comes back a little later.
      if (from <= this.#programmeEnd) continue;
      judgements.push(...gap(end, from, end - own.sinceEnd * seconds, this.#names[index]));
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
