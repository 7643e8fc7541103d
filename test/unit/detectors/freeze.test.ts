import { describe, expect, it } from 'vitest';
import type { Judgement } from '../../../monitor/detectors/contract.ts';
import freeze from '../../../monitor/detectors/freeze.ts';
import { frames, judge, type Painter } from './observations.ts';

const { enter } = freeze.manifest.thresholds;
const detector = () => freeze.create({ median: 0.03, percentile80: 0.08 }, { minDuration: 2 });

/** A textured picture that moves one column a frame; `held` says at which frame the picture stands. */
function moving(held: (index: number) => number = (index) => index): Painter {
  return (data, index) => {
    const shift = held(index);
    for (let sample = 0; sample < data.length; sample++) data[sample] = 40 + (((sample + shift) * 37) % 160);
  };
}

const holdFrom = (start: number, end = Number.POSITIVE_INFINITY) =>
  moving((index) => (index >= start && index < end ? start : index));

function frozenAt(judgements: Judgement[], time: number): boolean {
  return judgements.find((judgement) => judgement.time >= time)!.score >= enter;
}

describe('freeze', () => {
  it('dates the freeze to the first frame of the picture that stands, and its end to the first that moves', () => {
    const judgements = judge(detector(), frames(holdFrom(50, 125), { count: 200 }));
    const frozen = judgements.filter(({ score }) => score >= enter);
    expect(frozen.at(-1)!.since).toBeCloseTo(50 / 25, 2);
    expect(frozen.at(-1)!.time - frozen.at(-1)!.since!).toBeGreaterThan(2.5);
    const recovered = judgements.find(({ time, score }) => time > 5 && score < enter)!;
    expect(recovered.since).toBeCloseTo(125 / 25, 2);
  });

  it('says nothing of moving pictures', () => {
    expect(judge(detector(), frames(moving(), { count: 200 })).every(({ score }) => score < enter)).toBe(
      true,
    );
  });

  it('sees the freeze through key-frame pulses', () => {
    const pulsing: Painter = (data, index) => {
      holdFrom(50)(data, index);
      if (index > 50 && index % 25 === 0)
        for (let sample = 0; sample < data.length; sample += 2) data[sample]! += 1;
    };
    expect(frozenAt(judge(detector(), frames(pulsing, { count: 200 })), 5)).toBe(true);
  });

  it('does not take a still shot with sensor noise for frozen', () => {
    let seed = 1;
    const noisy: Painter = (data) => {
      moving(() => 0)(data, 0);
      for (let sample = 0; sample < data.length; sample++) {
        seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
        if (seed % 5 === 0) data[sample]! += 1;
      }
    };
    expect(judge(detector(), frames(noisy, { count: 150 })).every(({ score }) => score < enter)).toBe(true);
  });

  it('does not take a picture for frozen in which one small part moves on its own', () => {
    const speaker: Painter = (data, index) => {
      moving(() => 0)(data, 0);
      for (let row = 80; row < 92; row++) data.fill(100 + (index % 4) * 12, row * 320 + 160, row * 320 + 172);
    };
    expect(judge(detector(), frames(speaker, { count: 150 })).every(({ score }) => score < enter)).toBe(true);
  });

  it('does not take a slow fade for frozen', () => {
    const fade: Painter = (data, index) => data.fill(60 + Math.floor(index / 8));
    expect(judge(detector(), frames(fade, { count: 500 })).every(({ score }) => score < enter)).toBe(true);
  });

  it('leaves a black picture to the black detector', () => {
    expect(
      judge(
        detector(),
        frames((data) => data.fill(16), { count: 150 }),
      ).every(({ score }) => score === 0),
    ).toBe(true);
  });

  it('takes pictures held for two frames, as in animation, as motion', () => {
    const held = moving((index) => Math.floor(index / 2));
    expect(judge(detector(), frames(held, { count: 150 })).every(({ score }) => score < enter)).toBe(true);
  });

  it('starts over at an epoch', () => {
    const subject = detector();
    judge(subject, frames(holdFrom(0), { count: 100 }));
    subject.step({ type: 'epoch', time: 4, hasVideo: true, hasAudio: false, transportSeen: true });
    expect(frozenAt(judge(subject, frames(holdFrom(0), { count: 40, from: 4 })), 5)).toBe(false);
  });

  it('works at 10 frames a second', () => {
    expect(frozenAt(judge(detector(), frames(holdFrom(20), { count: 60, rate: 10 })), 4.5)).toBe(true);
  });

  it('cannot tell without video, and says so until there is some', () => {
    const subject = detector();
    const without = { type: 'epoch', time: 0, hasVideo: false, hasAudio: true, transportSeen: true } as const;
    expect(subject.step(without)).toEqual([{ unknown: 'the stream has no video' }]);
    expect(subject.step({ ...without, hasVideo: true })).toEqual([{ unknown: undefined }]);
  });
});
