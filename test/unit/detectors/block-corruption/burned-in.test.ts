import { describe, expect, it } from 'vitest';
import { BurnedIn, type BurnedInDamage } from '../../../../monitor/detectors/block-corruption/burned-in.ts';
import { nativeFrames } from '../native-frames.ts';
import type { Painter } from '../observations.ts';

const [width, height] = [640, 360];
/** As many a second as are looked at. */
const rate = 5;

/** A scene of broad shades with a little detail, that repeats. */
const side = 1024;
const scene = Uint8Array.from({ length: side * side }, (_, at) => {
  const [x, y] = [at % side, Math.floor(at / side)];
  const turn = (2 * Math.PI) / side;
  const shades = 45 * Math.sin(7 * turn * x) + 35 * Math.sin(11 * turn * y + 5 * turn * x);
  return Math.round(120 + shades + (Math.imul(at, 1_274_126_177) >>> 30));
});
const level = (x: number, y: number): number => scene[(y % side) * side + (x % side)]!;

/** The scene as a camera sees it that pans, from another place after each cut. */
function panning(cuts: readonly number[] = []): Painter {
  return (data, index) => {
    const place = 300 * cuts.filter((cut) => index >= cut).length;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) data[y * width + x] = level(x + 7 * index + place, y + place);
    }
  };
}

/** From one picture to another, slices show what belongs elsewhere, in runs of macroblocks. */
function damaged(from: number, to: number): Painter {
  return (data, index) => {
    panning()(data, index);
    if (index < from || index >= to) return;
    for (const row of [5, 6, 11, 12, 17]) {
      for (let column = row % 4; column < width / 16; column++) {
        if ((column * 7 + row * 3) % 11 === 0) continue;
        for (let y = row * 16; y < row * 16 + 16; y++) {
          for (let x = column * 16; x < column * 16 + 16; x++) {
            data[y * width + x] = level(x + 400 + 97 * (column % 5), y + 230 + 61 * (row % 3));
          }
        }
      }
    }
  };
}

function watch(subject: BurnedIn, frames: ReturnType<typeof nativeFrames>) {
  const seen: (BurnedInDamage & { readonly at: number })[] = [];
  for (const { time, native, kernels } of frames) {
    const damage = subject.frame(kernels, native!.current, time);
    if (damage) seen.push({ ...damage, at: time });
  }
  return seen;
}

describe('damage that was encoded again', () => {
  it('is seen from its first pictures on, and over soon after its last', () => {
    const seen = watch(new BurnedIn(), nativeFrames(damaged(15, 22), { count: 40, rate }));
    expect(seen[0]?.since).toBeCloseTo(3, 6);
    expect(seen[0]?.at).toBeLessThanOrEqual(3.4);
    expect(seen.at(-1)?.at).toBeGreaterThanOrEqual(4.2);
    expect(seen.at(-1)?.at).toBeLessThanOrEqual(5.8);
  });

  it('is not seen in a panning picture with cuts', () => {
    expect(watch(new BurnedIn(), nativeFrames(panning([10, 25]), { count: 40, rate }))).toEqual([]);
  });

  it('is forgotten, and with it the pictures before', () => {
    const subject = new BurnedIn();
    expect(watch(subject, nativeFrames(damaged(15, 20), { count: 20, rate }))).not.toEqual([]);
    subject.forget();
    expect(watch(subject, nativeFrames(panning(), { count: 3, from: 4, rate }))).toEqual([]);
  });

  it('is looked for five times a second', () => {
    const fast = watch(new BurnedIn(), nativeFrames(damaged(45, 66), { count: 70, rate: 15 }));
    expect(new Set(fast.map(({ margin }) => margin)).size).toBeLessThanOrEqual(5);
    expect(fast.length).toBeGreaterThan(5);
  });
});
