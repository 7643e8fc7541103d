import { describe, expect, it } from 'vitest';
import type { Detector, Judgement, Observation } from '../../../monitor/detectors/contract.ts';
import silence from '../../../monitor/detectors/silence.ts';
import { type Envelope, sineOf, type ToneOptions, tones } from './audio-observations.ts';
import { clock, epoch, judge } from './observations.ts';

const { enter, exit } = silence.manifest.thresholds;
const parameters = { level: -60, lowLevelDuration: 10, channelDuration: 30 };
const surround = ['FL', 'FR', 'FC', 'LFE', 'SL', 'SR'];
const loud = sineOf(-20);

const detector = (): Detector => {
  const subject = silence.create(parameters, { minDuration: 1 });
  subject.step(epoch());
  return subject;
};

interface Defect {
  readonly kind: string;
  readonly channel?: string;
  readonly severity?: string;
  readonly start: number;
  readonly end?: number;
}

/** Spans with a score that opens, as the thresholds and the minimum duration of one second make of them. */
function defects(judgements: readonly Judgement[]): Defect[] {
  const open = new Map<string, Defect>();
  const all: Defect[] = [];
  for (const { kind, channel, severity, score, since, time } of judgements) {
    const key = `${kind}/${channel}`;
    const current = open.get(key);
    if (!current && score >= enter && time - (since ?? time) >= 1) {
      open.set(key, {
        kind,
        ...(channel && { channel }),
        ...(severity && { severity }),
        start: since ?? time,
      });
    } else if (current && score < exit) {
      all.push({ ...current, end: since ?? time });
      open.delete(key);
    }
  }
  return [...all, ...open.values()];
}

const run = (envelope: Envelope, options: ToneOptions) =>
  defects(judge(detector(), tones(envelope, options)));
const between = (from: number, to: number, time: number) => time >= from && time < to;

describe('silence', () => {
  it('dates digital silence to the sample, whatever the packet size', () => {
    for (const packet of [160, 1024, 48_000, 100_003]) {
      const [found, ...rest] = run((time) => (between(2.0315, 4.5, time) ? undefined : loud), {
        seconds: 6,
        packet,
      });
      expect(rest).toEqual([]);
      expect(found).toMatchObject({ kind: 'digital-zero' });
      expect(found).not.toHaveProperty('channel');
      expect(found!.start).toBeCloseTo(2.0315, 3);
      expect(found!.end).toBeCloseTo(4.5, 3);
    }
  });

  it('holds digital silence below the minimum duration under the threshold', () => {
    const judgements = judge(
      detector(),
      tones((time) => (between(2, 2.9, time) ? undefined : loud), { seconds: 4 }),
    );
    expect(Math.max(...judgements.map(({ score }) => score))).toBeLessThan(enter);
  });

  it('takes a constant value as digital silence', () => {
    const samples = new Int16Array(2 * 48_000 * 2).fill(1234);
    const judgements = judge(detector(), [
      { type: 'audio', time: 0, sampleRate: 48_000, channels: 2, channelNames: ['FL', 'FR'], samples },
    ]);
    expect(defects(judgements)).toMatchObject([{ kind: 'digital-zero', start: 0 }]);
  });

  it('reports a low level after ten seconds, from its onset to its end', () => {
    const found = run((time) => (between(3, 15, time) ? sineOf(-66) : loud), { seconds: 17 });
    expect(found).toMatchObject([{ kind: 'low-level', start: 3, end: 15 }]);
    expect(run((time) => (between(3, 12.8, time) ? sineOf(-66) : loud), { seconds: 15 })).toEqual([]);
  });

  it('enters below the level and leaves 6 dB above it', () => {
    const quiet = (level: number) => run(() => sineOf(level), { seconds: 11 });
    expect(quiet(-59.5)).toEqual([]);
    expect(quiet(-60.5)).toMatchObject([{ kind: 'low-level', start: 0 }]);
    const rising = (level: number) =>
      run((time) => (time < 11 ? sineOf(-64) : sineOf(level)), { seconds: 13 })[0];
    expect(rising(-54.5)).not.toHaveProperty('end');
    expect(rising(-53.5)).toMatchObject({ end: 11 });
  });

  it('does not hear a DC offset as sound', () => {
    const samples = Int16Array.from({ length: 11 * 48_000 }, (_, index) => 3000 + (index % 2));
    const judgements = judge(detector(), [
      { type: 'audio', time: 0, sampleRate: 48_000, channels: 1, channelNames: ['FC'], samples },
    ]);
    expect(defects(judgements)).toMatchObject([{ kind: 'low-level', start: 0 }]);
  });

  it('tells a low level that turns into digital silence apart', () => {
    const found = run((time) => (time < 12 ? sineOf(-70) : undefined), { seconds: 14 });
    expect(found).toMatchObject([
      { kind: 'low-level', start: 0 },
      { kind: 'digital-zero', start: expect.closeTo(12, 2) },
    ]);
    expect(found[0]!.end).toBeCloseTo(12, 2);
  });

  it('takes faint noise broken by short digital silence as one low level', () => {
    const found = run((time) => (Math.floor(time * 2) % 2 ? undefined : sineOf(-75)), { seconds: 12 });
    expect(found).toMatchObject([{ kind: 'low-level', start: 0 }]);
  });

  it('hears quiet speech with pauses as sound', () => {
    expect(
      run((time) => (time % 3 < 0.8 ? undefined : time % 1 < 0.5 ? sineOf(-50) : sineOf(-64)), {
        seconds: 30,
      }),
    ).toEqual([]);
  });

  describe('of one channel', () => {
    it('warns of a stereo channel that had sound', () => {
      const found = run((time, channel) => (channel === 'FR' && time >= 4 ? undefined : loud), {
        seconds: 7,
      });
      expect(found).toEqual([
        { kind: 'digital-zero', channel: 'FR', severity: 'warning', start: expect.closeTo(4, 2) },
      ]);
      const low = run((time, channel) => (channel === 'FR' && time >= 4 ? sineOf(-70) : loud), {
        seconds: 15,
      });
      expect(low).toMatchObject([{ kind: 'low-level', channel: 'FR', start: 4 }]);
    });

    it('ignores a channel that never had sound', () => {
      expect(run((_, channel) => (channel === 'FR' ? undefined : loud), { seconds: 12 })).toEqual([]);
    });

    it('reports the whole programme once when both channels fall silent, a block apart too', () => {
      for (const skew of [0, 0.1, 0.25]) {
        const found = run(
          (time, channel) => (between(channel === 'FL' ? 4 : 4 + skew, 9, time) ? undefined : loud),
          { seconds: 11 },
        );
        expect(found).toEqual([
          { kind: 'digital-zero', start: expect.closeTo(4 + skew, 2), end: expect.closeTo(9, 2) },
        ]);
      }
    });

    it('keeps a lost channel lost through silence of the whole programme', () => {
      const found = run((time, channel) => (between(channel === 'FL' ? 8 : 4, 12, time) ? undefined : loud), {
        seconds: 14,
      });
      expect(found).toEqual([
        { kind: 'digital-zero', start: expect.closeTo(8, 2), end: expect.closeTo(12, 2) },
        {
          kind: 'digital-zero',
          channel: 'FR',
          severity: 'warning',
          start: expect.closeTo(4, 2),
          end: expect.closeTo(12, 2),
        },
      ]);
    });

    it('begins the loss of a channel where the programme came back without it', () => {
      const found = run((time, channel) => (time >= 4 && (channel === 'FL' || time < 8) ? undefined : loud), {
        seconds: 11,
      });
      expect(found).toEqual([
        { kind: 'digital-zero', start: expect.closeTo(4, 2), end: expect.closeTo(8, 2) },
        { kind: 'digital-zero', channel: 'FL', severity: 'warning', start: expect.closeTo(8, 0) },
      ]);
      expect(found[1]!.start).toBeGreaterThanOrEqual(found[0]!.end! - 0.1);
    });

    it('does not take a channel that is gated in a quiet passage as lost', () => {
      expect(
        run((time, channel) => (between(4, 8, time) ? (channel === 'FL' ? undefined : sineOf(-70)) : loud), {
          seconds: 10,
        }),
      ).toEqual([]);
    });

    it('gives surround channels longer, and the LFE channel for ever', () => {
      const found = run(
        (time, channel) =>
          time >= 3 && (channel === 'LFE' || (channel === 'SL' && time < 28) || channel === 'FC')
            ? undefined
            : loud,
        { seconds: 34, channelNames: surround, sampleRate: 8000 },
      );
      expect(found).toEqual([
        { kind: 'digital-zero', channel: 'FC', severity: 'warning', start: expect.closeTo(3, 2) },
      ]);
    });

    it('sees a silent 5.1 programme although its LFE channel never had sound', () => {
      const found = run((time, channel) => (channel === 'LFE' || time >= 3 ? undefined : loud), {
        seconds: 6,
        channelNames: surround,
        sampleRate: 8000,
      });
      expect(found).toEqual([{ kind: 'digital-zero', start: expect.closeTo(3, 2) }]);
    });
  });

  describe('where no sound arrives', () => {
    const unknowns = (observations: Iterable<Observation>) => {
      const subject = silence.create(parameters, { minDuration: 1 });
      return [...observations].flatMap((observation) =>
        subject.step(observation).flatMap((said) => ('unknown' in said ? [said.unknown] : [])),
      );
    };
    const sound = () => tones(() => loud, { seconds: 1, from: 20 });

    it('cannot tell without an audio track, until an epoch brings one', () => {
      expect(unknowns([epoch({ hasAudio: false }), clock({ time: 5 })])).toEqual(['no audio in this stream']);
      expect(unknowns([epoch({ hasAudio: false }), epoch({ time: 9 })])).toEqual([
        'no audio in this stream',
        undefined,
      ]);
    });

    it('cannot tell while declared sound does not come', () => {
      expect(unknowns([epoch(), clock({ time: 9 })])).toEqual([]);
      expect(unknowns([epoch(), clock({ time: 10 }), ...sound()])).toEqual([
        'the stream declares audio but none arrives',
        undefined,
      ]);
    });

    it('reports sound that stops while pictures go on', () => {
      const idle = (time: number) => clock({ time, audioIdle: time - 3, videoIdle: 0.02 });
      const judgements = judge(detector(), [
        ...tones(() => loud, { seconds: 3 }),
        idle(4.9),
        idle(5),
        idle(5.5),
        ...tones(() => loud, { seconds: 1, from: 6 }),
      ]).filter(({ kind }) => kind === 'no-audio');
      expect(judgements[0]!.score).toBeLessThan(enter);
      expect(defects(judgements)).toMatchObject([{ start: 3, end: 6 }]);
    });

    it('leaves a stream from which nothing arrives to the stall detector', () => {
      const idle = (time: number) => clock({ time, audioIdle: time - 3, videoIdle: time - 3 });
      const judgements = judge(detector(), [
        ...tones(() => loud, { seconds: 3 }),
        idle(4),
        idle(6),
        idle(7.9),
        ...tones(() => loud, { seconds: 1, from: 8 }),
      ]);
      expect(defects(judgements)).toEqual([]);
    });

    it('reports a hole in the timestamps', () => {
      const hole = (from: number) =>
        defects(
          judge(detector(), [
            ...tones(() => loud, { seconds: 3 }),
            ...tones(() => loud, { seconds: 2, from }),
          ]),
        );
      expect(hole(4.5)).toMatchObject([{ kind: 'no-audio', start: 3, end: 4.5 }]);
      expect(hole(3.9)).toEqual([]);
    });
  });
});
