import { describe, expect, it } from 'vitest';
import black from '../../../monitor/detectors/black.ts';
import { frames, judge } from './observations.ts';

const parameters = { level: 20, area: 0.98 };
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
