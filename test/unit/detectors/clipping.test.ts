import { expect, it } from 'vitest';
import clipping from '../../../monitor/detectors/clipping.ts';
import type { AudioObservation } from '../../../monitor/detectors/contract.ts';
import { toneSteps } from './loudness-signals.ts';
import { epoch, judge } from './observations.ts';
import { clipSound } from './sound-clips.ts';

const { enter } = clipping.manifest.thresholds;

function found(audio: Iterable<AudioObservation>) {
  const subject = clipping.create({ share: 0.1 }, { minDuration: 0.3 });
  subject.step(epoch());
  return judge(subject, audio).filter(({ score }) => score >= enter);
}

it.each(['bunny.mp4', 'steel.mp4', 'road.mp4'])('hears no clipping in %s', (name) => {
  expect(found([clipSound(name)])).toEqual([]);
});

it('hears what was driven into full scale, in the channel and at the time', () => {
  const filter = "volume=-12dB,aeval='val(0)|val(1)*if(between(t,3,5),80,1)':c=same,aformat=s16";
  const heard = found([clipSound('steel.mp4', { filter })]);
  expect(new Set(heard.map(({ channel }) => channel))).toEqual(new Set(['FR']));
  expect(heard[0]!.since).toBeCloseTo(3, 5);
  expect(heard.at(-1)!.time).toBeCloseTo(5, 5);
  expect(heard.some(({ severity }) => severity === 'warning')).toBe(true);
});

it('hears it through a lossy codec', () => {
  const filter = 'volume=24dB,aformat=s16';
  expect(found([clipSound('steel.mp4', { filter, codec: 'aac' })]).length).toBeGreaterThan(20);
});

it('takes little of it as advice', () => {
  const samples = Int16Array.from({ length: 48_000 }, (_, at) =>
    at % 1000 < 4 ? 32_767 : Math.round(8000 * Math.sin(at / 7)),
  );
  const heard = found([
    { type: 'audio', time: 0, sampleRate: 48_000, channels: 1, channelNames: ['FC'], samples },
  ]);
  expect(heard.map(({ severity }) => severity)).toEqual(['info', 'info']);
});

it('does not take the flat tops of a low tone at full scale as clipping', () => {
  expect(found(toneSteps([{ seconds: 2, level: 0 }], { frequency: 25 }))).toEqual([]);
});

it('hears a clipped tone in any of eight channels, at any sample rate', () => {
  const channelNames = ['FL', 'FR', 'FC', 'LFE', 'BL', 'BR', 'SL', 'SR'];
  const level = { FL: -6, SR: 6 };
  for (const sampleRate of [8000, 44_100]) {
    const heard = found(toneSteps([{ seconds: 1, level }], { channelNames, sampleRate, frequency: 440 }));
    expect(heard.map(({ channel }) => channel)).toEqual(['SR', 'SR']);
  }
});

it('lets what a channel had end with the channel, when the layout changes or a hole follows', () => {
  const subject = clipping.create({ share: 0.1 }, { minDuration: 0.3 });
  subject.step(epoch());
  const clipped = (channelNames: readonly string[]) =>
    toneSteps([{ seconds: 0.5, level: 6 }], { channelNames, sampleRate: 8000, frequency: 440 });
  judge(subject, clipped(['FL', 'FR']));
  const after = [...clipped(['FC'])].map((run) => ({ ...run, time: run.time + 0.5 }));
  expect(judge(subject, after)).toMatchObject([
    { channel: 'FL', score: 0, time: 0.5 },
    { channel: 'FR', score: 0, time: 0.5 },
    { channel: 'FC', score: expect.closeTo(1) },
  ]);
  const later = [...clipped(['FC'])].map((run) => ({ ...run, time: run.time + 3 }));
  expect(judge(subject, later)[0]).toMatchObject({ channel: 'FC', score: 0, time: 3 });
});
