import { tileColumns, tileRows } from '../../kernels/luma-plane.ts';
import type { Judgement } from '../contract.ts';
import { type Stop, settling } from './abrupt-stop.ts';
import { StandingPart } from './standing-part.ts';
import { TileCounts } from './tile-counts.ts';
import { TileHistory } from './tile-history.ts';
import { TileRests } from './tile-rests.ts';
import type { FrameTiles } from './tiles.ts';

const tiles = tileColumns * tileRows;
/**
 * A region begins with a ninth of the picture, and a fifth of what moved: less is a graphic beside a presenter that has
 * come to its end.
 */
const fewestTiles = tiles / 9;
const leastShare = 1 / 5;
/** Something else goes on: a tile differs by this many levels in this share of the frames. */
const restLevel = 1;
const restShare = 0.1;
/** At low bit-rates tiles stop some frames apart: of stops within so many seconds the most complete one counts. */
const together = 0.5;
/** Seconds after a stop in which encoders refine what stands. */
const refining = 0.3;
/** What stopped is told after so many seconds. */
const leastSeconds = 6;
/**
 * What stands stirs in this share of the frames, at most. A large part may stir more: at low bit-rates coding noise never
 * ends, while no such part of a scene comes to rest at once and then only stirs. Where frames come slowly, less is
 * needed for being sure. Of small parts in injected freezes it was up to 0.053, slow ones 0.001, one large one 0.32; of
 * people who rest, 0.02 to 0.26.
 */
const stirring = 0.06;
const stirringOfLarge = 0.35;
const stirringAtLowRate = 0.03;
const largeTiles = (2 / 9) * tiles;
/** In so many of the frames something else moves. */
const leastRest = 0.3;
/** A tile had been alive for this share of the time: pages and slides, which stand but for moments, are not. */
const leastAlive = 0.45;
/**
 * What came in just before, such as a card or somebody walking up, is no picture that stopped: the level of half of its
 * tiles changed by so many levels within the last second, and
 * - by `unusual` times what is usual there, or
 * - by `uncommon` times, and others came to rest shortly before or after it, so many for each that did with it, or
 * - by `far` levels, with more such others, unless most of the picture stands.
 */
const arrivedLevels = 8;
const unusual = 2.5;
const uncommon = { usual: 1.2, apart: 0.2 };
const far = { levels: 15, apart: 0.4, mostTiles: (2 / 3) * tiles };

/**
 * A part of the picture that stood still all at once, while the rest goes on: the programme under a running
 * ticker, the guest in one of two boxes. People rest, and graphics come to their end, so it takes seconds to tell.
 */
export class RegionFreeze {
  readonly #past: { readonly time: number; readonly differences: Float32Array }[] = [];
  readonly #moves = new TileCounts(restLevel);
  readonly #history = new TileHistory();
  readonly #rests = new TileRests();
  /** The latest that were taken. */
  #means: Float32Array = new Float32Array(tiles);
  /** In the order in which they began. */
  #parts: readonly StandingPart[] = [];
  #told: StandingPart | undefined;
  #thawedAt: number | undefined;

  frame(time: number, { differences, means, stop }: FrameTiles): Judgement {
    this.#take(time, differences, means);
    if (this.#parts.length > 0) {
      const moving = this.#moving();
      this.#parts = this.#parts.filter((part) => part.goesOn(time, differences, this.#means, moving));
      if (this.#told && !this.#parts.includes(this.#told)) {
        this.#thawedAt = this.#told.endedBy(time);
        this.#told = undefined;
      }
    }
    if (stop && this.#mayStand(stop)) this.#begin(stop, time);
    this.#told ??= this.#parts.find((part) => isTold(part, time));
    const since = this.#told?.since ?? this.#thawedAt;
    const area = (this.#told?.size ?? 0) / tiles;
    return {
      ...{ time, kind: 'region', score: this.#told ? 0.5 + area / 2 : 0 },
      ...(this.#told && { area }),
      ...(since !== undefined && { since }),
    };
  }

  #take(time: number, differences: Float32Array, means: Float32Array | undefined): void {
    this.#past.push({ time, differences });
    this.#moves.add(differences);
    while (this.#past[0]!.time <= time - settling) this.#moves.remove(this.#past.shift()!.differences);
    this.#history.frame(time, differences, means);
    this.#rests.frame(time, differences);
    if (means) this.#means = means;
  }

  #mayStand({ region, time, shotStart }: Stop): boolean {
    if (region.length < fewestTiles || this.#history.aliveShare(region) < leastAlive) return false;
    if (region.length < leastShare * (region.length + this.#moving().length)) return false;
    const change = this.#history.changeBefore(time, shotStart, region);
    if (!change || change.median <= arrivedLevels) return true;
    const apart = this.#rests.apart(time);
    const arrived =
      change.usual > unusual ||
      (change.usual > uncommon.usual && apart > uncommon.apart) ||
      (change.median > far.levels && apart > far.apart && region.length <= far.mostTiles);
    return !arrived;
  }

  #begin(stop: Stop, time: number): void {
    const same = this.#parts.find(({ since }) => stop.time - since <= together);
    if (same && stop.region.length < same.size) return;
    const part = new StandingPart(stop, time, this.#means, same?.since);
    const since = this.#past.filter((past) => past.time > stop.time + refining);
    if (!since.every((past) => part.goesOn(past.time, past.differences, this.#means, []))) return;
    if (this.#told === same) this.#told = undefined;
    this.#parts = [...this.#parts.filter((own) => own !== same), part];
  }

  /** Tiles that move lately. */
  #moving(): number[] {
    const fewest = restShare * this.#past.length;
    const moving: number[] = [];
    for (let tile = 0; tile < tiles; tile++) if (this.#moves.of(tile) >= fewest) moving.push(tile);
    return moving;
  }
}

function isTold(part: StandingPart, time: number): boolean {
  return (
    time - part.since >= leastSeconds && part.restShare >= leastRest && part.stirring <= mostStirring(part)
  );
}

function mostStirring({ stop, size }: StandingPart): number {
  if (!stop.dense) return stirringAtLowRate;
  return size >= largeTiles ? stirringOfLarge : stirring;
}
