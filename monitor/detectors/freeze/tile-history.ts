import { tileColumns, tileRows } from '../../kernels/luma-plane.ts';

const tiles = tileColumns * tileRows;
/** Seconds that are remembered. */
const memory = 8;
/** A tile is alive that differs by this many levels: sensor noise is enough. */
const aliveLevel = 0.1;
/** Tile means of so many seconds are kept, to tell what changed within `lag` of them. */
const kept = 3.25;
const lag = 1;

interface Levels {
  readonly time: number;
  readonly means: Float32Array;
}

/**
 * What is usual in each tile: for which share of the last seconds it was alive, cuts or not, and by how much its level
 * changes within a second. What changed last is learned only `kept` seconds later, so that it can be compared.
 */
export class TileHistory {
  readonly #alive = new Float32Array(tiles);
  readonly #changes = new Float32Array(tiles);
  readonly #levels: Levels[] = [];
  #since: number | undefined;
  #last: number | undefined;
  #learned: { readonly first: number; readonly last: number } | undefined;

  frame(time: number, differences: Float32Array, means: Float32Array | undefined): void {
    this.#since ??= time;
    const share = shareOf(time - (this.#last ?? time), time - this.#since);
    this.#last = time;
    for (let tile = 0; tile < tiles; tile++)
      this.#alive[tile]! += ((differences[tile]! > aliveLevel ? 1 : 0) - this.#alive[tile]!) * share;
    if (!means) return;
    this.#levels.push({ time, means });
    while (this.#levels[0]!.time <= time - kept) this.#learn(this.#levels.shift()!);
  }

  /** For which share of the last seconds tiles were alive, on average. */
  aliveShare(region: readonly number[]): number {
    return region.reduce((sum, tile) => sum + this.#alive[tile]!, 0) / region.length;
  }

  /**
   * By how much the level of tiles changed from a second before a time that is not long ago, or `start` of the shot, to
   * now: half of them by `median` levels and more, on average by `usual` times what is usual there. Undefined when
   * nothing is known of that.
   */
  changeBefore(
    time: number,
    start: number,
    region: readonly number[],
  ): { readonly median: number; readonly usual: number } | undefined {
    const from = this.#levels.find((own) => own.time >= Math.max(start, time - lag - 0.1))?.means;
    const to = this.#levels.at(-1)?.means;
    if (!from || !to || !this.#learned) return undefined;
    const changes = region.map((tile) => Math.abs(to[tile]! - from[tile]!)).sort((a, b) => a - b);
    const usual = region.reduce((sum, tile) => sum + this.#changes[tile]!, 0);
    return {
      median: changes[changes.length >> 1]!,
      usual: changes.reduce((sum, change) => sum + change, 0) / usual,
    };
  }

  #learn({ time, means }: Levels): void {
    const later = this.#levels.find((own) => own.time >= time + lag)?.means;
    if (!later) return;
    const { first, last } = this.#learned ?? { first: time, last: time };
    const share = this.#learned ? shareOf(time - last, time - first) : 1;
    this.#learned = { first, last: time };
    for (let tile = 0; tile < tiles; tile++)
      this.#changes[tile]! += (Math.abs(later[tile]! - means[tile]!) - this.#changes[tile]!) * share;
  }
}

/** How much the latest `seconds` count, `all` of which have been seen. */
function shareOf(seconds: number, all: number): number {
  return 1 - Math.exp(-seconds / Math.max(0.1, Math.min(memory, all)));
}
