import { describe, expect, it } from 'vitest';
import { StopFinder } from '../../../../monitor/detectors/freeze/abrupt-stop.ts';
import { RegionFreeze } from '../../../../monitor/detectors/freeze/region-freeze.ts';
import { tileColumns, tileRows } from '../../../../monitor/kernels/luma-plane.ts';

const tiles = tileColumns * tileRows;

/** What a tile is like in a frame: by how much it differs from the one before, and its level. */
type Tile = (tile: number, time: number) => { readonly difference: number; readonly level?: number };

/** When a region is told first and last, and since when it has stood. */
function told(tile: Tile, { seconds = 20, rate = 25 }: { seconds?: number; rate?: number } = {}) {
  const stops = new StopFinder();
  const region = new RegionFreeze();
  const told = [];
  for (let frame = 0; frame < seconds * rate; frame++) {
    const time = frame / rate;
    const all = Array.from({ length: tiles }, (_, index) => tile(index, time));
    const differences = Float32Array.from(all, ({ difference }) => difference);
    const means = Float32Array.from(all, ({ level = 100 }) => level);
    const judgement = region.frame(time, { differences, means, stop: stops.frame(time, differences, means) });
    if (judgement.score > 0) told.push(judgement);
  }
  return told;
}

const row = (tile: number) => Math.floor(tile / tileColumns);
const column = (tile: number) => tile % tileColumns;
/** Two thirds of the picture; the rest goes on. */
const inside = (tile: number) => row(tile) < 6;
const alive = { difference: 3 };
const still = { difference: 0 };

describe('RegionFreeze', () => {
  it('tells 6 s after it what stopped, since when, and how much of the picture it is', () => {
    const all = told((tile, time) => (inside(tile) && time > 8 ? still : alive));
    expect(all[0]!.time).toBeCloseTo(14, 1);
    expect(all[0]!.since).toBeCloseTo(8, 1);
    expect(all[0]!.area).toBeCloseTo(6 / 9);
    expect(all.at(-1)!.time).toBeGreaterThan(19.9);
  });

  it('does so at 12 frames a second, too', () => {
    expect(
      told((tile, time) => (inside(tile) && time > 8 ? still : alive), { rate: 12 })[0]!.since,
    ).toBeCloseTo(8, 1);
  });

  it('goes on while the rest pauses for 4 s, and no longer while it stands', () => {
    const pausing =
      (pause: number): Tile =>
      (tile, time) =>
        time > 8 && (inside(tile) || (time > 16 && time < 16 + pause)) ? still : alive;
    expect(told(pausing(4), { seconds: 21 }).at(-1)!.time).toBeGreaterThan(20.5);
    expect(told(pausing(10), { seconds: 25 }).at(-1)!.time).toBeLessThan(23);
  });

  it('says nothing of a small part that still stirs, as who rests does, but lets a large one be noisy', () => {
    const stirring =
      (part: (tile: number) => boolean): Tile =>
      (tile, time) =>
        part(tile) && time > 8 ? { difference: Math.round(time * 25) % 4 === 0 ? 0.32 : 0.1 } : alive;
    expect(told(stirring((tile) => row(tile) < 2 && column(tile) < 10))).toEqual([]);
    expect(told(stirring(inside)).length).toBeGreaterThan(0);
  });

  it('says nothing of a page that was scrolled for some seconds, and had stood before', () => {
    expect(told((tile, time) => (inside(tile) && (time < 6 || time > 9) ? still : alive))).toEqual([]);
  });

  it('says nothing of a card that came in just before', () => {
    const card: Tile = (tile, time) => {
      if (!inside(tile) || time < 8) return { ...alive, level: 100 };
      return time < 8.8 ? { difference: 8, level: 100 - 60 * ((time - 8) / 0.8) } : { ...still, level: 40 };
    };
    expect(told(card)).toEqual([]);
  });

  it('says nothing of a card that is uncovered column by column', () => {
    const card: Tile = (tile, time) => {
      const covered = inside(tile) && time > 8 + column(tile) / 20;
      return covered ? { ...still, level: 40 } : { ...alive, level: 100 };
    };
    expect(told(card)).toEqual([]);
  });

  it('says nothing where a cut follows within the second after a stop', () => {
    const cut: Tile = (tile, time) => {
      if (time <= 8) return alive;
      if (time > 8.5 && time < 8.53) return { difference: 30, level: 101 };
      return inside(tile) ? { ...still, level: time > 8.5 ? 101 : 100 } : alive;
    };
    expect(told(cut)).toEqual([]);
  });

  it('says nothing of less than a ninth of the picture', () => {
    const small = (tile: number) => row(tile) < 3 && column(tile) < 5;
    expect(told((tile, time) => (small(tile) && time > 8 ? still : alive))).toEqual([]);
  });
});
