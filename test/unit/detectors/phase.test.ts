import { expect, it } from 'vitest';
import type { AudioObservation } from '../../../monitor/detectors/contract.ts';
import phase from '../../../monitor/detectors/phase.ts';
import { epoch, judge } from './observations.ts';
import { clipSound } from './sound-clips.ts';

const { enter } = phase.manifest.thresholds;

function found(audio: Iterable<AudioObservation>, monoDuration = 60) {
  const subject = phase.create({ monoDuration, dcOffset: 1 }, { minDuration: 3 });
  subject.step(epoch());
  return judge(subject, audio).filter(({ score }) => score >= enter);
}

/** Two noises: what the first has in all channels, and the second in each by itself. */
function* noise(
  seconds: number,
  sample: (time: number, common: number, own: number, channel: number) => number,
  channelNames: readonly string[] = ['FL', 'FR'],
): Generator<AudioObservation> {
  let seed = 1;
  const random = () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
    return seed / 2 ** 31;
  };
  const sampleRate = 8000;
  const channels = channelNames.length;
  for (let second = 0; second < seconds; second++) {
    const samples = new Int16Array(sampleRate * channels);
    for (let at = 0; at < sampleRate; at++) {
      const common = random();
      for (let channel = 0; channel < channels; channel++) {
        samples[at * channels + channel] = 6000 * sample(second + at / sampleRate, common, random(), channel);
      }
    }
    yield { type: 'audio', time: second, sampleRate, channels, channelNames, samples };
  }
}

it.each(['bunny.mp4', 'steel.mp4', 'road.mp4'])('finds nothing wrong with %s', (name) => {
  expect(found([clipSound(name)])).toEqual([]);
});

it('finds a channel of a clip that was inverted', () => {
  const filter = "aeval='val(0)*0.5+val(1)*0.5|(val(0)*0.5+val(1)*0.5)*if(gte(t,3),-1,1)':c=same";
  const inverted = found([clipSound('steel.mp4', { filter })]).filter(({ kind }) => kind === 'inverted');
  expect(inverted[0]).toMatchObject({ channel: 'FL+FR', since: expect.closeTo(3, 5) });
  expect(inverted.at(-1)!.time).toBeGreaterThanOrEqual(7.5);
});

it('finds inverted surround channels, and takes wide stereo as legal', () => {
  const names = ['FL', 'FR', 'FC', 'LFE', 'SL', 'SR'];
  const polarity = (channel: number) => (channel === 5 ? -1 : 1);
  const sound = noise(5, (_, common, own, channel) => common * polarity(channel) + 0.1 * own, names);
  expect(new Set(found(sound).map(({ kind, channel }) => `${kind} ${channel}`))).toEqual(
    new Set(['inverted SL+SR']),
  );
  const wide = noise(6, (_, common, own, channel) => (channel ? -common : common) + own);
  expect(found(wide)).toEqual([]);
});

it('finds one sound where stereo was, after its time, and not where it always was one', () => {
  const loss = (from: number) => noise(30, (time, common, own) => (time < from ? common + own : common));
  const [first] = found(loss(15), 10);
  expect(first).toMatchObject({ kind: 'mono', channel: 'FL+FR', since: 15, time: 25 });
  expect(found(loss(0), 10)).toEqual([]);
  expect(found(loss(22), 10)).toEqual([]);
});

it('finds an offset beyond one per cent, in its channel', () => {
  const offset = (percent: number) =>
    noise(14, (time, _, own, channel) => own + (channel === 1 && time >= 2 ? (percent * 327.68) / 6000 : 0));
  const heard = found(offset(1.5));
  expect(heard[0]).toMatchObject({ kind: 'dc-offset', channel: 'FR', since: 2 });
  expect(found(offset(0.6))).toEqual([]);
});

it('says nothing of silence, nor across an epoch', () => {
  expect(found(noise(5, () => 0))).toEqual([]);
  const subject = phase.create({ monoDuration: 60, dcOffset: 1 }, { minDuration: 3 });
  const inverted = () => noise(2, (_, common, __, channel) => (channel ? -common : common));
  const judgements = [0, 2].flatMap((time) => {
    subject.step(epoch({ time }));
    return judge(subject, inverted());
  });
  expect(judgements.filter(({ score }) => score >= enter)).toEqual([]);
});
