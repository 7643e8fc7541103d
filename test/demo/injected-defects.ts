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

/** Keeps the wall-clock times of planned defects as their streams go on. */
export class InjectedDefects {
  readonly #planned: readonly PlannedDefect[];
  readonly #times: Map<PlannedDefect, { start: number; end: number }>;

  /** @param now wall clock at which the streams are about to start, in ms */
  constructor(planned: readonly PlannedDefect[], now: number) {
    this.#planned = planned;
    this.#times = new Map(
      planned.map((defect) => [defect, { start: now + 1000 * defect.from, end: now + 1000 * defect.to }]),
    );
  }

  /** At `now` the stream's sender is `position` seconds into it. */
  observe(stream: StreamName, position: number, now: number): void {
    for (const [defect, times] of this.#times) {
      if (defect.stream !== stream) continue;
      if (position < defect.from) times.start = now + 1000 * (defect.from - position);
      if (position < defect.to) times.end = now + 1000 * (defect.to - position);
    }
  }

  all(): readonly InjectedDefect[] {
    return this.#planned.map((defect) => {
      const { stream, detector, description } = defect;
      const { start, end } = this.#times.get(defect)!;
      return { stream, detector, startTime: start, endTime: end, description };
    });
  }
}
