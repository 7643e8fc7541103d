import { describe, expect, it } from 'vitest';
import avSync from '../../../monitor/detectors/av-sync.ts';
import type { AudioObservation, Judgement, Observation } from '../../../monitor/detectors/contract.ts';
import { frames } from './observations.ts';

const parameters = { toleranceEarly: 0.045, toleranceLate: 0.125, markerTone: 1000 };
const sampleRate = 48_000;
const { enter, exit } = avSync.manifest.thresholds;

/** What is shown and heard at a second of the programme; `offset` is positive when audio is early. */
interface Programme {
  readonly seconds: number;
  readonly rate?: number;
  readonly flash?: (time: number) => boolean;
  /** Amplitude -1 … 1. */
  readonly sound?: (time: number) => number;
  /** Audio time stamps by programme time, and how far audio is delivered behind video. */
  readonly audioTime?: (time: number) => number;
  readonly audioDelay?: number;
}

const every = (period: number, length: number) => (time: number) => (time + 1e-9) % period < length;
const beeps =
  (period: number, offsetAt: (time: number) => number, length = 0.06) =>
  (time: number) => {
    const programme = time + offsetAt(time) + 10 * period;
    return every(period, length)(programme) ? 0.25 * Math.sin(2 * Math.PI * 1000 * time) : 0;
  };
const marker = (offset: number, seconds = 12, rate = 25): Programme => ({
  seconds,
  rate,
  flash: every(2, 2 / rate),
  sound: beeps(2, () => offset),
});

function* audio(programme: Programme): Generator<AudioObservation> {
  const length = 1024;
  const { seconds, sound = () => 0, audioTime = (time) => time } = programme;
  for (let first = 0; first < seconds * sampleRate; first += length) {
    const samples = new Int16Array(2 * length);
    for (let index = 0; index < length; index++) {
      samples[2 * index] = samples[2 * index + 1] = Math.round(32_767 * sound((first + index) / sampleRate));
    }
    const time = audioTime(first / sampleRate);
    yield { type: 'audio', time, sampleRate, channels: 2, channelNames: ['FL', 'FR'], samples };
  }
}

/** Frames and audio as they are delivered: by programme time, audio `audioDelay` later. */
function* delivered(programme: Programme): Generator<Observation> {
  const { seconds, rate = 25, flash = () => false, audioDelay = 0 } = programme;
  yield { type: 'epoch', time: 0, hasVideo: true, hasAudio: true, transportSeen: true };
  const sound = audio(programme);
  let heard = 0;
  const paint = (data: Uint8Array, index: number) => {
    data.fill(60 + (index % 50));
    if (!flash(index / rate)) return;
    for (let row = 0; row < 23; row++) data.fill(235, row * 160, row * 160 + 40);
  };
  for (const frame of frames(paint, { count: seconds * rate, rate, width: 160, height: 90 })) {
    yield frame;
    while (heard + audioDelay <= frame.time) {
      const next = sound.next();
      if (next.done) break;
      heard += 1024 / sampleRate;
      yield next.value;
    }
  }
}

function watch(programme: Programme, subject = avSync.create(parameters, { minDuration: 2 })) {
  const judgements: Judgement[] = [];
  const unknown: (string | undefined)[] = [];
  for (const observation of delivered(programme)) {
    for (const said of subject.step(observation)) {
      if ('kind' in said) judgements.push(said);
      else unknown.push(said.unknown);
    }
  }
  const measured = judgements.flatMap(({ measurements = [] }) => measurements.map(({ value }) => value));
  const worst = (kind: string) => judgements.filter((said) => said.kind === kind).at(-1);
  return { judgements, unknown, measured, late: worst('audio-late'), early: worst('audio-early') };
}

const noEvidence = expect.stringContaining('content alone cannot tell');

describe('av-sync: marker', () => {
  it.each([-0.6, -0.4, -0.15, -0.04, 0, 0.02, 0.07, 0.3, 0.6])('measures an offset of %f s', (offset) => {
    const { measured, unknown } = watch(marker(offset));
    expect(unknown).toEqual([noEvidence, undefined]);
    for (const value of measured) expect(Math.abs(value - offset)).toBeLessThan(0.002);
  });

  it('rates against the tolerances and the limits of acceptability', () => {
    const rated = (offset: number) => {
      const { late, early } = watch(marker(offset, 10));
      return [late, early].map((said) => (said!.score < enter ? 'none' : (said!.severity ?? 'configured')));
    };
    expect(rated(-0.12)).toEqual(['none', 'none']);
    expect(rated(-0.13)).toEqual(['configured', 'none']);
    expect(rated(-0.19)).toEqual(['critical', 'none']);
    expect(rated(0.042)).toEqual(['none', 'none']);
    expect(rated(0.05)).toEqual(['none', 'configured']);
    expect(rated(0.095)).toEqual(['none', 'critical']);
  });

  it('dates the change and the recovery when audio is late for a while', () => {
    const late = (time: number) => (time > 20.5 && time < 40.5 ? -0.3 : 0);
    const { judgements } = watch({ ...marker(0, 60), sound: beeps(2, late) });
    const states = judgements.filter(({ kind }) => kind === 'audio-late');
    const onset = states.find(({ score }) => score >= enter)!;
    expect(onset.since).toBeCloseTo(22, 1);
    expect(onset.time).toBeLessThan(26);
    const recovery = states.find(({ time, score }) => time > onset.time && score < exit)!;
    expect(recovery.since).toBeCloseTo(42, 1);
    expect(recovery.time).toBeLessThan(46);
  });

  it('follows a slow drift and ignores one stray pair', () => {
    const { measured } = watch({ ...marker(0, 60), sound: beeps(2, (time) => -0.005 * time) });
    expect(measured.at(-1)).toBeLessThan(-0.24);
    const stray = watch({ ...marker(0, 20), sound: beeps(2, (time) => (time > 9 && time < 11 ? -0.4 : 0)) });
    for (const value of stray.measured) expect(Math.abs(value)).toBeLessThan(0.002);
  });

  it('works under programme sound, and with audio delivered well before or after video', () => {
    const beep = beeps(2, () => -0.2);
    const noisy = watch({
      ...marker(0, 20),
      sound: (time) => beep(time) + 0.3 * Math.sin(2 * Math.PI * 240 * time) * Math.sin(5 * time),
    });
    expect(noisy.measured.length).toBeGreaterThan(4);
    for (const value of noisy.measured) expect(Math.abs(value + 0.2)).toBeLessThan(0.005);
    for (const audioDelay of [-3, 3]) {
      const { measured } = watch({ ...marker(-0.2, 20), audioDelay });
      expect(measured.length).toBeGreaterThan(2);
      expect(measured.at(-1)).toBeCloseTo(-0.2, 2);
    }
  });

  it('does not tell an offset below one frame from none', () => {
    expect(watch(marker(0.09, 12, 10)).early!.score).toBeLessThan(enter);
    expect(watch(marker(0.13, 12, 10)).early!.score).toBeGreaterThan(enter);
  });

  it('says so when the marker is gone', () => {
    const { unknown } = watch({
      ...marker(0, 40),
      flash: (time) => time < 15 && every(2, 0.08)(time),
    });
    expect(unknown).toEqual([noEvidence, undefined, noEvidence]);
  });
});

describe('av-sync: no marker', () => {
  const silentAbout = (programme: Programme) => {
    const { judgements, unknown } = watch(programme);
    expect(judgements).toEqual([]);
    expect(unknown).toEqual([noEvidence]);
  };
  const hits = [1, 2.2, 4.9, 5.6, 8.3, 11.9, 12.4, 15.7, 16.6];
  const near = (time: number, length: number) => hits.some((hit) => time >= hit && time < hit + length);

  it('is unknown for programme without one', () => silentAbout({ seconds: 12 }));

  it('takes cuts, gunfire and music for none', () => {
    const beat = every(1, 0.06);
    const noise = (time: number) => Math.sin(1e6 * time * time);
    silentAbout({ seconds: 20, flash: every(1, 0.08), sound: (time) => (beat(time) ? noise(time) : 0) });
    silentAbout({
      seconds: 20,
      flash: (time) => near(time, 0.08),
      sound: (time) => (near(time, 0.06) ? 0.5 * Math.sin(2 * Math.PI * 1000 * time) : 0),
    });
    // A flashing light beside a steady tone, and tones beside a picture that turns white and stays so.
    silentAbout({
      seconds: 12,
      flash: every(2, 0.08),
      sound: (time) => 0.5 * Math.sin(2 * Math.PI * 1000 * time),
    });
    silentAbout({ seconds: 12, flash: every(2, 0.5), sound: beeps(2, () => 0) });
  });

  it.each([
    [{ hasVideo: false, hasAudio: true }, 'the stream has no video'],
    [{ hasVideo: true, hasAudio: false }, 'the stream has no audio'],
  ])('names the missing track of %o', (tracks, unknown) => {
    const subject = avSync.create(parameters, { minDuration: 2 });
    expect(subject.step({ type: 'epoch', time: 0, transportSeen: true, ...tracks })).toEqual([{ unknown }]);
  });
});

describe('av-sync: time stamps', () => {
  it('proves audio late when its time stamps jump ahead and delivery runs on', () => {
    const { late, unknown } = watch({
      seconds: 50,
      rate: 10,
      audioTime: (time) => time + (time > 20 ? 0.4 : 0),
    });
    expect(unknown).toEqual([noEvidence, undefined]);
    expect(late).toMatchObject({ source: 'timestamps', severity: 'critical' });
    expect(late!.since).toBeCloseTo(20.4, 1);
  });

  it('says that the fault is over when the time stamps come back', () => {
    const { late, unknown } = watch({
      seconds: 60,
      rate: 10,
      audioTime: (time) => time + (time > 20 && time < 40 ? 0.4 : 0),
    });
    expect(unknown).toEqual([noEvidence, undefined, noEvidence]);
    expect(late!.score).toBe(0);
  });

  it.each([
    ['a jump of both tracks', { delivery: 0, video: 0.4 }],
    ['a gap in audio that delivery shows as well', { delivery: 0.4, video: 0 }],
  ])('takes %s for no fault', (_, { delivery, video }) => {
    const subject = avSync.create(parameters, { minDuration: 2 });
    const said: unknown[] = [];
    for (const observation of delivered({ seconds: 50, rate: 10 })) {
      const { time, type } = observation;
      // Delivered media that is missing: what comes after carries the time that it would have had.
      if (type === 'audio' && delivery > 0 && time > 20 && time < 20 + delivery) continue;
      const shifted = time > 20 ? time + video : time;
      if (type === 'frame' || type === 'audio') said.push(...subject.step({ ...observation, time: shifted }));
    }
    expect(said).toEqual([{ unknown: noEvidence }]);
  });

  it('takes media that is delivered late for no fault', () => {
    const subject = avSync.create(parameters, { minDuration: 2 });
    const observations = [...delivered({ seconds: 40, rate: 10 })].map((observation) => {
      const { time, type } = observation;
      return { observation, at: type === 'audio' && time > 15 ? time + 0.5 : time };
    });
    const said = observations
      .toSorted((a, b) => a.at - b.at)
      .flatMap((each) => subject.step(each.observation));
    expect(said).toEqual([{ unknown: noEvidence }]);
  });

  it('proves a drift over minutes', () => {
    const { late, measured } = watch({ seconds: 240, rate: 5, audioTime: (time) => time * 1.001 });
    expect(late!.score).toBeGreaterThan(enter);
    expect(measured.at(-1)).toBeLessThan(-0.15);
  });
});
