import { describe, expect, it } from 'vitest';
import { SharpnessHistory } from '../../../monitor/detectors/blur/sharpness-history.ts';
import blur from '../../../monitor/detectors/blur.ts';
import { nativeFrames } from './native-frames.ts';
import { epoch, frames, judge } from './observations.ts';

const { enter, exit } = blur.manifest.thresholds;
const detector = () => blur.create({ wider: 1.25, learning: 20 }, { minDuration: 10 });

/** One picture a second, whose edges are so many samples wide. */
const seen = (widths: readonly number[], from = 0) =>
  nativeFrames(
    (data, index) => {
      const width = widths[index]!;
      const row = Uint8Array.from({ length: 640 }, (_, column) => {
        const at = column % 80;
        const rise = Math.min(1, (at + 1) / width) - Math.min(1, Math.max(0, (at - 39) / width));
        return 60 + 100 * rise;
      });
      for (let at = 0; at < data.length; at += 640) data.set(row, at);
    },
    { count: widths.length, rate: 1, from },
  );
const repeat = (width: number, seconds: number) => new Array<number>(seconds).fill(width);

describe('blur', () => {
  it('finds edges that are wider than usual, and dates it to the first of them', () => {
    const judgements = judge(detector(), seen([...repeat(4, 25), ...repeat(8, 15)]));
    const blurred = judgements.filter(({ score }) => score >= enter);
    expect(blurred).toHaveLength(15);
    expect(blurred.at(-1)).toMatchObject({ kind: 'blur', time: 39, since: 25 });
  });

  it('is over with the first picture that is sharp again', () => {
    const judgements = judge(detector(), seen([...repeat(4, 25), ...repeat(8, 15), 4, 8]));
    expect(judgements.at(-2)!.score).toBeLessThan(exit);
    expect(judgements.at(-1)).toMatchObject({ since: 41 });
  });

  it('begins at the configured share beyond what a tenth of the usual pictures exceeds', () => {
    // Shots of 4 and of 8 samples: 8 is usual, and the limit some 10.
    const usual = Array.from({ length: 30 }, (_, second) => (second % 3 === 0 ? 8 : 4));
    const last = (width: number) => judge(detector(), seen([...usual, width])).at(-1)!.score;
    expect(last(8)).toBeLessThan(exit);
    expect(last(10)).toBeLessThan(enter);
    expect(last(12)).toBeGreaterThanOrEqual(enter);
  });

  it('looks at one picture a second', () => {
    const subject = detector();
    judge(subject, seen(repeat(4, 25)));
    const often = judge(
      subject,
      nativeFrames((data) => seenRow(data), { count: 75, from: 25 }),
    );
    expect(often).toHaveLength(3);
  });

  it('learns nothing from a blurred picture, until that has lasted for half an hour', () => {
    const subject = detector();
    judge(subject, seen(repeat(4, 25)));
    // One picture every five minutes: the time counts, not their number.
    const late = (minute: number) => judge(subject, seen([8], minute * 60)).at(-1);
    for (const minute of [5, 10, 30]) expect(late(minute)!.score).toBeGreaterThanOrEqual(enter);
    expect(late(35)!.score).toBe(0);
    judge(subject, seen(repeat(8, 25), 2200));
    expect(judge(subject, seen([8], 2300))[0]!.score).toBeLessThan(exit);
  });

  it('cannot tell before it knows what is usual, and keeps that over a reconnect', () => {
    const subject = detector();
    const learning = { unknown: 'the usual sharpness of the stream is not known yet' };
    expect(subject.step(epoch())).toEqual([learning]);
    const said = [...seen(repeat(4, 22))].map((frame) => subject.step(frame).length);
    expect(said.findIndex((count) => count > 0)).toBe(21);
    expect(subject.step(epoch({ time: 22 }))).toEqual([{ unknown: undefined }]);
    expect(judge(subject, seen([8], 23))[0]!.score).toBeGreaterThanOrEqual(enter);
  });

  it('says nothing of a picture without edges', () => {
    const subject = detector();
    judge(subject, seen(repeat(4, 25)));
    expect(
      judge(
        subject,
        nativeFrames((data) => data.fill(90), { count: 1, from: 25 }),
      ),
    ).toEqual([]);
  });

  it('says nothing without pictures at full size, and that it cannot tell without video', () => {
    const reduced = frames((data) => data.fill(90), { count: 3 });
    expect(judge(detector(), reduced)).toEqual([]);
    expect(detector().step(epoch({ hasVideo: false }))).toEqual([{ unknown: 'the stream has no video' }]);
  });
});

describe('history of sharpness', () => {
  it('tells the width that one in ten exceeds', () => {
    const history = new SharpnessHistory();
    for (let second = 0; second < 100; second++) history.add(second < 89 ? 3.1 : 9.1);
    expect(history.usualLimit).toBe(9.25);
    for (let second = 0; second < 20; second++) history.add(3.1);
    expect(history.usualLimit).toBe(3.25);
  });

  it('forgets within days', () => {
    const history = new SharpnessHistory();
    for (let second = 0; second < 50_000; second++) history.add(4);
    for (let second = 0; second < 250_000; second++) history.add(8);
    expect(history.usualLimit).toBe(8.25);
    for (let second = 0; second < 250_000; second++) history.add(4);
    expect(history.usualLimit).toBe(4.25);
  });
});

function seenRow(data: Uint8Array): void {
  for (let sample = 0; sample < data.length; sample++) data[sample] = (sample % 640) % 80 < 40 ? 60 : 160;
}
