import type { AudioObservation, Judgement, Measurement } from '../contract.ts';
import type { Listener } from '../listening/listen.ts';
import type { GatedLoudness } from './gated-loudness.ts';
import { LoudnessMeter, type LoudnessStep } from './loudness-meter.ts';
import type { LoudnessRange } from './loudness-range.ts';

export const thresholds = { enter: 0.5, exit: 0.48 };
/** Steps of 100 ms from one judgement to the next. */
const judgedEvery = 10;
/** Gating blocks, one each 100 ms, below which neither gated loudness nor range says much of a programme: a minute. */
const leastBlocks = 600;
/** The highest true peak is told over this many judgements, so that one between two scrapes shows. */
const peakJudgements = 60;
/** LU over which the score of a loudness goes from 0 to 1, with 0.5 at its limit. */
const scoreRange = 20;

/** LUFS, LU and dBTP. */
export interface LoudnessLimits {
  readonly target: number;
  readonly tolerance: number;
  readonly shortTermTolerance: number;
  readonly truePeak: number;
}

/** Judges once a second: the last hour against the target, the last three seconds against what is far too loud. */
export class LoudnessJudge implements Listener {
  readonly #meter: LoudnessMeter;
  readonly #history: GatedLoudness;
  readonly #range: LoudnessRange;
  readonly #limits: LoudnessLimits;
  readonly #peaks: number[] = [];
  #steps = 0;
  #peak = 0;
  /** Of the second that is judged next: the highest in it, so that a short sound is told that ends before. */
  #momentary: number | undefined;

  constructor(first: AudioObservation, history: GatedLoudness, range: LoudnessRange, limits: LoudnessLimits) {
    this.#meter = new LoudnessMeter(first, history);
    this.#history = history;
    this.#range = range;
    this.#limits = limits;
  }

  hear(audio: AudioObservation): Judgement[] {
    return this.#meter.hear(audio).flatMap((step) => this.#step(step));
  }

  #step(step: LoudnessStep): Judgement[] {
    this.#peak = Math.max(this.#peak, step.truePeak);
    if (step.highestMomentary !== undefined)
      this.#momentary = Math.max(this.#momentary ?? Number.NEGATIVE_INFINITY, step.highestMomentary);
    if (step.shortTerm !== undefined) this.#range.add(step.shortTerm);
    if (++this.#steps % judgedEvery !== 0) return [];
    const { loudness, blocks } = this.#history.measure();
    const { target, tolerance, shortTermTolerance } = this.#limits;
    const settled = blocks >= leastBlocks ? loudness - target : 0;
    const shortTerm = (step.shortTerm ?? Number.NEGATIVE_INFINITY) - target;
    const momentary = this.#momentary;
    this.#momentary = undefined;
    const said = (kind: string, excess: number): Judgement => ({
      time: step.end,
      kind,
      score: score(excess),
    });
    return [
      {
        ...said('too-loud', Math.max(settled - tolerance, shortTerm - shortTermTolerance)),
        measurements: [
          ...lufs('momentary', momentary),
          ...lufs('short-term', step.shortTerm),
          ...lufs('integrated', blocks > 0 ? loudness : undefined),
          ...this.#rangeFigure(),
        ],
      },
      said('too-quiet', -settled - tolerance),
      this.#truePeak(step.end),
    ];
  }

  #rangeFigure(): Measurement[] {
    const { range, values } = this.#range.measure();
    return values >= leastBlocks ? [{ name: 'loudness_range_lu', value: range }] : [];
  }

  #truePeak(time: number): Judgement {
    const level = decibels(this.#peak);
    this.#peaks.push(level);
    if (this.#peaks.length > peakJudgements) this.#peaks.shift();
    this.#peak = 0;
    const highest = Math.max(...this.#peaks);
    return {
      time,
      kind: 'true-peak',
      score: score(level - this.#limits.truePeak),
      since: time - judgedEvery / 10,
      ...(Number.isFinite(highest) && { measurements: [{ name: 'true_peak_dbtp', value: highest }] }),
    };
  }
}

/** 0.5 where the limit is only just exceeded. */
function score(excess: number): number {
  return Math.min(1, Math.max(0, 0.5 + excess / scoreRange - 1e-9));
}

function decibels(magnitude: number): number {
  return 20 * Math.log10(magnitude);
}

type LoudnessWindow = Extract<Measurement, { name: 'loudness_lufs' }>['window'];

/** Nothing is told of digital silence: it has no level. */
function lufs(window: LoudnessWindow, value: number | undefined): Measurement[] {
  return value !== undefined && Number.isFinite(value) ? [{ name: 'loudness_lufs', window, value }] : [];
}
