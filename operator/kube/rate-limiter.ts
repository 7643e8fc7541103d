import { TokenBucket } from './token-bucket.ts';

/** Longest pause that a server can ask for, in seconds: a mistaken answer must not stop us for a day. */
const longestHold = 60;

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
  readonly signal: AbortSignal | undefined;
  readonly onAbort: () => void;
}

/** Lets calls through in order: a steady rate with bursts, and none while the server has asked for a pause. */
export class RateLimiter {
  readonly #bucket: TokenBucket;
  readonly #waiting: Waiting[] = [];
  #heldUntil = 0;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param qps calls per second in the long run
   * @param burst calls at once after rest
   * @throws RangeError when one of them is out of range
   */
  constructor(qps: number, burst: number) {
    this.#bucket = new TokenBucket(qps, burst, performance.now());
  }

  /** Calls that wait for their turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Resolves when the call may be made.
   * @throws the signal's reason when it is aborted first
   */
  acquire(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#waiting.length === 0 && this.#mayPass()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { resolve, reject, signal, onAbort: () => this.#abandon(waiting) };
      signal?.addEventListener('abort', waiting.onAbort, { once: true });
      this.#waiting.push(waiting);
      this.#schedule();
    });
  }

  /**
   * Holds every call, as a `Retry-After` asks; the later of two pauses counts.
   * @param seconds 60 at most
   */
  hold(seconds: number): void {
    const until = performance.now() + Math.min(Math.max(seconds, 0), longestHold) * 1000;
    this.#heldUntil = Math.max(this.#heldUntil, until);
    this.#schedule();
  }

  #mayPass(): boolean {
    const now = performance.now();
    return now >= this.#heldUntil && this.#bucket.take(now);
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    const now = performance.now();
    const held = this.#heldUntil - now;
    if (held > 0) this.#timer = setTimeout(() => this.#resume(), Math.ceil(held));
    else this.#timer = setTimeout(() => this.#release(), this.#bucket.wait(now));
  }

  #resume(): void {
    this.#bucket.drain(performance.now());
    this.#release();
  }

  #release(): void {
    while (this.#waiting.length > 0 && this.#mayPass()) {
      const { resolve, signal, onAbort } = this.#waiting.shift()!;
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }
    this.#schedule();
  }

  #abandon(waiting: Waiting): void {
    const index = this.#waiting.indexOf(waiting);
    if (index < 0) return;
    this.#waiting.splice(index, 1);
    waiting.reject(waiting.signal?.reason);
  }
}
