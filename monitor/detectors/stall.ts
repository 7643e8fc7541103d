import {
  type ClockObservation,
  defineDetector,
  type EpochObservation,
  type FrameObservation,
  type Judgement,
} from './contract.ts';
import { type Cadence, CadenceMeter } from './stall/cadence.ts';
import { RateHistory } from './stall/rate-history.ts';

const enter = 0.5;
const exit = 0.4;
/** Seconds that a gap must exceed the usual interval by before it is looked at. */
const noticeable = 0.1;
/** Counting frames over seconds is exact to about this share of the rate; telecine at four fifths is legal. */
const countingError = 0.01;

/**
 * Pictures that do not come: none at all, fewer than usual, or with a hole in their timestamps. The last is the
 * only sign that frames were lost where a source is read as fast as it can be, such as a file.
 */
export default defineDetector({
  manifest: {
    type: 'stall',
    title: 'Stall',
    description: 'Pictures stop coming, come at a lower rate than usual, or skip.',
    kinds: {
      'no-frames': { description: 'no picture arrives (no sound, for streams without pictures)' },
      'low-frame-rate': { description: 'fewer pictures a second than usual', severity: 'warning' },
      'timestamp-jump': {
        description: 'the timestamps of the pictures skip some time',
        severity: 'warning',
        minDuration: '0s',
      },
    },
    needs: ['reduced', 'audio', 'clock'],
    cost: { fixed: 0.2, perMegapixel: 0 },
    defaults: { enabled: true, severity: 'critical', minDuration: '2s' },
    thresholds: { enter, exit },
    parameters: {
      jump: {
        type: 'duration',
        default: '500ms',
        minimum: '100ms',
        description: 'A skip of the timestamps is a defect from this length on.',
      },
      lowRate: {
        type: 'number',
        default: 0.8,
        minimum: 0.1,
        maximum: 0.95,
        description: "A frame rate below this share of the stream's usual rate is low.",
      },
      lowRateDuration: {
        type: 'duration',
        default: '10s',
        minimum: '2s',
        description: 'How long the frame rate must be low.',
      },
    },
  },
  create: ({ jump, lowRate, lowRateDuration }, { minDuration }) => {
    const arrival = new Arrival(minDuration);
    let pictures = new PictureTimes({ jump, lowRate, lowRateDuration });
    return {
      step(observation) {
        switch (observation.type) {
          case 'epoch':
            pictures = new PictureTimes({ jump, lowRate, lowRateDuration });
            arrival.begin(observation);
            return [];
          case 'clock': {
            const judgements = arrival.clock(observation);
            if (arrival.stalled) pictures.pause(observation.time);
            else if (allIdle(observation)) pictures.pause(observation.time);
            return judgements;
          }
          case 'audio':
            return arrival.media('audio', observation.time);
          case 'frame':
            return [...arrival.media('video', observation.time), ...pictures.frame(observation)];
          default:
            return [];
        }
      },
    };
  },
});

/** The timeline runs on only while nothing arrives; a track that is alone idle leaves a hole in its timestamps. */
function allIdle({ videoIdle, audioIdle, expectedGap }: ClockObservation): boolean {
  return (videoIdle ?? 0) > expectedGap && (audioIdle ?? Number.POSITIVE_INFINITY) > expectedGap;
}

/** Whether anything arrives, by the clock. */
class Arrival {
  readonly #minDuration: number;
  #track: 'video' | 'audio' = 'video';
  #last: number | undefined;
  stalled = false;

  constructor(minDuration: number) {
    this.#minDuration = minDuration;
  }

  begin({ hasVideo }: EpochObservation): void {
    this.#track = hasVideo ? 'video' : 'audio';
  }

  media(track: 'video' | 'audio', time: number): Judgement[] {
    if (track !== this.#track) return [];
    const over = this.stalled;
    this.#last = time;
    this.stalled = false;
    return over ? [{ time, kind: 'no-frames', score: 0, since: time }] : [];
  }

  clock({ time, videoIdle, audioIdle, expectedGap }: ClockObservation): Judgement[] {
    const idle = this.#track === 'video' ? videoIdle : audioIdle;
    if (idle === undefined) return [];
    const limit = Math.max(this.#minDuration, expectedGap);
    const score = limit > 0 ? Math.min(1, (enter * idle) / limit) : 1;
    this.stalled = score >= enter;
    const since = this.stalled ? (this.#last ?? time - idle) : time;
    return [{ time, kind: 'no-frames', score, since: Math.min(time, since) }];
  }
}

interface PictureLimits {
  readonly jump: number;
  readonly lowRate: number;
  readonly lowRateDuration: number;
}

/** Skips and the rate of one epoch's pictures, by their timestamps. */
class PictureTimes {
  readonly #limits: PictureLimits;
  readonly #cadence = new CadenceMeter();
  readonly #rates: RateHistory;
  #last: number | undefined;

  constructor(limits: PictureLimits) {
    this.#limits = limits;
    this.#rates = new RateHistory(lowShare(limits), highShare(limits));
  }

  /** The timeline ran on to `time` while nothing came: that is no skip. */
  pause(time: number): void {
    if (this.#last !== undefined) this.#last = Math.max(this.#last, time);
    this.#rates.restart(time);
  }

  frame({ time }: FrameObservation): Judgement[] {
    const last = this.#last;
    this.#last = time;
    const interval = last === undefined ? 0 : time - last;
    const skip = last === undefined || interval <= 0 ? [] : this.#skip(last, time);
    if (skip.length > 0) this.#rates.restart(time);
    else if (interval > 0) this.#cadence.add(interval);
    return [...skip, ...this.#rate(time)];
  }

  #skip(last: number, time: number): Judgement[] {
    const cadence = this.#cadence.cadence;
    if (!cadence) return [];
    const skipped = time - last - cadence.interval;
    if (skipped <= noticeable) return [];
    const score = Math.min(1, (enter * skipped) / leastSkip(cadence, this.#limits.jump));
    const over = { time, kind: 'timestamp-jump', score: 0, since: time } as const;
    // Onset and end are known at once: the picture before stayed on until its own interval was over.
    return score < enter ? [] : [{ ...over, score, since: last + cadence.interval }, over];
  }

  #rate(time: number): Judgement[] {
    const reading = this.#rates.frame(time);
    if (!reading) return [];
    const { share, low, since } = reading;
    const full = share === undefined ? 0 : rateScore(share, this.#limits);
    const ripe = !low || time - since >= this.#limits.lowRateDuration;
    const score = ripe
      ? full
      : Math.min(full, (0.98 * enter * (time - since)) / this.#limits.lowRateDuration);
    return [{ time, kind: 'low-frame-rate', score, since }];
  }
}

/**
 * Seconds that must be skipped to be a defect. At a steady cadence every lost frame shows, and three in a row are
 * needed; where frames come as they like (screen recordings send none while nothing moves), a skip must be far
 * outside of what is usual.
 */
function leastSkip({ interval, longInterval, steady }: Cadence, jump: number): number {
  return steady ? Math.max(jump, 2 * interval) : Math.max(4 * jump, 10 * longInterval);
}

function lowShare({ lowRate }: PictureLimits): number {
  return lowRate - countingError;
}

/** Half of the way back to the usual rate ends a low rate. */
function highShare(limits: PictureLimits): number {
  return (1 + lowShare(limits)) / 2;
}

/** `enter` where the rate begins to be low, `exit` where that is over, 1 at half of where it began. */
function rateScore(share: number, limits: PictureLimits): number {
  const low = lowShare(limits);
  if (share < low) return Math.min(1, enter + (low - share) / low);
  return Math.max(0, enter - ((enter - exit) * (share - low)) / (highShare(limits) - low));
}
