import type { Event, Occurrence } from './event.ts';

/** An event and how often it happened. Times as of performance.now(). */
export interface OpenSeries {
  readonly key: string;
  event: Event;
  count: number;
  /** Last time that it happened. */
  at: number;
  lastObserved: Date;
  /** What the server knows: the count, 0 before the event is there, and when it was told. */
  written: { count: number; at: number };
}

/** So long after the last time, the same is a new event; ms. */
export const seriesEnd = 600_000;

/** Events that may happen again, in order of their last time; those that are over and the oldest make room. */
export class EventSeriesStore {
  readonly #capacity: number;
  readonly #series = new Map<string, OpenSeries>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#series.size;
  }

  /** The series that goes on with one more occurrence; undefined where a new one begins. */
  find(key: string, now: number): OpenSeries | undefined {
    const series = this.#series.get(key);
    // One that still waits to be written goes on: else a server that is gone for long would leave many behind.
    return series && (now - series.at < seriesEnd || isPending(series)) ? series : undefined;
  }

  /** @returns false when there is no room: all that is kept is still to be written */
  put(series: OpenSeries, now: number): boolean {
    this.#series.delete(series.key);
    for (const old of this.#series.values()) {
      if (this.#series.size < this.#capacity && now - old.at < seriesEnd) break;
      if (!isPending(old)) this.#series.delete(old.key);
    }
    if (this.#series.size >= this.#capacity) return false;
    this.#series.set(series.key, series);
    return true;
  }

  delete(series: OpenSeries): void {
    if (this.#series.get(series.key) === series) this.#series.delete(series.key);
  }
}

/** Whether the server has yet to be told. */
export function isPending({ count, written }: OpenSeries): boolean {
  return count > written.count;
}

/** Same for what counts as the same event. */
export function seriesKey({ regarding, related, type, reason, action, note }: Occurrence): string {
  const names = [regarding, related].map((object) => object && [object.kind, object.uid]);
  return JSON.stringify([...names, type, reason, action, note]);
}
