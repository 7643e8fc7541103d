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
  return judgements.find(({ kind, time: at }) => kind === 'full' && at >= time)!.score >= enter;
}

describe('freeze', () => {
  it('dates the freeze to the first frame of the picture that stands, and its end to the first that moves', () => {
    const judgements = judge(detector(), frames(holdFrom(50, 125), { count: 200 })).filter(
      ({ kind }) => kind === 'full',
    );
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

  it('sees the freeze through coding noise where lively motion stops at once, but not where a noisy still shot begins', () => {
    const noise = (data: Uint8Array, index: number) => {
      for (let sample = index % 3; sample < data.length; sample += 9) data[sample]! += 1;
    };
    const stops: Painter = (data, index) => {
      moving((at) => Math.min(50, at))(data, index);
      noise(data, index);
    };
    const begins: Painter = (data, index) => {
      moving((at) => (at < 50 ? at : 90))(data, index);
      if (index >= 50) for (let sample = 0; sample < data.length; sample++) data[sample]! ^= 0x40;
      noise(data, index);
    };
    expect(frozenAt(judge(detector(), frames(stops, { count: 150 })), 5)).toBe(true);
    expect(judge(detector(), frames(begins, { count: 150 })).every(({ score }) => score < enter)).toBe(true);
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

describe('freeze of a region', () => {
  /** The picture by its own clock, with a strip at its foot that always runs on; 12 % of the rows. */
  const underTicker =
    (held: (index: number) => number): Painter =>
    (data, index) => {
      moving(held)(data, index);
      for (let sample = 320 * 158; sample < data.length; sample++)
        data[sample] = 40 + (((sample + index) * 53) % 160);
    };
  const still = (from: number, to = Number.POSITIVE_INFINITY) =>
    underTicker((index) => (index >= from && index < to ? from : index));
  const regional = (paint: Painter, count: number) =>
    judge(detector(), frames(paint, { count })).filter(({ kind }) => kind === 'region');
  const found = (judgements: readonly Judgement[]) => judgements.some(({ score }) => score >= enter);

  it('finds the picture that stands under a ticker, dates it, and sees it move again', () => {
    const judgements = regional(still(75, 250), 270);
    const frozen = judgements.filter(({ score }) => score >= enter);
    expect(frozen.at(-1)!.since).toBeCloseTo(75 / 25, 1);
    expect(frozen[0]!.time - frozen[0]!.since!).toBeGreaterThan(5.9);
    expect(Math.max(...frozen.map(({ area = 0 }) => area))).toBeGreaterThan(0.7);
    expect(frozen.at(-1)!.time).toBeGreaterThan(9.5);
    expect(judgements.at(-1)!.score).toBe(0);
  });

  it('leaves a picture that stands as a whole to the other kind', () => {
    expect(found(regional(holdFrom(100), 250))).toBe(false);
  });

  it('says nothing of a part that never moved', () => {
    expect(found(regional(still(0), 250))).toBe(false);
  });

  /** Soft shapes above the ticker, whose difference follows their speed. */
  const soft =
    (shift: (index: number) => number): Painter =>
    (data, index) => {
      underTicker(() => 0)(data, index);
      const columns = Float32Array.from({ length: 320 }, (_, column) =>
        Math.sin((column + shift(index)) / 9),
      );
      for (let row = 0; row < 158; row++) {
        const height = 60 * Math.cos(row / 9);
        for (let column = 0; column < 320; column++)
          data[row * 320 + column] = 120 + height * columns[column]!;
      }
    };

  it('finds soft shapes that stop at full speed, but not where they slow down and come to rest', () => {
    expect(
      found(
        regional(
          soft((index) => 3 * Math.min(75, index)),
          230,
        ),
      ),
    ).toBe(true);
    const slowing = (index: number) => (index < 75 ? 3 * index : 225 + 15 * (1 - 0.8 ** (index - 74)));
    expect(found(regional(soft(slowing), 240))).toBe(false);
  });

  it('says nothing where a cut brings a still picture', () => {
    const cut: Painter = (data, index) => {
      soft((at) => 2 * at)(data, index);
      if (index >= 75) data.fill(200, 0, 320 * 158);
    };
    expect(found(regional(cut, 230))).toBe(false);
  });

  it('goes on no longer than the picture that stood, where a cut brings another still one', () => {
    const cut: Painter = (data, index) => {
      still(75)(data, index);
      if (index >= 230) data.fill(200, 0, 320 * 158);
    };
    const frozen = regional(cut, 250).filter(({ score }) => score >= enter);
    expect(frozen.at(-1)!.time).toBeGreaterThan(9.1);
    expect(frozen.at(-1)!.time).toBeLessThan(9.7);
  });

  it('says nothing where a picture fades in under a ticker and stands', () => {
    const fade: Painter = (data, index) => {
      still(0)(data, index);
      const light = Math.min(1, index / 75);
      for (let sample = 0; sample < 320 * 158; sample++) data[sample] = 16 + (data[sample]! - 16) * light;
    };
    expect(found(regional(fade, 250))).toBe(false);
  });

  it('says nothing where one part after another comes to rest', () => {
    const oneByOne: Painter = (data, index) => {
      underTicker((at) => at)(data, index);
      const standing = Math.max(0, Math.min(15, Math.floor((index - 75) / 8)));
      for (let row = 0; row < 158; row++) data.fill(90, row * 320, row * 320 + standing * 20);
    };
    expect(found(regional(oneByOne, 300))).toBe(false);
  });
});
