import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { BackOff } from './back-off.ts';
import { type Event, type EventSeries, eventName, eventOf, type Occurrence, type Reporter } from './event.ts';
import { EventBudget } from './event-budget.ts';
import { EventSeriesStore, isPending, type OpenSeries, seriesEnd, seriesKey } from './event-series-store.ts';
import type { KubeClient } from './kube-client.ts';
import { isKubeError, KubeError } from './kube-error.ts';
import { microTime } from './micro-time.ts';
import { events } from './resource.ts';
import { within } from './within.ts';

export interface EventRecorderOptions extends Reporter {
  readonly logger: Logger;
  /** New events about one object: at once after rest, and in the long run; 25 and 6 per minute when left out. */
  readonly budget?: { readonly burst: number; readonly perMinute: number };
  /** Most events that are remembered or wait to be written; 1000 when left out. */
  readonly capacity?: number;
  /** Least time between two writes of how often an event happened, ms; 10,000 when left out. */
  readonly seriesInterval?: number;
}

/** Occurrences that nobody will read of, by cause. */
export interface DroppedEvents {
  /** There were too many about one object. */
  budget: number;
  /** Too many wait, as the server is slow or gone. */
  full: number;
  /** The server did not take it, or was gone for too long. */
  refused: number;
}

/** Longest that a server takes to read the roles after it is within reach again, ms. */
const rolesTimeout = 30_000;

/**
 * Reports what happens to objects as Events (events.k8s.io/v1), which `kubectl describe` shows. What happens again
 * within 10 minutes raises the count of its event. Nothing here holds up or fails its caller: what cannot be written is
 * dropped and counted.
 */
export class EventRecorder {
  readonly dropped: DroppedEvents = { budget: 0, full: 0, refused: 0 };
  readonly #client: KubeClient;
  readonly #options: EventRecorderOptions;
  readonly #seriesInterval: number;
  readonly #budget: EventBudget;
  readonly #series: EventSeriesStore;
  readonly #pending = new Set<OpenSeries>();
  readonly #backOff = new BackOff(500, 30_000);
  readonly #stopping = new AbortController();
  /** When the server was last out of reach, in ms of the monotonic clock. */
  #unreachableAt = Number.NEGATIVE_INFINITY;
  #isClosing = false;
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param client one of its own, so that events never take the rate of other calls
   * @throws RangeError when the budget is out of range
   */
  constructor(client: KubeClient, options: EventRecorderOptions) {
    const { budget = { burst: 25, perMinute: 6 }, capacity = 1000, seriesInterval = 10_000 } = options;
    this.#client = client;
    this.#options = options;
    this.#seriesInterval = seriesInterval;
    this.#budget = new EventBudget(budget.burst, budget.perMinute, 10 * capacity);
    this.#series = new EventSeriesStore(capacity);
  }

  /** Events that wait to be written, or are being written. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Takes note, and returns at once. */
  record(occurrence: Occurrence): void {
    if (this.#isClosing) {
      this.dropped.full++;
      return;
    }
    const now = performance.now();
    const key = seriesKey(occurrence);
    const series = this.#series.find(key, now) ?? this.#begin(occurrence, key, now);
    if (!series) return;
    series.count++;
    series.at = now;
    series.lastObserved = new Date();
    if (!this.#series.put(series, now)) {
      this.dropped.full++;
      return;
    }
    this.#pending.add(series);
    this.#wake();
  }

  /** Writes what waits, for `grace` ms at most, and ends. What is left then is counted as dropped. */
  async stop(grace = 2000): Promise<void> {
    this.#isClosing = true;
    this.#wake();
    // A call that hangs is left behind.
    await within(grace, this.#stopping.signal, this.#writing!).catch(() => {});
    this.#stopping.abort();
    clearTimeout(this.#timer);
    for (const { count, written } of this.#pending) this.dropped.full += count - written.count;
    this.#pending.clear();
  }

  #begin(occurrence: Occurrence, key: string, now: number): OpenSeries | undefined {
    const { regarding } = occurrence;
    if (!this.#budget.take(`${regarding.kind} ${regarding.uid}`, now)) {
      this.dropped.budget++;
      return undefined;
    }
    const time = new Date();
    const event = eventOf(occurrence, this.#options, time);
    return { key, event, count: 0, at: now, lastObserved: time, written: { count: 0, at: 0 } };
  }

  #wake(): void {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
      this.#setTimer();
    });
  }

  /** Until the next count may be written. */
  #setTimer(): void {
    clearTimeout(this.#timer);
    if (this.#pending.size === 0 || this.#isClosing) return;
    const next = Math.min(...[...this.#pending].map((series) => this.#dueOf(series)));
    this.#timer = setTimeout(() => this.#wake(), Math.max(0, next - performance.now()));
    this.#timer.unref();
  }

  #dueOf({ written }: OpenSeries): number {
    return written.count === 0 || this.#isClosing ? 0 : written.at + this.#seriesInterval;
  }

  async #write(): Promise<void> {
    // Not within the call of who records.
    await Promise.resolve();
    for (let series = this.#next(); series; series = this.#next()) {
      try {
        await this.#send(series);
        this.#backOff.reset();
        this.#pending.delete(series);
        if (isPending(series)) this.#pending.add(series);
      } catch (error) {
        await this.#fail(series, error);
      }
    }
  }

  #next(): OpenSeries | undefined {
    if (this.#stopping.signal.aborted) return undefined;
    const now = performance.now();
    for (const series of this.#pending) if (this.#dueOf(series) <= now) return series;
    return undefined;
  }

  async #send(series: OpenSeries): Promise<void> {
    const { count } = series;
    const counted = count > 1 ? { count, lastObservedTime: microTime(series.lastObserved) } : undefined;
    if (series.written.count === 0 || !counted) await this.#create(series, counted);
    else await this.#raise(series, counted);
    series.written = { count, at: performance.now() };
  }

  async #create({ event }: OpenSeries, series: EventSeries | undefined): Promise<void> {
    try {
      await this.#client.create(events, series ? { ...event, series } : event);
    } catch (error) {
      if (!isKubeError(error, 'AlreadyExists')) throw error;
      // A try before this one arrived, though its answer did not.
      if (series) await this.#patch(event, series);
    }
  }

  async #raise(open: OpenSeries, series: EventSeries): Promise<void> {
    try {
      await this.#patch(open.event, series);
    } catch (error) {
      if (!isKubeError(error, 'NotFound')) throw error;
      // Events are deleted after an hour, or by hand.
      const { metadata, regarding } = open.event;
      open.event = { ...open.event, metadata: { ...metadata, name: eventName(regarding.name) } };
      await this.#create(open, series);
    }
  }

  async #patch({ metadata }: Event, series: EventSeries): Promise<void> {
    await this.#client.patch(events, metadata.name, metadata.namespace, { series });
  }

  async #fail(series: OpenSeries, error: unknown): Promise<void> {
    // It has been counted as dropped.
    if (this.#stopping.signal.aborted) return;
    const { regarding, reason } = series.event;
    const facts = { regarding, event: reason, reason: `${error}` };
    const now = performance.now();
    if (!(error instanceof KubeError) || !this.#mayPass(error, now) || now - series.at > seriesEnd) {
      this.dropped.refused += series.count - series.written.count;
      this.#pending.delete(series);
      this.#series.delete(series);
      this.#options.logger.warn(facts, 'dropped an event that the API server does not take');
      return;
    }
    // Behind the others, in case it is this very event that fails.
    this.#pending.delete(series);
    this.#pending.add(series);
    const wait = Math.max(this.#backOff.next(), (error.retryAfter ?? 0) * 1000);
    this.#options.logger.warn({ ...facts, retryInSeconds: wait / 1000 }, 'cannot write events: trying again');
    await sleep(wait, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => {});
  }

  /** Whether another try can succeed. A server that has just started answers 403 until it has read the roles. */
  #mayPass({ code, retryable }: KubeError, now: number): boolean {
    if (retryable) this.#unreachableAt = now;
    return retryable || (code === 'Forbidden' && now - this.#unreachableAt < rolesTimeout);
  }
}
