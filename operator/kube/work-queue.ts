import type { Logger } from 'pino';
import { BackOff } from './back-off.ts';

/** `requeued`: done for now, and asked for again by the handler or by an expected conflict. */
export type RunResult = 'success' | 'error' | 'requeued';

export interface WorkQueueOptions {
  /** In logs. */
  readonly name: string;
  /** Brings one key to its desired state; `after`: to be run again in so many ms at the latest. */
  readonly handler: (key: string) => Promise<{ readonly after?: number } | undefined>;
  /** Most keys that are handled at a time; each is handled by one at a time. */
  readonly concurrency: number;
  /** Waits after failures of a key, ms. */
  readonly backOff: { readonly initial: number; readonly maximum: number };
  /** A key that is added is taken once it was not added again for `idle` ms, or `max` ms after the first time. */
  readonly batch: { readonly idle: number; readonly max: number };
  readonly logger: Logger;
  readonly onResult?: (result: RunResult, seconds: number) => void;
  /** Whether the failure was to be expected, such as a conflict: tried again at once, and not logged as an error. */
  readonly isRetryNow?: (error: unknown) => boolean;
}

/** What is known of a key that waits or runs. Times as of performance.now(). */
interface Item {
  readonly key: string;
  /** First of the adds that are still to be answered, and when they will be. */
  added?: { readonly since: number; due: number };
  /** When a run was asked for ahead of time. */
  delayed?: number;
  /** When the last run wants another one. */
  again?: number;
  backOff?: BackOff;
  timer?: { readonly at: number; readonly handle: NodeJS.Timeout };
  running: boolean;
}

/** Longest time that a timer of Node can be set to, ms. */
const longestTimer = 2 ** 31 - 1;

/**
 * Keys that are to be brought to their desired state, each as often as needed and no more: a key that is added again
 * while it waits is handled once, one that is added while it runs is handled again after. What is done with is
 * forgotten, so that the queue is as large as the work.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #items = new Map<string, Item>();
  /** Those that are due, in order. */
  readonly #ready = new Set<Item>();
  readonly #runs = new Set<Promise<void>>();
  #state: 'filling' | 'started' | 'stopped' = 'filling';
  #isWoken = false;

  /** @throws RangeError that names the option that is out of range */
  constructor(options: WorkQueueOptions) {
    const { concurrency, batch } = options;
    if (!(concurrency >= 1)) throw new RangeError(`concurrency is ${concurrency}: set it to 1 or more`);
    this.#options = options;
    verifyWait('batch.idle', batch.idle);
    verifyWait('batch.max', batch.max);
  }

  /** Asks for a run that starts after this call. */
  add(key: string): void {
    const { idle, max } = this.#options.batch;
    const now = performance.now();
    const item = this.#item(key);
    const since = item.added?.since ?? now;
    item.added = { since, due: Math.min(now + idle, since + max) };
    this.#schedule(item);
  }

  /**
   * Asks for a run in `delay` ms. Of several times the earliest counts; runs before it do not replace it.
   * @throws RangeError when the delay is below 0 or not finite
   */
  addAfter(key: string, delay: number): void {
    verifyWait('delay', delay);
    const item = this.#item(key);
    item.delayed = Math.min(item.delayed ?? Number.POSITIVE_INFINITY, performance.now() + delay);
    this.#schedule(item);
  }

  /** Begins to handle keys. Until then they are gathered, so that a standby can take over with a full queue. */
  start(): void {
    if (this.#state !== 'filling') return;
    this.#state = 'started';
    for (const item of this.#items.values()) this.#schedule(item);
  }

  /** Handles no more keys, and resolves when the last handler that runs is done. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    for (const { timer } of this.#items.values()) clearTimeout(timer?.handle);
    this.#items.clear();
    this.#ready.clear();
    await Promise.all(this.#runs);
  }

  /** Keys that wait to be handled, not counting those that wait for their time. */
  get depth(): number {
    const now = performance.now();
    let depth = 0;
    for (const item of this.#items.values()) if (item.added || dueOf(item) <= now) depth++;
    return depth;
  }

  /** Keys that are being handled. */
  get running(): number {
    return this.#runs.size;
  }

  /** Keys that are remembered for any reason. */
  get size(): number {
    return this.#items.size;
  }

  #item(key: string): Item {
    let item = this.#items.get(key);
    if (!item) {
      item = { key, running: false };
      if (this.#state !== 'stopped') this.#items.set(key, item);
    }
    return item;
  }

  /** Makes an item ready or sets its timer. One that runs is looked at again when it is done. */
  #schedule(item: Item): void {
    if (this.#state !== 'started' || item.running || this.#ready.has(item)) return;
    const due = dueOf(item);
    if (due <= performance.now()) this.#makeReady(item);
    else if (due < (item.timer?.at ?? Number.POSITIVE_INFINITY)) this.#setTimer(item, due);
  }

  /** A timer that is too early, as more was added since, is set anew when it fires: not with every add. */
  #setTimer(item: Item, due: number): void {
    clearTimeout(item.timer?.handle);
    const wait = Math.min(Math.max(0, Math.ceil(due - performance.now())), longestTimer);
    const handle = setTimeout(() => {
      item.timer = undefined;
      this.#schedule(item);
    }, wait);
    item.timer = { at: due, handle };
  }

  #makeReady(item: Item): void {
    clearTimeout(item.timer?.handle);
    item.timer = undefined;
    this.#ready.add(item);
    this.#wake();
  }

  /** No handler starts inside the call of somebody who adds a key. */
  #wake(): void {
    if (this.#isWoken) return;
    this.#isWoken = true;
    queueMicrotask(() => {
      this.#isWoken = false;
      this.#takeNext();
    });
  }

  #takeNext(): void {
    for (const item of this.#ready) {
      if (this.#runs.size >= this.#options.concurrency) return;
      this.#ready.delete(item);
      this.#begin(item);
    }
  }

  #begin(item: Item): void {
    const now = performance.now();
    item.running = true;
    item.added = undefined;
    item.again = undefined;
    if (item.delayed !== undefined && item.delayed <= now) item.delayed = undefined;
    const run = this.#run(item, now).finally(() => {
      this.#runs.delete(run);
      this.#end(item);
    });
    this.#runs.add(run);
  }

  #end(item: Item): void {
    item.running = false;
    if (this.#state === 'stopped') return;
    if (dueOf(item) === Number.POSITIVE_INFINITY) this.#items.delete(item.key);
    else this.#schedule(item);
    this.#wake();
  }

  async #run(item: Item, start: number): Promise<void> {
    let result: RunResult;
    try {
      const after = (await this.#options.handler(item.key))?.after;
      if (after !== undefined) verifyWait('after', after);
      item.backOff = undefined;
      if (after !== undefined) item.again = performance.now() + after;
      result = after === undefined ? 'success' : 'requeued';
    } catch (error) {
      result = this.#fail(item, error);
    }
    this.#options.onResult?.(result, (performance.now() - start) / 1000);
  }

  #fail(item: Item, error: unknown): RunResult {
    const { initial, maximum } = this.#options.backOff;
    const expected = this.#options.isRetryNow?.(error) ?? false;
    const isFirst = item.backOff === undefined;
    item.backOff ??= new BackOff(initial, maximum);
    const next = item.backOff.next();
    // At once only once: a conflict with what is not in the cache yet comes again until it is.
    const wait = expected && isFirst ? 0 : next;
    item.again = performance.now() + wait;
    const facts = { queue: this.#options.name, key: item.key, err: error, retryInSeconds: wait / 1000 };
    if (expected) this.#options.logger.debug(facts, 'met a conflict: trying again');
    else this.#options.logger.error({ ...facts, failures: item.backOff.failures }, 'failed: trying again');
    return expected ? 'requeued' : 'error';
  }
}

/** When a key is to be handled next; infinity where nobody asks for it. */
function dueOf({ added, delayed, again }: Item): number {
  const never = Number.POSITIVE_INFINITY;
  return Math.min(added?.due ?? never, delayed ?? never, again ?? never);
}

function verifyWait(name: string, milliseconds: number): void {
  if (Number.isFinite(milliseconds) && milliseconds >= 0) return;
  throw new RangeError(`${name} is ${milliseconds}: set it to 0 ms or more`);
}
