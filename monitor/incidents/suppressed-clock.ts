import type { SuppressionReason } from '../../crds/suppression.ts';
import { CoveredSeconds } from './covered-seconds.ts';

export type SuppressedSeconds = Readonly<Partial<Record<SuppressionReason, number>>>;

/** Counts media seconds with an expected defect, once for each reason however many detectors saw one. */
export class SuppressedClock {
  readonly #covered = new CoveredSeconds();
  #seconds: Partial<Record<SuppressionReason, number>> = {};
  #time = Number.NaN;

  /** Time went on while defects were expected for these reasons. */
  advance(time: number, active: ReadonlySet<SuppressionReason>): void {
    for (const reason of active) this.backdate(reason, this.#time, time);
    this.#time = time;
  }

  /** An expected defect was there since `start`. */
  backdate(reason: SuppressionReason, start: number, now: number): void {
    const seconds = this.#covered.claim(reason, start, now);
    if (seconds > 0) this.#seconds[reason] = (this.#seconds[reason] ?? 0) + seconds;
  }

  take(): SuppressedSeconds {
    const taken = this.#seconds;
    this.#seconds = {};
    return taken;
  }
}
