import type { PlannedDefect, StreamName } from './schedule.ts';

/** A defect in a stream that a monitor has to find. Times are wall clock, in ms since 1970, as it left the sender. */
export interface InjectedDefect {
  readonly stream: string;
  readonly detector: string;
  /** Foreseen until the sender gets there, then as it was. */
  readonly startTime: number;
  readonly endTime: number;
  readonly description: string;
}

/** Keeps the wall-clock times of planned defects as their streams go on. All times in ms, positions in seconds. */
export class InjectedDefects {
  readonly #planned: readonly PlannedDefect[];
  readonly #seen = new Map<PlannedDefect, { position: number; startTime: number; endTime: number }>();

  constructor(planned: readonly PlannedDefect[]) {
    this.#planned = planned;
  }

  /** At `now` the stream's sender is `position` into it. */
  observe(stream: StreamName, position: number, now: number): void {
    for (const defect of this.#planned) {
      if (defect.stream !== stream) continue;
      const reckoned = at(defect, position, now);
      const before = this.#seen.get(defect);
      this.#seen.set(defect, {
        position,
        startTime: before && before.position >= defect.from ? before.startTime : reckoned.startTime,
        endTime: before && before.position >= defect.to ? before.endTime : reckoned.endTime,
      });
    }
  }

  /** Those of streams that have not begun are foreseen as if they began at `now`. */
  all(now: number): readonly InjectedDefect[] {
    return this.#planned.map((defect) => {
      const { stream, detector, description } = defect;
      const { startTime, endTime } = this.#seen.get(defect) ?? at(defect, 0, now);
      return { stream, detector, startTime, endTime, description };
    });
  }
}

function at({ from, to }: PlannedDefect, position: number, now: number) {
  return { startTime: now + 1000 * (from - position), endTime: now + 1000 * (to - position) };
}
