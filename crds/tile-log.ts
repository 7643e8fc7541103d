import { randomUUID } from 'node:crypto';
import { type PageTile, streamKey, type TileChanges } from './page-api.ts';

/** Removed tiles that are remembered; whoever looked before more than that gets all tiles anew. */
const removalsKept = 5_000;

interface Logged {
  readonly tile: PageTile;
  readonly text: string;
  readonly change: number;
}

/** Tells each onlooker of a wall what changed since it last asked. */
export class TileLog {
  /** Another after a restart: its cursors mean nothing here. */
  #epoch = randomUUID().slice(0, 8);
  #change = 0;
  readonly #tiles = new Map<string, Logged>();
  readonly #removed = new Map<string, number>();

  /** The wall as it is now. */
  update(tiles: Iterable<PageTile>): void {
    const change = this.#change + 1;
    const seen = new Set<string>();
    for (const tile of tiles) {
      const key = streamKey(tile);
      seen.add(key);
      const text = JSON.stringify(tile);
      if (this.#tiles.get(key)?.text === text) continue;
      this.#tiles.set(key, { tile, text, change });
      this.#removed.delete(key);
      this.#change = change;
    }
    for (const key of this.#tiles.keys()) {
      if (seen.has(key)) continue;
      this.#tiles.delete(key);
      this.#removed.set(key, change);
      this.#change = change;
    }
    if (this.#removed.size > removalsKept) this.#forgetRemovals();
  }

  /** @param cursor of an earlier answer; what is none of this log's gets everything */
  since(cursor: string | undefined): Pick<TileChanges, 'cursor' | 'complete' | 'tiles' | 'removed'> {
    const [epoch, text = ''] = cursor?.split('.') ?? [];
    const seen = epoch === this.#epoch && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
    const after = seen ?? -1;
    return {
      cursor: `${this.#epoch}.${this.#change}`,
      complete: seen === undefined,
      tiles: [...this.#tiles.values()].filter(({ change }) => change > after).map(({ tile }) => tile),
      removed:
        seen === undefined
          ? []
          : [...this.#removed].filter(([, change]) => change > after).map(([key]) => key),
    };
  }

  #forgetRemovals(): void {
    this.#removed.clear();
    this.#epoch = randomUUID().slice(0, 8);
  }
}
