import { describe, expect, it } from 'vitest';
import flat from '../../../monitor/detectors/flat.ts';
import freeze from '../../../monitor/detectors/freeze.ts';
import { epoch, frames, judge, type Painter } from './observations.ts';

const parameters = { spread: 3, area: 0.999, logo: 0.05 };
const detector = () => flat.create(parameters, { minDuration: 2 });
const { exit } = flat.manifest.thresholds;
const scoreOf = (paint: Painter, subject = detector()) =>
  judge(subject, frames(paint, { count: 1 }))[0]!.score;

/** One level with a lit box, in columns and rows of 320 × 180. */
const box =
  (level: number, left: number, top: number, width: number, height: number): Painter =>
  (data) => {
    data.fill(level);
    for (let row = top; row < top + height; row++) data.fill(210, row * 320 + left, row * 320 + left + width);
  };

describe('flat', () => {
  it.each([41, 106, 145, 180, 235])('finds one colour, of the level %i', (level) => {
    expect(scoreOf((data) => data.fill(level))).toBe(1);
  });

  it('leaves black to the black detector, up to the level that is black there', () => {
    for (const level of [0, 16, 20]) expect(scoreOf((data) => data.fill(level))).toBeLessThan(exit);
    expect(scoreOf((data) => data.fill(21))).toBe(1);
  });

  it('allows for noise within the spread, and no more', () => {
    const noisy =
      (levels: number): Painter =>
      (data) => {
        for (let sample = 0; sample < data.length; sample++)
          data[sample] = 120 + ((sample % (2 * levels + 1)) - levels);
      };
    expect(scoreOf(noisy(3))).toBe(1);
    expect(scoreOf(noisy(4))).toBeLessThan(exit);
  });

  it('takes a gradient, such as a clear sky, for a picture', () => {
    const sky: Painter = (data) => {
      for (let sample = 0; sample < data.length; sample++) data[sample] = 150 + Math.floor(sample / 320 / 12);
    };
    expect(scoreOf(sky)).toBeLessThan(exit);
  });

  it('takes a line of text, and two halves of different levels, for a picture', () => {
    expect(scoreOf(box(80, 130, 88, 60, 4))).toBeLessThan(exit);
    expect(scoreOf((data) => data.fill(80).fill(90, data.length / 2))).toBeLessThan(exit);
  });

  it('needs the configured share of the picture', () => {
    expect(scoreOf(box(80, 130, 88, 57, 1))).toBe(1);
    expect(scoreOf(box(80, 130, 88, 58, 1))).toBeLessThan(exit);
  });

  it('finds one colour behind a logo in a corner, unless that is not allowed for', () => {
    expect(scoreOf(box(80, 240, 12, 60, 40))).toBe(1);
    expect(scoreOf(box(80, 130, 70, 60, 40))).toBeLessThan(exit);
    expect(scoreOf(box(80, 20, 12, 90, 50))).toBeLessThan(exit);
    const strict = flat.create({ ...parameters, logo: 0 }, { minDuration: 2 });
    expect(scoreOf(box(80, 240, 12, 60, 40), strict)).toBeLessThan(exit);
  });

  it('dates the onset to the first flat frame and forgets it at an epoch', () => {
    const subject = detector();
    const lost: Painter = (data, index) =>
      data.forEach((_, sample) => {
        data[sample] = index < 10 ? 40 + (sample % 160) : 90;
      });
    expect(judge(subject, frames(lost, { count: 20 })).at(-1)).toMatchObject({
      ...{ kind: 'flat', score: 1, area: 1 },
      since: 10 / 25,
    });
    subject.step(epoch({ time: 5 }));
    const [first] = judge(
      subject,
      frames((data) => data.fill(90), { count: 1, from: 5 }),
    );
    expect(first).toMatchObject({ score: 1, since: 5 });
  });

  it('sees a fade through white, or any change of the colour, as no lasting flat picture', () => {
    // 25 levels a second; an incident needs scores that hold for the minimum duration.
    const fade = judge(
      detector(),
      frames((data, index) => data.fill(235 - index), { count: 200 }),
    );
    let since = 0;
    let longest = 0;
    for (const { time, score } of fade) {
      if (score < exit) since = time;
      longest = Math.max(longest, time - since);
    }
    expect(longest).toBeLessThan(0.2);
    const [, change] = judge(
      detector(),
      frames((data, index) => data.fill(index ? 120 : 80), { count: 2 }),
    );
    expect(change!.score).toBeLessThan(exit);
  });

  it('has a flat picture to itself: the freeze detector finds none', () => {
    const frozen = (paint: Painter) =>
      judge(
        freeze.create({ median: 0.03, percentile80: 0.08 }, { minDuration: 2 }),
        frames(paint, { count: 80 }),
      ).some(({ score }) => score >= freeze.manifest.thresholds.enter);
    expect(frozen(box(80, 240, 12, 60, 40))).toBe(false);
    expect(frozen((data) => data.fill(145))).toBe(false);
    // A card with text is a picture, and the freeze detector's.
    expect(frozen(box(80, 130, 88, 60, 4))).toBe(true);
  });

  it('cannot tell without video, and says so until there is some', () => {
    const subject = detector();
    expect(subject.step(epoch({ hasVideo: false }))).toEqual([{ unknown: 'the stream has no video' }]);
    expect(subject.step(epoch())).toEqual([{ unknown: undefined }]);
  });
});
