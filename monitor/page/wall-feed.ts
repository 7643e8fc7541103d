import { appliedChanges, type PageTile, pageRoutes, type TileChanges } from '../../crds/page-api.ts';

const pollMilliseconds = 1000;
const timeoutMilliseconds = 5000;
/** One failure may be a hiccup; two are an outage. */
const failuresUntilLost = 2;

/** The wall as it was told last. */
export interface ShownWall {
  readonly region?: string;
  /** A tile that did not change is the same object as before. */
  readonly tiles: readonly PageTile[];
}

export interface FeedState {
  readonly wall?: ShownWall;
  /** The server's wall clock, in ms since 1970: as it is now or, while it is lost, as it was last known. */
  readonly now: number;
  readonly lost: boolean;
  /** Seconds since the last answer. */
  readonly age: number;
}

/** Asks what changed on the wall every second while the page is seen, and tells what it knows after each attempt. */
export class WallFeed {
  #tiles: ReadonlyMap<string, PageTile> = new Map();
  #wall: ShownWall | undefined;
  #cursor: string | undefined;
  #time = 0;
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
    const now = this.#wall ? this.#time + (lost ? 0 : age) : Date.now();
    return { ...(this.#wall && { wall: this.#wall }), now, lost, age: age / 1000 };
  }

  async #poll(): Promise<void> {
    if (this.#polling) return;
    this.#polling = true;
    try {
      const since = this.#cursor === undefined ? '' : `?since=${encodeURIComponent(this.#cursor)}`;
      this.#apply(await fetchJson<TileChanges>(pageRoutes.tiles + since));
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

  #apply(changes: TileChanges): void {
    const tiles = appliedChanges(this.#tiles, changes);
    const { region } = changes;
    if (tiles !== this.#tiles || !this.#wall) {
      this.#wall = { ...(region !== undefined && { region }), tiles: [...tiles.values()] };
    }
    this.#tiles = tiles;
    this.#cursor = changes.cursor;
    this.#time = Date.parse(changes.time);
  }
}

/**
 * An answer of the page API, asked for relative to the page: it may be served below a path.
 * @throws HttpError for another status than 200
 */
export async function fetchJson<T>(path: string): Promise<T> {
  const response = await fetch(`.${path}`, { signal: AbortSignal.timeout(timeoutMilliseconds) });
  if (!response.ok) throw new HttpError(response.status);
  return (await response.json()) as T;
}

export class HttpError extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`HTTP ${status}`);
    this.status = status;
  }
}
