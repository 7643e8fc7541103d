import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Verdict } from './delivery.ts';
import { Lanes, type Route } from './lanes.ts';
import { defaultRetryPolicy, type RetryPolicy, retryDelay } from './retry-delay.ts';
import type { Spool, SpoolItem } from './spool.ts';

export interface DispatcherOptions {
  readonly spool: Spool;
  readonly sink: string;
  readonly logger: Logger;
  /** Items in flight to one destination. */
  readonly concurrency?: number;
  /** Time-out of one attempt. */
  readonly attemptSeconds?: number;
  readonly retry?: RetryPolicy;
  readonly route: (item: SpoolItem) => Route;
  /** One attempt. Aborted by the signal; a rejection counts as a reason to try again. */
  readonly send: (item: SpoolItem, body: Buffer, signal: AbortSignal) => Promise<Verdict>;
  readonly onResult: (item: SpoolItem, result: Verdict['result'] | 'dropped') => void;
}

/** Delivers the spooled items of one sink, each until it is acknowledged, refused, or dropped by the spool. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #lanes: Lanes<SpoolItem>;
  readonly #known = new Set<SpoolItem>();
  readonly #failing = new Set<string>();
  readonly #closing = new AbortController();
  readonly #attempts = new Set<Promise<void>>();
  readonly #idle = new EventTarget();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#lanes = new Lanes(options.concurrency ?? 4);
    options.spool.onDrop((item) => {
      if (item.sink !== options.sink) return;
      this.#lanes.withdraw(options.route(item).lane, item);
      this.#known.delete(item);
      options.onResult(item, 'dropped');
      this.#announceIdle();
    });
  }

  /** Delivers an item of the spool from now on; once, however often it is named. */
  enqueue(item: SpoolItem): void {
    if (this.#known.has(item) || !this.#options.spool.holds(item) || this.#closing.signal.aborted) return;
    this.#known.add(item);
    this.#lanes.enqueue(this.#options.route(item), item);
    this.#pump();
  }

  /**
   * Delivers what earlier processes left. An item whose `meta` this build does not know is set aside: an older or
   * newer one wrote it.
   */
  resume(knows: (meta: unknown) => boolean): void {
    const { spool, sink, logger } = this.#options;
    for (const item of spool.pending(sink)) {
      if (knows(item.meta)) {
        this.enqueue(item);
        continue;
      }
      logger.error({ key: item.key }, 'spooled item is of an unknown form; set aside');
      spool.setAside(item);
    }
  }

  /** Waits until nothing is left to deliver; false when that takes longer. */
  async drain(seconds: number): Promise<boolean> {
    if (this.#lanes.empty) return true;
    const timeout = new AbortController();
    await Promise.race([
      once(this.#idle, 'idle', { signal: timeout.signal }),
      sleep(seconds * 1000, undefined, { signal: timeout.signal }),
    ]);
    timeout.abort();
    return this.#lanes.empty;
  }

  /** Stops at once. What is not acknowledged stays in the spool. */
  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#timer);
    await Promise.all(this.#attempts);
  }

  #pump(): void {
    if (this.#closing.signal.aborted) return;
    clearTimeout(this.#timer);
    for (const { route, item } of this.#lanes.claim(Date.now())) {
      const attempt = this.#attempt(route, item).finally(() => {
        this.#attempts.delete(attempt);
        this.#pump();
        this.#announceIdle();
      });
      this.#attempts.add(attempt);
    }
    const wakeAt = this.#lanes.wakeAt();
    // Timers of more than 24 days fire at once; nothing here waits longer than an hour.
    if (wakeAt !== undefined) this.#timer = setTimeout(() => this.#pump(), Math.max(0, wakeAt - Date.now()));
  }

  async #attempt(route: Route, item: SpoolItem): Promise<void> {
    const verdict = await this.#send(item);
    // Given up by the spool in the meantime, and counted as that.
    if (!this.#known.has(item)) return this.#lanes.settle(route);
    if (verdict.result === 'retry') return this.#postpone(route, item, verdict);
    if (verdict.result === 'refused') {
      this.#log('error', item, route, verdict.reason, 'delivery was refused for good; the item is set aside');
      this.#options.spool.setAside(item);
    } else {
      if (this.#failing.delete(route.destination)) {
        this.#options.logger.info({ destination: route.destination }, 'deliveries succeed again');
      }
      this.#options.spool.acknowledge(item);
    }
    this.#known.delete(item);
    this.#lanes.settle(route);
    this.#options.onResult(item, verdict.result);
  }

  async #send(item: SpoolItem): Promise<Verdict> {
    let body: Buffer;
    try {
      body = await this.#options.spool.read(item);
    } catch {
      return { result: 'refused', reason: 'the spooled item cannot be read' };
    }
    if (this.#closing.signal.aborted) return { result: 'retry', reason: 'closing' };
    const timeout = AbortSignal.timeout((this.#options.attemptSeconds ?? 15) * 1000);
    try {
      return await this.#options.send(item, body, AbortSignal.any([this.#closing.signal, timeout]));
    } catch (error) {
      return { result: 'retry', reason: timeout.aborted ? 'time-out' : reasonOf(error) };
    }
  }

  #postpone(route: Route, item: SpoolItem, verdict: Verdict & { result: 'retry' }): void {
    const failures = this.#lanes.fail(route);
    const { reason, retryAfter } = verdict;
    const delay =
      retryDelay(this.#options.retry ?? defaultRetryPolicy, failures, Math.random(), retryAfter) * 1000;
    const time = Date.now() + delay;
    this.#lanes.postpone(route, time);
    if (retryAfter !== undefined) this.#lanes.hold(route.destination, time);
    if (this.#closing.signal.aborted) return;
    // An outage is one event however many items wait for its end.
    const level = this.#failing.has(route.destination) ? 'debug' : 'warn';
    this.#failing.add(route.destination);
    this.#log(level, item, route, reason, 'delivery failed; it will be tried again');
    this.#options.onResult(item, 'retry');
  }

  #log(
    level: 'debug' | 'warn' | 'error',
    item: SpoolItem,
    route: Route,
    reason: string,
    message: string,
  ): void {
    this.#options.logger[level]({ key: item.key, destination: route.destination, reason }, message);
  }

  #announceIdle(): void {
    if (this.#lanes.empty) this.#idle.dispatchEvent(new Event('idle'));
  }
}

/** The error's code or name: messages of network libraries hold addresses, those of parsers hold contents. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
