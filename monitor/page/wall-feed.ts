import type { pageRoutes, Wall } from '../../crds/page-api.ts';
import { reuseUnchanged } from './reuse.ts';

/** Typed by the contract, whose module is not served to browsers: the compiler keeps the two alike. */
const wallRoute: (typeof pageRoutes)['wall'] = '/api/wall';
const pollMilliseconds = 1000;
const timeoutMilliseconds = 5000;
/** One failure may be a hiccup; two are an outage. */
const failuresUntilLost = 2;

export interface FeedState {
  readonly wall?: Wall;
  /** The server's wall clock, in ms since 1970: as it is now or, while it is lost, as it was last known. */
  readonly now: number;
  readonly lost: boolean;
  /** Seconds since the last answer. */
  readonly age: number;
}

/** Asks for the wall every second while the page is seen, and tells what it knows after each attempt. */
export class WallFeed {
  #wall: Wall | undefined;
  #answeredAt = Date.now();
  #failures = 0;
  #timer: number | undefined;
  #polling = false;
  #listener: (state: FeedState) => void = () => {};

  subscribe(listener: (state: FeedState) => void): void {
    this.#listener = listener;
  }

  start(): void {
    document.addEventListener('visibilitychange', () => {
      clearTimeout(this.#timer);
      if (!document.hidden) this.#poll();
    });
    this.#poll();
  }

  get state(): FeedState {
    const age = Date.now() - this.#answeredAt;
    const lost = this.#failures >= failuresUntilLost;
    const now = this.#wall ? Date.parse(this.#wall.time) + (lost ? 0 : age) : Date.now();
    return { ...(this.#wall && { wall: this.#wall }), now, lost, age: age / 1000 };
  }

  async #poll(): Promise<void> {
    if (this.#polling) return;
    this.#polling = true;
    try {
      // Relative to the page, which may be served below a path.
      const response = await fetch(`.${wallRoute}`, { signal: AbortSignal.timeout(timeoutMilliseconds) });
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      const wall = (await response.json()) as Wall;
      this.#wall = { ...wall, streams: reuseUnchanged(this.#wall?.streams ?? [], wall.streams) };
      this.#answeredAt = Date.now();
      this.#failures = 0;
    } catch {
      this.#failures++;
    }
    this.#polling = false;
    this.#listener(this.state);
    clearTimeout(this.#timer);
    if (!document.hidden) this.#timer = window.setTimeout(() => this.#poll(), pollMilliseconds);
  }
}
