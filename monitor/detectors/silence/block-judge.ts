import type { AudioObservation, Judgement } from '../contract.ts';
import { type AudioBlock, BlockMeter, programmeOf } from './block-meter.ts';
import { ChannelLoss } from './channel-loss.ts';
import { hysteresis, Run, SilenceRuns } from './silence-runs.ts';

const enter = 0.5;
/** dB over which the score of a level goes from 0 to 1, with `enter` at the configured level in the middle. */
const scoreRange = 40;
const exit = enter - hysteresis / scoreRange;
export const thresholds = { enter, exit };
/** Blocks with sound after which a channel counts as used: a click at the start does not make it so. */
const usedAfter = 10;

/** The detector's parameters: dBFS and seconds. */
export interface SilenceLimits {
  readonly level: number;
  readonly lowLevelDuration: number;
  readonly channelDuration: number;
  readonly minDuration: number;
}

interface Channel {
  readonly name: string;
  readonly runs: SilenceRuns;
  readonly zeroLoss: ChannelLoss;
  readonly lowLoss: ChannelLoss;
  soundBlocks: number;
}

/** Judges the blocks of one channel layout. */
export class BlockJudge {
  readonly meter: BlockMeter;
  readonly #limits: SilenceLimits;
  readonly #programme: SilenceRuns;
  /** The programme is silent in one way or the other, for however short a time. */
  readonly #quiet = new Run();
  readonly #channels: Channel[];
  readonly #zeroRequired: number;
  readonly #lowRequired: number;

  constructor(observation: AudioObservation, limits: SilenceLimits) {
    const { level, minDuration, lowLevelDuration, channelDuration } = limits;
    const least = observation.channelNames.length > 2 ? channelDuration : 0;
    this.meter = new BlockMeter(observation);
    this.#limits = limits;
    this.#programme = new SilenceRuns(level, minDuration);
    this.#zeroRequired = Math.max(minDuration, least);
    this.#lowRequired = Math.max(lowLevelDuration, least);
    this.#channels = observation.channelNames.map((name) => ({
      name,
      runs: new SilenceRuns(level, minDuration),
      zeroLoss: new ChannelLoss(this.#zeroRequired),
      lowLoss: new ChannelLoss(this.#lowRequired),
      soundBlocks: 0,
    }));
  }

  step(block: AudioBlock): Judgement[] {
    const judgements = this.#programmeJudgements(block);
    for (const [index, channel] of this.#channels.entries()) {
      const measure = block.channels[index]!;
      channel.runs.step(block, measure);
      if (measure.level >= this.#limits.level + hysteresis) channel.soundBlocks++;
      judgements.push(...this.#channelJudgements(channel, block, measure.level));
    }
    return judgements;
  }

  #programmeJudgements(block: AudioBlock): Judgement[] {
    const measure = programmeOf(block.channels);
    const { zero, low } = this.#programme;
    this.#programme.step(block, measure);
    if (zero.since !== undefined || low.since !== undefined) this.#quiet.begin(block.start);
    else this.#quiet.end(block.start);
    const { minDuration, lowLevelDuration } = this.#limits;
    return [
      judgement('digital-zero', block, zero, ripen(zeroScore(zero), zero.lasted(block.end), minDuration)),
      judgement(
        'low-level',
        block,
        low,
        ripen(this.#lowScore(low, measure.level), low.lasted(block.end), lowLevelDuration),
      ),
    ];
  }

  /** A lone silent channel is judged if it was in use before; a silent LFE channel is never a defect by itself. */
  #channelJudgements(channel: Channel, block: AudioBlock, level: number): Judgement[] {
    const { zero, low } = channel.runs;
    const zeroSeen = channel.zeroLoss.step(zero, this.#quiet, block.end);
    const lowSeen = channel.lowLoss.step(low, this.#quiet, block.end);
    const lone = this.#channels.length > 1 && !channel.name.startsWith('LFE');
    if (!lone || channel.soundBlocks < usedAfter) return [];
    const common = { channel: channel.name, severity: 'warning' } as const;
    const zeroLost = { since: channel.zeroLoss.since, overSince: zero.overSince ?? this.#quiet.since };
    const lowLost = { since: channel.lowLoss.since, overSince: low.overSince ?? this.#quiet.since };
    return [
      {
        ...judgement('digital-zero', block, zeroLost, ripen(zeroScore(zero), zeroSeen, this.#zeroRequired)),
        ...common,
      },
      {
        ...judgement(
          'low-level',
          block,
          lowLost,
          ripen(this.#lowScore(low, level), lowSeen, this.#lowRequired),
        ),
        ...common,
      },
    ];
  }

  #lowScore(low: Run, level: number): number {
    const score = Math.min(1, Math.max(0, enter + (this.#limits.level - level) / scoreRange));
    if (low.since !== undefined) return score;
    // Digital silence that ended the run is the other kind.
    return level === Number.NEGATIVE_INFINITY ? 0 : Math.min(score, exit - 0.01);
  }
}

function zeroScore(zero: Run): number {
  return zero.since === undefined ? 0 : 1;
}

/** Holds a score back until its condition has lasted long enough, showing on the curve how near that is. */
function ripen(score: number, lasted: number, required: number): number {
  return score < enter || lasted >= required ? score : (0.98 * enter * lasted) / required;
}

function judgement(
  kind: string,
  block: AudioBlock,
  { since, overSince }: { readonly since: number | undefined; readonly overSince: number | undefined },
  score: number,
): Judgement {
  const present = since ?? overSince;
  return { time: block.end, kind, score, ...(present !== undefined && { since: present }) };
}
