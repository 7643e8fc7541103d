import type { EvidenceObservation } from '../contract.ts';

/** Pictures are decoded in another order than shown: damage can show in this many seconds before its timestamp. */
const reorderSeconds = 0.13;
/** Decoder log lines are timed by the newest frame that came out, which is up to three frames off. */
const logSlackSeconds = 0.12;
/** A log line so long after lost packets, or before them, is about them: the decoder is ahead of its frames. */
const explained = { after: 0.3, before: 0.5 } as const;
/** Without any random access point to wait for, a usual GOP for lost packets, and less for a log line alone. */
const unseenEnd = { transport: 2, decoder: 1 } as const;
/** GOPs longer than this are not in use for live streams (x264's default is 250 frames): forget the damage. */
const longestGop = 10;
/** Decoding has come to lost data, or the log to what was decoded, within so many seconds after its time. */
const shownSeconds = 0.3;

export type LossSource = 'transport' | 'decoder';

/** Data lost or damaged between `first` and `last`, with no random access point in between. */
interface Loss {
  readonly source: LossSource;
  first: number;
  /** Only a random access point after this heals. */
  last: number;
}

/**
 * Which frames can be damaged, going by lost packets and the decoder's log: those from the loss to the next clean
 * random access point, where decoding needs nothing from before (ITU-T H.264 §3.69, §3.133). Judged by
 * media time alone, so that evidence may come before or after the frames it is about.
 */
export class DataLoss {
  #losses: Loss[] = [];
  /** Times of all that was told of losses. */
  #told: number[] = [];
  #accessPoints: number[] = [];
  #accessPointsSeen = false;

  evidence({ time, evidence, track }: EvidenceObservation): void {
    if (track === 'audio') return;
    if (evidence !== 'random-access' && evidence !== 'missing-segment') this.#told.push(time);
    switch (evidence) {
      case 'random-access':
        this.#accessPoints.push(time);
        this.#accessPointsSeen = true;
        break;
      case 'continuity-gap':
      case 'transport-error':
      case 'short-segment':
        this.#add({ source: 'transport', first: time, last: time });
        break;
      case 'decoder-error':
      case 'decoder-concealment':
        if (!this.#isExplained(time))
          this.#add({ source: 'decoder', first: time, last: time + logSlackSeconds });
        break;
      // A whole segment that is missing leaves a jump in time, and the next one starts clean.
      case 'missing-segment':
        break;
    }
  }

  /** What can have damaged the frame at `time`; frames come in the order of their times. */
  at(time: number): { readonly source: LossSource; readonly first: number } | undefined {
    this.#forgetBefore(time - longestGop - 1);
    const reaching = this.#losses.filter((loss) => this.#reaches(loss, time));
    if (reaching.length === 0) return undefined;
    return {
      source: reaching.some(({ source }) => source === 'transport') ? 'transport' : 'decoder',
      first: Math.min(...reaching.map(({ first }) => first)),
    };
  }

  /** Whether anything was told of a loss that is still ahead of the frames, or may still be seen in them. */
  get isNear(): boolean {
    return this.#told.length > 0;
  }

  /** Whether the frame at `time` is one of those that are decoded from what is left of lost data itself. */
  touches(time: number): boolean {
    return this.#told.some((told) => time >= told - reorderSeconds && time <= told + shownSeconds);
  }

  /** Whether decoding starts anew within `slack` seconds of the frame at `time`. */
  startsAnew(time: number, slack: number): boolean {
    return this.#accessPoints.some((point) => Math.abs(point - time) <= slack);
  }

  #add(loss: Loss): void {
    const joined = this.#losses.find(
      ({ source, first, last }) =>
        source === loss.source &&
        loss.first >= first &&
        loss.first - last <= unseenEnd.decoder &&
        !this.#accessPointWithin(last, loss.last),
    );
    if (joined) joined.last = Math.max(joined.last, loss.last);
    else this.#losses.push(loss);
  }

  /** Whether packets known to be lost explain a log line: those are timed exactly, the line is not. */
  #isExplained(time: number): boolean {
    return this.#losses.some(
      (loss) =>
        loss.source === 'transport' &&
        (this.#reaches(loss, time) ||
          this.#reaches(loss, time - explained.after) ||
          (loss.first > time && loss.first - time <= explained.before)),
    );
  }

  #reaches({ source, first, last }: Loss, time: number): boolean {
    if (time < first) return first - time <= reorderSeconds && !this.#accessPointWithin(time, first);
    if (time <= last) return true;
    const longest = this.#accessPointsSeen ? longestGop : unseenEnd[source];
    return time - last < longest && !this.#accessPointWithin(last, time);
  }

  /** Whether decoding starts anew after `from`, at or before `to`. */
  #accessPointWithin(from: number, to: number): boolean {
    return this.#accessPoints.some((point) => point > from + 0.001 && point <= to + 0.001);
  }

  #forgetBefore(time: number): void {
    if (this.#told.length > 0 && this.#told[0]! < time)
      this.#told = this.#told.filter((told) => told >= time);
    if (this.#losses.some(({ last }) => last < time))
      this.#losses = this.#losses.filter(({ last }) => last >= time);
    if (this.#accessPoints.length > 0 && this.#accessPoints[0]! < time)
      this.#accessPoints = this.#accessPoints.filter((point) => point >= time);
  }
}
