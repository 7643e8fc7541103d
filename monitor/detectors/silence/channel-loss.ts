import type { Run } from './silence-runs.ts';

/** A programme must be quiet for this long, in seconds, before a channel's own silence is taken as part of that. */
const programmePause = 1;

/**
 * How long one channel has been silent *beside others that have sound*. While the whole programme is quiet that
 * is not known, so the count stands still: a channel that was lost before stays lost, one that fell silent with
 * the programme starts anew if it stays silent after.
 */
export class ChannelLoss {
  since: number | undefined;
  readonly #required: number;

  /** `required`: seconds from which on the loss stands by itself. */
  constructor(required: number) {
    this.#required = required;
  }

  /** Returns for how many seconds the loss has been seen at `time`. */
  step(channel: Run, quiet: Run, time: number): number {
    if (channel.since === undefined) {
      this.since = undefined;
      return 0;
    }
    if (quiet.since === undefined) {
      this.since ??= Math.max(channel.since, quiet.overSince ?? channel.since);
      return time - this.since;
    }
    const seen = this.since === undefined ? 0 : Math.max(0, quiet.since - this.since);
    if (seen < this.#required && quiet.lasted(time) >= programmePause) this.since = undefined;
    return seen;
  }
}
