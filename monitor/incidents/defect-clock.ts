import type { Severity } from '../../crds/detector-manifest.ts';
import { CoveredSeconds } from './covered-seconds.ts';

export interface DefectSeconds {
  readonly detector: string;
  readonly severity: Severity;
  readonly seconds: number;
}

/**
 * Counts media seconds in which a detector had a defect: once however many of its incidents overlap, at the
 * worst severity, and from the onset although an incident opens later.
 */
export class DefectClock {
  readonly #seconds = new Map<string, DefectSeconds>();
  readonly #covered = new CoveredSeconds();
  #time = Number.NaN;

  /** Time went on while these detectors had defects. */
  advance(time: number, active: ReadonlyMap<string, Severity>): void {
    for (const [detector, severity] of active) this.#count(detector, severity, this.#time, time);
    this.#time = time;
  }

  /** An incident opened at `now` for a defect that began at `start`. */
  backdate(detector: string, severity: Severity, start: number, now: number): void {
    this.#count(detector, severity, start, now);
  }

  take(): DefectSeconds[] {
    const taken = [...this.#seconds.values()];
    this.#seconds.clear();
    return taken;
  }

  #count(detector: string, severity: Severity, from: number, to: number): void {
    const seconds = this.#covered.claim(detector, from, to);
    if (seconds === 0) return;
    const key = `${detector}/${severity}`;
    const before = this.#seconds.get(key)?.seconds ?? 0;
    this.#seconds.set(key, { detector, severity, seconds: before + seconds });
  }
}
