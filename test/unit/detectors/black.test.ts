import { describe, expect, it } from 'vitest';
import black from '../../../monitor/detectors/black.ts';
import { frames, judge } from './observations.ts';

const parameters = { level: 20, area: 0.98, logo: 0.05 };
const detector = () => black.create(parameters, { minDuration: 2 });
const scoreOf = (paint: (data: Uint8Array) => void) =>
  judge(detector(), frames(paint, { count: 1 }))[0]!.score;

describe('black', () => {
  it('finds limited-range and full-range black', () => {
    expect(scoreOf((data) => data.fill(16))).toBe(1);
    expect(scoreOf((data) => data.fill(0))).toBe(1);
  });

  it('takes the level itself as black and the next as not', () => {
    expect(scoreOf((data) => data.fill(20))).toBe(1);
    expect(scoreOf((data) => data.fill(21))).toBe(0);
  });

  it('needs the configured share of the picture', () => {
    const lit = (share: number) => (data: Uint8Array) =>
      data.fill(16).fill(180, 0, Math.round(data.length * share));
    expect(scoreOf(lit(0.02))).toBe(1);
    expect(scoreOf(lit(0.021))).toBeLessThan(black.manifest.thresholds.enter);
  });

  /** A lit box on black, in columns and rows of 320 × 180. */
  const box = (left: number, top: number, width: number, height: number) => (data: Uint8Array) => {
    data.fill(16);
    for (let row = top; row < top + height; row++) data.fill(180, row * 320 + left, row * 320 + left + width);
  };
  const { enter } = black.manifest.thresholds;

  it('finds black behind a logo in any corner', () => {
    for (const [left, top] of [
      [20, 12],
      [240, 12],
      [20, 130],
      [240, 130],
    ] as const)
      expect(scoreOf(box(left, top, 60, 40))).toBe(1);
  });

  it('takes a title in the middle, or something larger than a logo, for a picture', () => {
    expect(scoreOf(box(130, 70, 60, 40))).toBeLessThan(enter);
    expect(scoreOf(box(20, 12, 90, 50))).toBeLessThan(enter);
    // Two corners: a score board, a night scene.
    const two = (data: Uint8Array) => {
      const [left, right] = [data.slice(), data.slice()];
      box(10, 10, 50, 30)(left);
      box(250, 10, 50, 30)(right);
      for (let sample = 0; sample < data.length; sample++)
        data[sample] = Math.max(left[sample]!, right[sample]!);
    };
    expect(scoreOf(two)).toBeLessThan(enter);
  });

  it('allows for no logo where that is configured', () => {
    const strict = black.create({ ...parameters, logo: 0 }, { minDuration: 2 });
    expect(judge(strict, frames(box(20, 12, 60, 40), { count: 1 }))[0]!.score).toBeLessThan(enter);
  });

  it('dates the onset to the first black frame and forgets it at an epoch', () => {
    const subject = detector();
    const judgements = judge(
      subject,
      frames((data, index) => data.fill(index < 10 ? 90 : 16), { count: 20 }),
    );
    expect(judgements.at(-1)).toMatchObject({ score: 1, since: 10 / 25 });
    subject.step({ type: 'epoch', time: 5, hasVideo: true, hasAudio: false, transportSeen: true });
    expect(
      judge(
        subject,
        frames((data) => data.fill(16), { count: 1, from: 5 }),
      )[0],
    ).toMatchObject({ since: 5 });
  });

  it('cannot tell without video, and says so until there is some', () => {
    const subject = detector();
    const without = { type: 'epoch', time: 0, hasVideo: false, hasAudio: true, transportSeen: true } as const;
    expect(subject.step(without)).toEqual([{ unknown: 'the stream has no video' }]);
    expect(subject.step({ ...without, hasVideo: true })).toEqual([{ unknown: undefined }]);
  });
});
