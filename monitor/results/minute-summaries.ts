import type { WatchedSeconds } from '../watch/watch-event.ts';

/** One stream's minute, for one detector. */
export interface MinuteSummary<Stream> {
  readonly stream: Stream;
  readonly detector: string;
  /** Start of the minute, in ms since 1970. */
  readonly minute: number;
  readonly monitored: number;
  readonly blind: number;
  readonly defect: number;
}

interface OpenMinute {
  monitored: number;
  blind: number;
  /** By detector: those that run on the stream, and any other that had a defect. */
  readonly defects: Map<string, number>;
}

interface Entry<Stream> {
  readonly stream: Stream;
  detectors: readonly string[];
  /** Minutes before this one have been given out. */
  nextMinute: number;
  readonly open: Map<number, OpenMinute>;
}

const minuteMs = 60_000;
/** How long after its end a minute waits for seconds that are on their way, in ms. */
const grace = 5000;

/**
 * Adds up watched seconds by minute of the wall clock. Each minute is given out once; seconds that come later
 * count in the next, so that sums hold. Pure: time is passed in.
 */
export class MinuteSummaries<Stream extends object> {
  readonly #streams = new Map<string, Entry<Stream>>();

  /** How many summaries have been begun and not given out. */
  get open(): number {
    const minutes = [...this.#streams.values()].flatMap(({ open }) => [...open.values()]);
    return minutes.reduce((sum, { defects }) => sum + defects.size, 0);
  }

  /** Adds a stream's seconds. `detectors`: those that run on it; the last known where it has left. */
  add(key: string, stream: Stream, detectors: readonly string[] | undefined, seconds: WatchedSeconds): void {
    let entry = this.#streams.get(key);
    if (!entry) {
      entry = { stream, detectors: [], nextMinute: 0, open: new Map() };
      this.#streams.set(key, entry);
    }
    entry.detectors = detectors ?? entry.detectors;
    const minute = Math.max(Math.floor(Date.parse(seconds.from) / minuteMs) * minuteMs, entry.nextMinute);
    let open = entry.open.get(minute);
    if (!open) {
      open = { monitored: 0, blind: 0, defects: new Map() };
      entry.open.set(minute, open);
    }
    open.monitored += seconds.monitored;
    for (const blind of Object.values(seconds.blind)) open.blind += blind;
    for (const detector of entry.detectors) open.defects.set(detector, open.defects.get(detector) ?? 0);
    for (const { detector, seconds: defect } of seconds.defect) {
      open.defects.set(detector, (open.defects.get(detector) ?? 0) + defect);
    }
  }

  /** Takes the minutes that are over at `now` (ms since 1970); all of them when `now` is infinite. */
  take(now: number): MinuteSummary<Stream>[] {
    const taken: MinuteSummary<Stream>[] = [];
    for (const [key, entry] of this.#streams) {
      for (const [minute, { monitored, blind, defects }] of entry.open) {
        if (minute + minuteMs + grace > now) continue;
        entry.open.delete(minute);
        entry.nextMinute = Math.max(entry.nextMinute, minute + minuteMs);
        for (const [detector, defect] of defects) {
          taken.push({ stream: entry.stream, detector, minute, monitored, blind, defect });
        }
      }
      // A stream that is gone leaves nothing behind; one that comes back is long past its last minute.
      if (entry.open.size === 0 && Number.isFinite(now) && entry.nextMinute + 2 * minuteMs < now)
        this.#streams.delete(key);
    }
    return taken;
  }
}
