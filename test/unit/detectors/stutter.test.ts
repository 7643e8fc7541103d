import { describe, expect, it } from 'vitest';
import type { FrameObservation, Judgement } from '../../../monitor/detectors/contract.ts';
import stutter from '../../../monitor/detectors/stutter.ts';
import { epoch, frames, judge } from './observations.ts';

const { enter, exit } = stutter.manifest.thresholds;
const detector = () => stutter.create({ hitches: 3 }, { minDuration: 2 });
const peak = (judgements: readonly Judgement[]) => Math.max(...judgements.map(({ score }) => score));

/** Soft shapes at the places, in columns, that a motion has taken them to; one frame for each. */
function* motion(places: readonly number[], rate = 25, from = 0): Generator<FrameObservation> {
  const [width, height] = [64, 36];
  yield* frames(
    (data, index) => {
      const columns = Float32Array.from({ length: width }, (_, column) =>
        Math.sin((column + places[index]!) / 9),
      );
      for (let row = 0; row < height; row++) {
        const contrast = 60 * Math.cos(row / 9);
        for (let column = 0; column < width; column++)
          data[row * width + column] = 120 + contrast * columns[column]!;
      }
    },
    { count: places.length, rate, from, width, height },
  );
}

/** Places of a steady motion of a column a frame. */
const steady = (count: number) => Array.from({ length: count }, (_, index) => index);
/** Of each run of frames, given by its first and its length, all show the first; motion goes on behind them. */
const held = (places: readonly number[], ...runs: readonly (readonly [first: number, length: number])[]) =>
  places.map((place, index) => {
    const run = runs.find(([first, length]) => index >= first && index < first + length);
    return run ? places[run[0]]! : place;
  });
/** A motion of one rate shown at another: each frame shows the latest picture there is. */
const converted = (from: number, to: number, seconds = 8) =>
  steady(seconds * to).map((index) => Math.floor((index * from) / to));

describe('stutter', () => {
  it('finds motion that catches three times within four seconds, and dates it to when the first picture was due', () => {
    const judgements = judge(detector(), motion(held(steady(200), [50, 4], [80, 3], [125, 6])));
    const [found] = judgements.filter(({ score }) => score >= enter);
    expect(found).toMatchObject({
      kind: 'stutter',
      time: expect.closeTo(131 / 25, 6),
      since: expect.closeTo(51 / 25, 6),
    });
  });

  it('finds it where an encoder adds to the repeats, all over the picture but for what moves', () => {
    const places = held(steady(200), [50, 4], [80, 3], [125, 6]);
    const [width, height] = [64, 36];
    const ball = frames(
      (data, index) => {
        for (let at = 0; at < data.length; at++) {
          const distance = Math.hypot((at % width) - (places[index]! % width), Math.floor(at / width) - 18);
          // A fifth of what is still goes up by a level, another in each picture.
          data[at] = distance < 6 ? 220 - 15 * distance : 100 + ((at * 7 + index * 3) % 5 === 0 ? 1 : 0);
        }
      },
      { count: places.length, width, height },
    );
    expect(peak(judge(detector(), ball))).toBeGreaterThanOrEqual(enter);
  });

  it('ends with the last hitch, once the motion has been steady for long', () => {
    const places = held(steady(300), [50, 4], [80, 3], [100, 3], [125, 6]);
    const over = judge(detector(), motion(places)).at(-1)!;
    expect(over.score).toBeLessThan(exit);
    expect(over.since).toBeCloseTo(131 / 25, 6);
  });

  it('says nothing where it catches twice, or three times in a longer while', () => {
    expect(peak(judge(detector(), motion(held(steady(200), [50, 4], [80, 4]))))).toBeLessThan(enter);
    expect(peak(judge(detector(), motion(held(steady(300), [50, 4], [110, 4], [170, 4]))))).toBeLessThan(
      enter,
    );
  });

  it('finds pictures that were left out, by their timestamps', () => {
    const lost = new Set([51, 52, 53, 81, 82, 126, 127, 128]);
    const kept = [...steady(200)].filter((index) => !lost.has(index));
    const sent = [...motion(kept)].length;
    expect(sent).toBe(192);
    const observations = function* () {
      let index = 0;
      for (const frame of motion(kept)) yield { ...frame, time: kept[index++]! / 25 };
    };
    const found = judge(detector(), observations()).find(({ score }) => score >= enter);
    expect(found).toMatchObject({ since: expect.closeTo(51 / 25, 6), time: expect.closeTo(129 / 25, 6) });
  });

  it('finds single pictures that are repeated and skipped, where that has no order', () => {
    // Twice as many, since they count half; distances 7, 3, 12, 5, 9, 16, 3, 7 and so on.
    const repeats = [40, 47, 50, 62, 67, 76, 92, 95, 102, 114, 119];
    const places = held(steady(200), ...repeats.map((first) => [first, 2] as const));
    expect(peak(judge(detector(), motion(places)))).toBeGreaterThanOrEqual(enter);
  });

  it.each([
    ['24 in 60: 3:2 pulldown', converted(24, 60), 60],
    ['24 in 25', converted(24, 25), 25],
    ['25 in 30', converted(25, 30), 30],
    ['24 in 30', converted(24, 30), 30],
    ['18 in 25, as of old films', converted(18, 25), 25],
    ['25 in 50', converted(25, 50), 50],
    ['30 in 60', converted(30, 60), 60],
    ['animation on twos', converted(12, 24), 24],
    ['animation on threes', converted(8, 24), 24],
    ['steady', steady(200), 25],
  ] as const)('takes the cadence %s for legal', (_, places, rate) => {
    expect(peak(judge(detector(), motion(places, rate)))).toBe(0);
  });

  it('finds stutter also where each picture is shown twice', () => {
    const places = held(
      steady(400).map((index) => Math.floor(index / 2)),
      [100, 8],
      [160, 6],
      [250, 10],
    );
    expect(peak(judge(detector(), motion(places, 50)))).toBeGreaterThanOrEqual(enter);
    const once = held(
      steady(400).map((index) => Math.floor(index / 2)),
      [100, 4],
      [160, 4],
      [250, 4],
    );
    expect(peak(judge(detector(), motion(once, 50)))).toBe(0);
  });

  it('says nothing of motion that stops and starts by itself', () => {
    // What stood still goes on where it stood.
    const pauses = [50, 80, 110, 125, 150];
    let place = 0;
    const places = steady(200).map((index) =>
      pauses.some((at) => index > at && index < at + 6) ? place : ++place,
    );
    expect(peak(judge(detector(), motion(places)))).toBe(0);
  });

  it('says nothing of stills that are cut, of a freeze, nor of motion too slow to be seen', () => {
    const slides = steady(200).map((index) => 28 * Math.floor(index / 10));
    expect(peak(judge(detector(), motion(slides)))).toBe(0);
    expect(peak(judge(detector(), motion(held(steady(200), [40, 30], [90, 30], [140, 30]))))).toBe(0);
    const slow = held(steady(200), [50, 4], [80, 3], [125, 6]).map((place) => place / 10);
    expect(peak(judge(detector(), motion(slow)))).toBe(0);
  });

  it('cannot tell where pictures come at no steady rate', () => {
    let time = 0;
    const scattered = [...motion(steady(200))].map((frame, index) => {
      time += 0.03 + 0.03 * ((index * 0.618) % 1);
      return { ...frame, time };
    });
    const subject = detector();
    const said = scattered.flatMap((frame) => subject.step(frame));
    expect(said).toContainEqual({ unknown: 'the pictures come at no steady rate' });
    expect(peak(said.filter((each) => 'kind' in each))).toBe(0);
  });

  it('starts over at an epoch', () => {
    const subject = detector();
    expect(
      peak(judge(subject, motion(held(steady(150), [50, 4], [80, 3], [125, 6])))),
    ).toBeGreaterThanOrEqual(enter);
    subject.step(epoch({ time: 6 }));
    expect(peak(judge(subject, motion(steady(50), 25, 6)))).toBe(0);
  });

  it('cannot tell without video, and says so until there is some', () => {
    const subject = detector();
    expect(subject.step(epoch({ hasVideo: false }))).toEqual([{ unknown: 'the stream has no video' }]);
    expect(subject.step(epoch())).toEqual([{ unknown: undefined }]);
  });
});
