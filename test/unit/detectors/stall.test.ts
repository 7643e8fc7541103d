import { describe, expect, it } from 'vitest';
import type {
  ClockObservation,
  Detector,
  FrameObservation,
  Judgement,
  Observation,
} from '../../../monitor/detectors/contract.ts';
import stall from '../../../monitor/detectors/stall.ts';
import { tones } from './audio-observations.ts';
import { clock, epoch, frames, judge } from './observations.ts';

const { enter } = stall.manifest.thresholds;
const parameters = { jump: 0.5, lowRate: 0.8, lowRateDuration: 10 };

const detector = (declared: Partial<Parameters<typeof epoch>[0]> = {}): Detector => {
  const subject = stall.create(parameters, { minDuration: 2 });
  subject.step(epoch({ hasAudio: false, ...declared }));
  return subject;
};

const [picture] = frames((data) => data.fill(90), { count: 1, width: 16, height: 9 });
const at = (time: number): FrameObservation => ({ ...picture!, time });
const ofKind = (kind: string, judgements: readonly Judgement[]) =>
  judgements.filter((judgement) => judgement.kind === kind);
const present = (judgements: readonly Judgement[]) => judgements.filter(({ score }) => score >= enter);
const found = (times: Iterable<number>, subject = detector()) => present(judge(subject, [...times].map(at)));

/** Times of frames at a rate, from one time to before another. */
function* steady(rate: number, from: number, to: number): Generator<number> {
  for (let index = 0; from + index / rate < to - 1e-9; index++) yield from + index / rate;
}

/** Times with intervals that a repeatable generator scatters over a range. */
function* scattered(shortest: number, longest: number, seconds: number): Generator<number> {
  let state = 42;
  for (let time = 0; time < seconds; ) {
    yield time;
    state = (state * 16_807) % 2_147_483_647;
    time += shortest + ((longest - shortest) * state) / 2_147_483_647;
  }
}

describe('stall: no frames', () => {
  const idle = (videoIdle: number, values: Partial<ClockObservation> = {}) =>
    clock({ time: 3.96 + videoIdle, videoIdle, ...values });
  const judged = (observations: readonly Observation[], subject = detector()) =>
    ofKind('no-frames', judge(subject, [...[...steady(25, 0, 4)].map(at), ...observations]));

  it('begins with the last frame and ends with the next', () => {
    const judgements = judged([idle(0.5), idle(1.9), idle(2), idle(6), at(11), idle(0.3, { time: 11.3 })]);
    expect(judgements.map(({ score }) => score >= enter)).toEqual([false, false, true, true, false, false]);
    expect(present(judgements)).toMatchObject([{ since: 3.96 }, { since: 3.96, time: 9.96 }]);
    expect(judgements[4]).toEqual({ time: 11, kind: 'no-frames', score: 0, since: 11 });
  });

  it('allows for the pauses of a segmented source', () => {
    expect(present(judged([idle(8.9, { expectedGap: 9 })]))).toEqual([]);
    expect(present(judged([idle(9, { expectedGap: 9 })]))).toHaveLength(1);
  });

  it('says nothing before the first frame', () => {
    expect(judge(detector(), [clock({ time: 30 })])).toEqual([]);
  });

  it('watches the sound of a stream without pictures, and only of such a one', () => {
    const heard = [...tones(() => 0.1, { seconds: 3 })];
    const quiet = clock({ time: 6, audioIdle: 3 });
    const audioOnly = judge(detector({ hasVideo: false, hasAudio: true }), [...heard, quiet]);
    expect(present(audioOnly)).toMatchObject([{ kind: 'no-frames', since: expect.closeTo(3, 1) }]);
    const both = judge(detector({ hasAudio: true }), [
      ...heard,
      clock({ time: 6, audioIdle: 3, videoIdle: 0.02 }),
    ]);
    expect(present(both)).toEqual([]);
  });

  it('is not taken for a skip as well', () => {
    const paused = [...[...steady(25, 0, 4)].map(at), idle(1.5), at(5.5), at(5.54)];
    const stalled = [...[...steady(25, 0, 4)].map(at), idle(3), at(7), at(7.04)];
    const alone = [...[...steady(25, 0, 4)].map(at), idle(3, { audioIdle: 0.1 }), at(7), at(7.04)];
    for (const observations of [paused, stalled, alone]) {
      expect(present(ofKind('timestamp-jump', judge(detector(), observations)))).toEqual([]);
    }
  });
});

describe('stall: timestamp jump', () => {
  const skipOf = (gap: number, rate = 25) =>
    found([...steady(rate, 0, 4), ...steady(rate, 4 - 1 / rate + gap, 6)]);

  it('reports a skip with its onset and its end', () => {
    const judgements = judge(detector(), [...steady(25, 0, 4), ...steady(25, 5.5, 7)].map(at));
    const [skip, over] = ofKind('timestamp-jump', judgements);
    expect(skip).toMatchObject({ time: 5.5, since: expect.closeTo(4, 6) });
    expect(skip!.score).toBeGreaterThanOrEqual(enter);
    expect(over).toEqual({ time: 5.5, kind: 'timestamp-jump', score: 0, since: 5.5 });
    expect(stall.manifest.kinds['timestamp-jump']).toMatchObject({ minDuration: '0s', severity: 'warning' });
  });

  it('begins at the configured length beyond the usual interval', () => {
    expect(skipOf(0.53)).toEqual([]);
    expect(skipOf(0.55)).toHaveLength(1);
  });

  it('needs three frames to be missing at low rates', () => {
    expect(skipOf(1.4, 2)).toEqual([]);
    const slow = (gap: number) => found([...steady(2, 0, 20), ...steady(2, 19.5 + gap, 30)]);
    expect(slow(1.4)).toEqual([]);
    expect(slow(1.6)).toHaveLength(1);
  });

  it('says nothing before a cadence is known, nor over an epoch', () => {
    expect(found([...steady(25, 0, 0.5), ...steady(25, 3, 4)])).toEqual([]);
    const subject = detector();
    expect(found(steady(25, 0, 4), subject)).toEqual([]);
    subject.step(epoch({ time: 7 }));
    expect(found(steady(25, 7, 9), subject)).toEqual([]);
  });

  it('takes telecine, whole milliseconds and equal times as steady', () => {
    const telecine = Array.from({ length: 120 }, (_, index) => Math.ceil(index * 2.5) / 60);
    const last = telecine.at(-1)!;
    expect(found(telecine)).toEqual([]);
    expect(found([...telecine, last + 0.7, last + 0.75])).toHaveLength(1);
    expect(found([...steady(29.97, 0, 10)].map((time) => Math.round(time * 1000) / 1000))).toEqual([]);
    expect(found([0, 0, ...steady(25, 0, 4), 3.9, 3.96, 4])).toEqual([]);
  });

  it('lets a variable frame rate skip what is usual for it', () => {
    const phone = [...scattered(1 / 60, 1 / 10, 20)];
    expect(found(phone)).toEqual([]);
    const last = phone.at(-1)!;
    expect(found([...phone, last + 1.5])).toEqual([]);
    expect(found([...phone, last + 3])).toHaveLength(1);
    // A screen recording sends few frames while nothing moves.
    expect(found(scattered(0.05, 1.5, 120))).toEqual([]);
  });
});

describe('stall: low frame rate', () => {
  const lowRates = (times: Iterable<number>) =>
    ofKind('low-frame-rate', found(times)).map(({ time, since }) => ({ time, since }));

  it('reports a rate that stays below four fifths of the usual for ten seconds', () => {
    const [first, ...rest] = lowRates([...steady(25, 0, 40), ...steady(12.5, 40, 60)]);
    expect(first!.since).toBeGreaterThan(37.9);
    expect(first!.since).toBeLessThan(40.1);
    expect(first!.time - first!.since!).toBeGreaterThanOrEqual(10);
    expect(first!.time).toBeLessThan(52.5);
    expect(rest.length).toBeGreaterThan(2);
  });

  it('ends when the usual rate is back', () => {
    const judgements = ofKind(
      'low-frame-rate',
      judge(detector(), [...steady(25, 0, 40), ...steady(12.5, 40, 60), ...steady(25, 60, 70)].map(at)),
    );
    const last = judgements.at(-1)!;
    expect(last.score).toBeLessThan(stall.manifest.thresholds.exit);
    expect(last.since).toBeGreaterThanOrEqual(58);
    expect(last.since).toBeLessThanOrEqual(62.1);
  });

  it('leaves a short drop and four fifths alone', () => {
    expect(lowRates([...steady(25, 0, 40), ...steady(12.5, 40, 48), ...steady(25, 48, 70)])).toEqual([]);
    expect(lowRates([...steady(29.97, 0, 40), ...steady(23.976, 40, 80)])).toEqual([]);
    expect(lowRates([...steady(30, 0, 40), ...steady(23, 40, 80)])).not.toEqual([]);
  });

  it('compares with what was usual, not with what is declared', () => {
    const subject = detector({ frameRate: 60 });
    expect(found(steady(25, 0, 60), subject)).toEqual([]);
  });

  it('knows no usual rate where the rate varies', () => {
    const busy = [...scattered(1 / 30, 1 / 5, 60)];
    const screen = [0, 40, 80].flatMap((from) => [
      ...steady(20, from, from + 15),
      ...steady(4, from + 15, from + 40),
    ]);
    expect(lowRates(busy)).toEqual([]);
    expect(lowRates(screen)).toEqual([]);
  });

  it('takes a rate that stays as the new usual one', () => {
    const judgements = ofKind(
      'low-frame-rate',
      judge(detector(), [...steady(5, 0, 60), ...steady(2.5, 60, 2000)].map(at)),
    );
    expect(judgements.at(-1)!.score).toBeLessThan(enter);
  });
});
