import { expect, it } from 'vitest';
import type { AudioObservation } from '../../../monitor/detectors/contract.ts';
import dropout from '../../../monitor/detectors/dropout.ts';
import { type Envelope, sineOf, type ToneOptions, tones } from './audio-observations.ts';
import { epoch, judge } from './observations.ts';
import { clipSound, repeatedClipSound } from './sound-clips.ts';

const { enter } = dropout.manifest.thresholds;
const loud = sineOf(-20);

interface Gap {
  readonly start: number;
  readonly channel?: string;
}

function gaps(audio: Iterable<AudioObservation>): Gap[] {
  const subject = dropout.create({ longestGap: 0.2 }, { minDuration: 0 });
  subject.step(epoch());
  return judge(subject, audio)
    .filter(({ score }) => score >= enter)
    .map(({ since, channel }) => ({ start: since!, ...(channel !== undefined && { channel }) }));
}

const run = (envelope: Envelope, options: Partial<ToneOptions> = {}) =>
  gaps(tones(envelope, { seconds: 2, ...options }));
const between = (from: number, to: number, time: number) => time >= from && time < to;

it('finds gaps of 4 to 180 ms, dated to the millisecond, at any rate and packet size', () => {
  for (const length of [0.004, 0.02, 0.18]) {
    for (const [sampleRate, packet] of [
      [48_000, 1024],
      [44_100, 160],
      [8000, 5000],
    ] as const) {
      const found = run((time) => (between(1, 1 + length, time) ? undefined : loud), { sampleRate, packet });
      expect(found).toEqual([{ start: expect.closeTo(1, 2) }]);
    }
  }
});

it('leaves longer gaps to the detector of silence, and takes no level that is only lower', () => {
  expect(run((time) => (between(1, 1.25, time) ? undefined : loud))).toEqual([]);
  expect(run((time) => (between(1, 1.05, time) ? sineOf(-40) : loud))).toEqual([]);
});

it('finds sound that was lost, where something was to be heard', () => {
  const lost = (packets: number, level: number | undefined) =>
    gaps([...tones(() => level, { seconds: 1 })].filter((_, index) => index < 20 || index >= 20 + packets));
  for (const packets of [1, 3, 9])
    expect(lost(packets, loud)).toEqual([{ start: expect.closeTo((20 * 1024) / 48_000, 3) }]);
  expect(lost(12, loud)).toEqual([]);
  expect(lost(1, sineOf(-50))).toEqual([]);
  expect(lost(1, undefined)).toEqual([]);
});

it('finds sound that was lost just after a pause of speech began', () => {
  const speech = [...tones((time) => (time < 0.35 ? loud : sineOf(-60)), { seconds: 1 })];
  expect(gaps(speech.filter((_, index) => index < 20 || index >= 25))).toEqual([
    { start: expect.closeTo((20 * 1024) / 48_000, 3) },
  ]);
});

it('bears timestamps that are inexact', () => {
  const inexact = [...tones(() => loud, { seconds: 2 })].map((run, index) => ({
    ...run,
    time: run.time + (index % 2) * 0.0116,
  }));
  expect(gaps(inexact)).toEqual([]);
});

it('names the channel that alone has a gap', () => {
  const channelNames = ['FL', 'FR', 'FC', 'LFE', 'SL', 'SR'];
  const found = run((time, channel) => (channel === 'SL' && between(1, 1.03, time) ? undefined : loud), {
    channelNames,
    sampleRate: 8000,
  });
  expect(found).toEqual([{ start: expect.closeTo(1, 2), channel: 'SL' }]);
});

it('does not take decays, swells and quiet sound as gaps', () => {
  const drum = (time: number) => loud * Math.exp(-(time % 0.25) / 0.02);
  expect(run(drum, { seconds: 4 })).toEqual([]);
  const tremolo = (time: number) => loud * Math.max(0, Math.sin(2 * Math.PI * 4 * time));
  expect(run(tremolo, { seconds: 4 })).toEqual([]);
  expect(run((time) => (between(1, 1.05, time) ? undefined : sineOf(-50)))).toEqual([]);
});

it.each(['bunny.mp4', 'steel.mp4', 'road.mp4'])('finds none in %s, nor where it is repeated', (name) => {
  const sound = repeatedClipSound(name, 2);
  expect(sound.samples.length).toBe(2 * 16 * 2 * sound.sampleRate);
  expect(gaps([sound])).toEqual([]);
});

it('finds the gaps that were cut into a clip', () => {
  const sound = clipSound('steel.mp4');
  const cuts = [2, 3.1, 5.5];
  const samples = sound.samples.slice();
  for (const cut of cuts) samples.fill(0, cut * 96_000, (cut + 0.03) * 96_000);
  expect(gaps([{ ...sound, samples }])).toEqual(cuts.map((cut) => ({ start: expect.closeTo(cut, 2) })));
});

it('finds a gap that a codec has filled with noise, and one in a pause', () => {
  const cut = { filter: "aeval='val(ch)*not(between(t,2,2.05)+between(t,5,5.05))':c=same" };
  const found = gaps([clipSound('steel.mp4', { ...cut, codec: 'aac' })]);
  // The decoder plays what an encoder of AAC needs to begin, 21 ms of it.
  expect(found).toEqual([2.021, 5.021].map((at) => ({ start: expect.closeTo(at, 1) })));
  const pause = (time: number) => (between(0.9, 1.4, time) ? sineOf(-58) : loud);
  expect(run((time) => (between(1, 1.12, time) ? undefined : pause(time)))).toEqual([
    { start: expect.closeTo(1, 2) },
  ]);
});

it('does not join what an epoch divides', () => {
  const subject = dropout.create({ longestGap: 0.2 }, { minDuration: 0 });
  subject.step(epoch());
  const half = (from: number, envelope: Envelope) => tones(envelope, { seconds: 0.5, from });
  const first = judge(
    subject,
    half(0, (time) => (time > 0.45 ? undefined : loud)),
  );
  subject.step(epoch({ time: 0.5 }));
  expect([
    ...first,
    ...judge(
      subject,
      half(0.5, () => loud),
    ),
  ]).toEqual([]);
});
