import { describe, expect, it } from 'vitest';
import { RecentSeries } from '../../../monitor/server/recent-series.ts';
import { SoundState } from '../../../monitor/server/sound-state.ts';
import { SoundMeter } from '../../../monitor/watch/sound-meter.ts';

describe('RecentSeries', () => {
  const second = (index: number) => (1_000 + index) * 1000;

  it('keeps the highest of each second, and tells where there was none', () => {
    const series = new RecentSeries();
    expect(series.recent().values).toEqual([]);
    for (const [index, value] of [
      [0, 0.2],
      [0, 0.5],
      [1, 0.1],
      [3, 0.25],
      [13, 0.75],
    ] as const) {
      series.add(second(index) + 400, value);
    }
    expect(series.recent()).toEqual({
      until: 1013,
      values: [0.5, 0.1, 0.25, 0.25, ...Array(9).fill(null), 0.75],
    });
    series.add(second(2), 1);
    series.add(second(14), Number.NEGATIVE_INFINITY);
    expect(series.recent().until).toBe(1013);
  });

  it('keeps five minutes, whatever pause there was', () => {
    const series = new RecentSeries();
    for (let index = 0; index < 400; index++) series.add(second(index), index / 1000);
    expect(series.recent().values).toHaveLength(300);
    expect(series.recent().values.at(0)).toBe(0.1);
    series.add(second(5000), 0.5);
    expect(series.recent().values.filter((value) => value !== null)).toEqual([0.5]);
  });
});

describe('SoundMeter', () => {
  it('measures each channel, and begins anew each time', () => {
    const meter = new SoundMeter();
    expect(meter.take()).toBeUndefined();
    // A sine of half scale on the left, whose mean is 3.01 dB below its peak, and nothing on the right.
    const samples = Int16Array.from({ length: 9600 }, (_, index) =>
      index % 2 ? 0 : Math.round(16_384 * Math.sin((2 * Math.PI * index) / 96)),
    );
    const run = { pts: 0, sampleRate: 48_000, channels: 2, channelNames: ['FL', 'FR'], samples };
    meter.add(run);
    meter.add(run);
    expect(meter.take()).toEqual([
      { name: 'FL', peak: -6, rms: -9 },
      { name: 'FR', peak: -99, rms: -99 },
    ]);
    expect(meter.take()).toBeUndefined();
  });
});

describe('SoundState', () => {
  it('tells loudness and, while they are fresh, levels', () => {
    const sound = new SoundState();
    expect(sound.sound(0)).toBeUndefined();
    sound.levels([{ name: 'FL', peak: -6, rms: -9 }], 10_000);
    sound.measured({ name: 'loudness_lufs', window: 'short-term', value: -23.4 }, 10_000);
    sound.measured({ name: 'true_peak_dbtp', value: -1.5 }, 10_000);
    expect(sound.sound(11_000)).toMatchObject({
      channels: [{ name: 'FL' }],
      figures: { shortTerm: -23.4, truePeak: -1.5 },
      shortTerm: { until: 10, values: [-23.4] },
    });
    expect(sound.sound(14_000)!.channels).toEqual([]);
  });
});
