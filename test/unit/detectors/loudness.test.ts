import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AudioObservation } from '../../../monitor/detectors/contract.ts';
import { GatedLoudness } from '../../../monitor/detectors/loudness/gated-loudness.ts';
import { LoudnessMeter, type LoudnessStep } from '../../../monitor/detectors/loudness/loudness-meter.ts';
import { LoudnessRange } from '../../../monitor/detectors/loudness/loudness-range.ts';
import loudness from '../../../monitor/detectors/loudness.ts';
import { burstBetweenSamples, type SineOptions, type ToneStep, toneSteps } from './loudness-signals.ts';
import { epoch, judge } from './observations.ts';

const parameters = { profile: 'ebu-r128', tolerance: 2, shortTermTolerance: 9, truePeak: -1 } as const;
const { enter } = loudness.manifest.thresholds;

function measure(audio: Iterable<AudioObservation>) {
  const history = new GatedLoudness(36_000);
  const range = new LoudnessRange(36_000);
  let meter: LoudnessMeter | undefined;
  const steps: LoudnessStep[] = [];
  for (const run of audio) {
    meter ??= new LoudnessMeter(run, history);
    steps.push(...meter.hear(run));
  }
  for (const { shortTerm } of steps) if (shortTerm !== undefined) range.add(shortTerm);
  return {
    steps,
    integrated: history.measure().loudness,
    range: range.measure().range,
    truePeak: 20 * Math.log10(Math.max(...steps.map(({ truePeak }) => truePeak))),
  };
}

const tones = (steps: readonly (readonly [number, ToneStep['level']])[], options?: SineOptions) =>
  measure(
    toneSteps(
      steps.map(([seconds, level]) => ({ seconds, level })),
      options,
    ),
  );

describe('the meter of EBU Tech 3341', () => {
  it.each([
    [1, -23],
    [2, -33],
  ])('reads case %d, a stereo tone, on all three windows', (_, level) => {
    const { steps, integrated } = tones([[4, level]]);
    const last = steps.at(-1)!;
    for (const value of [last.momentary!, last.shortTerm!, integrated]) {
      expect(Math.abs(value - level)).toBeLessThan(0.1);
    }
  });

  it.each([
    [
      '3, the relative gate',
      [
        [10, -36],
        [60, -23],
        [10, -36],
      ],
    ],
    [
      '4, both gates',
      [
        [10, -72],
        [10, -36],
        [60, -23],
        [10, -36],
        [10, -72],
      ],
    ],
    [
      '5, levels that are all counted',
      [
        [20, -26],
        [20.1, -20],
        [20, -26],
      ],
    ],
  ] as const)('integrates case %s, to −23 LUFS', (_, steps) => {
    expect(Math.abs(tones(steps, { sampleRate: 8000 }).integrated + 23)).toBeLessThan(0.1);
  });

  it('weights the channels of case 6, 5.0, and leaves LFE out', () => {
    const level = { FL: -28, FR: -28, FC: -24, BL: -30, BR: -30, LFE: -6 };
    const channelNames = ['FL', 'FR', 'FC', 'LFE', 'BL', 'BR'];
    expect(Math.abs(tones([[20, level]], { channelNames, sampleRate: 8000 }).integrated + 23)).toBeLessThan(
      0.1,
    );
  });

  it('keeps the short-term loudness of case 9 still, and the momentary one of case 12', () => {
    const parts = <T>(count: number, part: readonly T[]) => Array.from({ length: count }, () => part).flat();
    const short = tones(
      parts(5, [
        [1.34, -20],
        [1.66, -30],
      ] as const),
      { sampleRate: 8000 },
    ).steps.flatMap((s) => s.shortTerm ?? []);
    for (const value of short) expect(Math.abs(value + 23)).toBeLessThan(0.1);
    const momentary = tones(
      parts(25, [
        [0.18, -20],
        [0.22, -30],
      ] as const),
      { sampleRate: 8000 },
    );
    for (const { momentary: value } of momentary.steps.slice(10)) {
      expect(Math.abs(value! + 23)).toBeLessThan(0.1);
    }
  });

  const silence = Number.NEGATIVE_INFINITY;
  const highest = (values: readonly (number | undefined)[]) =>
    Math.max(...values.map((value) => value ?? silence));

  it.each([
    ['10, the short-term loudness of three seconds', { step: 0.15, length: 3 }, 'shortTerm'],
    ['13, the momentary loudness of 400 ms', { step: 0.02, length: 0.4 }, 'highestMomentary'],
  ] as const)('finds the highest of case %s, wherever they begin', (_, { step, length }, window) => {
    for (let index = 0; index < 20; index++) {
      const signal = [
        [index * step, silence],
        [length, -23],
        [1, silence],
      ] as const;
      const { steps } = tones(signal, { sampleRate: 8000 });
      expect(Math.abs(highest(steps.map((own) => own[window])) + 23), `file ${index}`).toBeLessThan(0.1);
    }
  });

  it.each([
    ['11, of short-term loudness', { step: 0.15, length: 3 }, 'shortTerm'],
    ['14, of momentary loudness', { step: 0.02, length: 0.4 }, 'highestMomentary'],
  ] as const)('follows the rising tones of case %s', (_, { step, length }, window) => {
    const levels = Array.from({ length: 20 }, (_value, index) => index - 38);
    const signal = levels.flatMap((level, index) => [
      [index * step, silence] as const,
      [length, level] as const,
      [length - index * step, silence] as const,
    ]);
    const { steps } = tones(signal, { sampleRate: 8000 });
    for (const [index, level] of levels.entries()) {
      const [from, to] = [2 * length * index, 2 * length * (index + 1)];
      const own = steps.filter(({ end }) => end > from + 1e-6 && end < to + 1e-6);
      expect(Math.abs(highest(own.map((one) => one[window])) - level), `tone ${index}`).toBeLessThan(0.1);
    }
  });

  it('reads the same at every sample rate', () => {
    for (const sampleRate of [8000, 32_000, 44_100, 96_000]) {
      expect(Math.abs(tones([[2, -23]], { sampleRate }).integrated + 23)).toBeLessThan(0.1);
    }
  });

  // EBU Tech 3341 allows +0.2 and −0.4 dB.
  it.each([
    ['15, fs/4', 4, 0, -6],
    ['16, fs/4 at 45°', 4, 45, -6],
    ['17, fs/6 at 60°', 6, 60, -6],
    ['18, fs/8 at 67.5°', 8, 67.5, -6],
    ['19, fs/4 at 45°, above full scale', 4, 45, 3],
  ])('finds the true peak of case %s between the samples', (_, divisor, degrees, level) => {
    const frequency = 48_000 / divisor;
    const { steps } = tones([[0.3, level]], { frequency, phase: (degrees * Math.PI) / 180 });
    // The sudden start of the tone, in the first step, has overtones of its own.
    const error = 20 * Math.log10(steps.at(-1)!.truePeak) - level;
    expect(error).toBeGreaterThan(-0.4);
    expect(error).toBeLessThan(0.2);
  });

  it.each([20, 21, 22, 23])(
    'finds the true peak of case %d, a single period, between the samples',
    (number) => {
      const { truePeak } = measure([burstBetweenSamples(number - 20)]);
      expect(truePeak).toBeGreaterThan(-0.4);
      expect(truePeak).toBeLessThan(0.2);
    },
  );
});

// EBU Tech 3342 allows ±1 LU.
it.each([
  [1, [-20, -30], 10],
  [2, [-20, -15], 5],
  [3, [-40, -20], 20],
  [4, [-50, -35, -20, -35, -50], 15],
] as const)('measures the loudness range of case %d of EBU Tech 3342', (_, levels, expected) => {
  const { range } = tones(
    levels.map((level) => [20, level]),
    { sampleRate: 8000 },
  );
  expect(Math.abs(range - expected)).toBeLessThan(0.3);
});

it('forgets the loudness range of what is more than its window ago', () => {
  const range = new LoudnessRange(20);
  expect(range.measure()).toEqual({ range: 0, values: 0 });
  for (const level of [...Array(20).fill(-40), ...Array(10).fill(-20), ...Array(10).fill(-23)])
    range.add(level);
  expect(range.measure()).toEqual({ range: expect.closeTo(3, 6), values: 20 });
  for (let count = 0; count < 20; count++) range.add(Number.NEGATIVE_INFINITY);
  expect(range.measure()).toEqual({ range: 0, values: 0 });
});

const clip = (name: string) => join(import.meta.dirname, '../../media', name);
const ffmpeg = (args: readonly string[]) =>
  spawnSync('ffmpeg', ['-hide_banner', '-nostats', ...args], { maxBuffer: 1e8 });

it.each(['bunny.mp4', 'steel.mp4', 'road.mp4'])('agrees with ffmpeg on %s', (name) => {
  const pcm = ffmpeg(['-loglevel', 'error', '-i', clip(name), '-vn', '-f', 's16le', '-']).stdout;
  const samples = new Int16Array(pcm.buffer, pcm.byteOffset, pcm.length / 2);
  const { integrated, truePeak, range } = measure([
    { type: 'audio', time: 0, sampleRate: 48_000, channels: 2, channelNames: ['FL', 'FR'], samples },
  ]);
  const said = ffmpeg([
    '-i',
    clip(name),
    '-vn',
    '-af',
    'ebur128=peak=true',
    '-f',
    'null',
    '-',
  ]).stderr.toString();
  const summary = said.slice(said.lastIndexOf('Summary:'));
  expect(Math.abs(integrated - Number(/I:\s+(\S+) LUFS/.exec(summary)![1]))).toBeLessThan(0.11);
  // Among some hundred values, the next rank can be 0.2 LU away.
  expect(Math.abs(range - Number(/LRA:\s+(\S+) LU/.exec(summary)![1]))).toBeLessThan(0.3);
  expect(Math.abs(truePeak - Number(/Peak:\s+(\S+) dBFS/.exec(summary)![1]))).toBeLessThan(0.25);
});

describe('loudness', () => {
  const detector = (changes: Partial<Record<keyof typeof parameters, number | string>> = {}) => {
    const subject = loudness.create({ ...parameters, ...changes } as never, { minDuration: 10 });
    subject.step(epoch());
    return subject;
  };
  const found = (level: number, seconds: number, changes = {}) => {
    const last = judge(detector(changes), toneSteps([{ seconds, level }], { sampleRate: 8000 })).slice(-3);
    return last.filter(({ score }) => score >= enter).map(({ kind }) => kind);
  };

  it('judges the last hour against the target of the profile', () => {
    expect(found(-23, 62)).toEqual([]);
    expect(found(-20.5, 62)).toEqual(['too-loud']);
    expect(found(-25.5, 62)).toEqual(['too-quiet']);
    expect(found(-25.5, 62, { profile: 'atsc-a85' })).toEqual([]);
  });

  it('says nothing of a programme before a minute of sound, unless three seconds are far too loud', () => {
    expect(found(-40, 50)).toEqual([]);
    expect(found(-14.5, 5)).toEqual([]);
    expect(found(-13.5, 5)).toEqual(['too-loud']);
  });

  it('forgets what is more than its window ago', () => {
    const history = new GatedLoudness(10);
    for (const energy of [...Array(20).fill(1), ...Array(10).fill(0.01)]) history.add(energy);
    expect(history.measure()).toEqual({ loudness: expect.closeTo(-20.691, 3), blocks: 10 });
  });

  it('reports a true peak at once, and the highest of the last minute as a figure', () => {
    const judgements = judge(
      detector(),
      toneSteps([
        { seconds: 1.9, level: -0.5 },
        { seconds: 2.1, level: -20 },
      ]),
    );
    const peaks = judgements.filter(({ kind }) => kind === 'true-peak');
    expect(peaks.map(({ score }) => score >= enter)).toEqual([true, true, false, false]);
    expect(peaks.at(-1)!.measurements).toEqual([{ name: 'true_peak_dbtp', value: expect.closeTo(-0.5, 1) }]);
  });

  it('tells the highest momentary loudness of each second', () => {
    const steps = [
      { seconds: 1.12, level: Number.NEGATIVE_INFINITY },
      { seconds: 0.4, level: -23 },
      { seconds: 1.48, level: -50 },
    ];
    const told = judge(detector(), toneSteps(steps)).flatMap(({ measurements = [] }) =>
      measurements.flatMap((own) =>
        own.name === 'loudness_lufs' && own.window === 'momentary' ? [own.value] : [],
      ),
    );
    expect(told.map((value) => Math.round(10 * value) / 10)).toEqual([-23, -50]);
  });

  it('tells the loudness range after a minute of sound', () => {
    const steps = [
      { seconds: 40, level: -20 },
      { seconds: 40, level: -30 },
    ];
    const told = judge(detector(), toneSteps(steps, { sampleRate: 8000 })).flatMap(
      ({ time, measurements = [] }) =>
        measurements.flatMap(({ name, value }) => (name === 'loudness_range_lu' ? [{ time, value }] : [])),
    );
    expect(told[0]!.time).toBeCloseTo(63, 6);
    expect(Math.abs(told.at(-1)!.value - 10)).toBeLessThan(0.3);
  });

  it('has no figures of digital silence', () => {
    const judgements = judge(detector(), toneSteps([{ seconds: 4, level: Number.NEGATIVE_INFINITY }]));
    expect(judgements.flatMap(({ measurements = [] }) => measurements)).toEqual([]);
    expect(Math.max(...judgements.map(({ score }) => score))).toBeLessThan(enter);
  });

  it('goes on with the last hour through an epoch', () => {
    const subject = detector();
    judge(subject, toneSteps([{ seconds: 62, level: -18 }], { sampleRate: 8000 }));
    subject.step(epoch({ time: 62 }));
    const after = [...toneSteps([{ seconds: 2, level: -18 }])].map((run) => ({
      ...run,
      time: run.time + 62,
    }));
    expect(judge(subject, after)[0]).toMatchObject({ kind: 'too-loud', score: expect.closeTo(0.65, 2) });
  });

  it('cannot tell without sound', () => {
    const subject = loudness.create(parameters, { minDuration: 10 });
    expect(subject.step(epoch({ hasAudio: false }))).toEqual([{ unknown: 'no audio in this stream' }]);
  });
});
