import type { AudioBlock, BlockMeasure } from './block-meter.ts';

/** Hysteresis of the low level, in dB: sound must come back this much louder. */
export const hysteresis = 6;

/** A condition that is present since a media time, or over since one. */
export class Run {
  since: number | undefined;
  overSince: number | undefined;

  begin(at: number): void {
    this.since ??= at;
    this.overSince = undefined;
  }

  end(at: number): void {
    if (this.since === undefined && this.overSince !== undefined) return;
    this.since = undefined;
    this.overSince = at;
  }

  /** Seconds it has been present at `time`. */
  lasted(time: number): number {
    return this.since === undefined ? 0 : time - this.since;
  }
}

/** How long one channel, or the whole programme, has been digitally silent and how long below the low level. */
export class SilenceRuns {
  readonly zero = new Run();
  readonly low = new Run();
  readonly #levelDbfs: number;
  readonly #minDuration: number;

  constructor(levelDbfs: number, minDuration: number) {
    this.#levelDbfs = levelDbfs;
    this.#minDuration = minDuration;
  }

  step(block: AudioBlock, { level, constantSince, changedAt }: BlockMeasure): void {
    if (constantSince !== undefined) this.zero.begin(constantSince);
    else this.zero.end(changedAt ?? block.start);
    const limit = this.#levelDbfs + (this.low.since === undefined ? 0 : hysteresis);
    // Digital silence is a defect of its own: a low level ends where it begins. Short stretches of it, as
    // lossy codecs leave them in faint noise, belong to the low level.
    if (this.zero.since !== undefined && this.zero.lasted(block.end) >= this.#minDuration) {
      this.low.end(this.zero.since);
    } else if (level < limit) this.low.begin(block.start);
    else this.low.end(block.start);
  }
}
