import { describe, expect, it } from 'vitest';
import { detectorCatalogue } from '../../../crds/detector-catalogue.ts';
import { Expectations } from '../../../monitor/expectations/expectations.ts';
import {
  type GreyPicture,
  hashOfPicture,
  hashText,
} from '../../../monitor/expectations/slates/picture-hash.ts';
import { Slates } from '../../../monitor/expectations/slates.ts';

const manifests = Object.values(detectorCatalogue);

function picture(seed: number): GreyPicture {
  const data = new Uint8Array(160 * 90);
  for (let at = 0; at < data.length; at++)
    data[at] = 128 + 100 * Math.sin((at % 160) / (3 + seed)) * Math.cos(Math.floor(at / 160) / (5 + seed));
  return { width: 160, height: 90, data };
}

const [soon, bars, programme] = [picture(0), picture(4), picture(9)] as const;
const slate = (name: string, shown: GreyPicture, more: object = {}) => ({
  ...{ name, tolerance: 31, hash: hashText(hashOfPicture(shown)) },
  ...more,
});

/** Shows a picture at 25 a second, to before `to`. */
function show(subject: Pick<Slates, 'frame'>, shown: GreyPicture, from: number, to: number): void {
  for (let frame = Math.round(from * 25); frame < to * 25; frame++) subject.frame(frame / 25, shown);
}

describe('Slates', () => {
  it('are expected while they are shown, to a fifth of a second', () => {
    const subject = new Slates([slate('soon', soon)], manifests);
    show(subject, programme, 0, 10);
    show(subject, soon, 10, 20);
    expect(subject.between('freeze', 10, 20)).toEqual({
      ...{ reason: 'slate', slate: 'soon', until: Number.POSITIVE_INFINITY },
      from: expect.closeTo(9.9, 0),
    });
    show(subject, programme, 20, 30);
    const expected = subject.between('freeze', 0, 30)!;
    expect(expected.from).toBeGreaterThan(9.75);
    expect(expected.from).toBeLessThanOrEqual(10);
    expect(expected.until).toBeGreaterThanOrEqual(20);
    expect(expected.until).toBeLessThan(20.25);
    expect(subject.between('freeze', 21, 30)).toBeUndefined();
  });

  it('cover the detectors that say so, or those that are named', () => {
    const covered = (more: object) => {
      const subject = new Slates([slate('soon', soon, more)], manifests);
      show(subject, soon, 0, 1);
      return Object.keys(detectorCatalogue).filter((type) => subject.between(type, 0, 1));
    };
    expect(covered({}).sort()).toEqual(['black', 'flat', 'freeze', 'silence']);
    expect(covered({ detectors: ['loudness'] })).toEqual(['loudness']);
  });

  it('are told apart, and the last one names what is expected', () => {
    const subject = new Slates(
      [slate('soon', soon), slate('bars', bars, { detectors: ['silence'] })],
      manifests,
    );
    subject.interrupt(0);
    show(subject, soon, 0, 5);
    show(subject, bars, 5, 8);
    expect(subject.between('silence', 0, 8)).toMatchObject({ slate: 'bars', from: 0 });
    expect(subject.between('freeze', 0, 8)).toMatchObject({ slate: 'soon' });
  });

  it('may differ by no more bits than are tolerated', () => {
    const almost = slate('soon', soon);
    const flipped = almost.hash.replace(/^./, (digit) => (15 - Number.parseInt(digit, 16)).toString(16));
    for (const [tolerance, expected] of [
      [4, true],
      [3, false],
    ] as const) {
      const subject = new Slates([{ ...almost, hash: flipped, tolerance }], manifests);
      show(subject, soon, 0, 1);
      expect(subject.between('freeze', 0, 1) !== undefined).toBe(expected);
    }
  });

  it('end where the stream is interrupted, and go on where they are shown again', () => {
    const subject = new Slates([slate('soon', soon)], manifests);
    show(subject, soon, 0, 5);
    subject.interrupt(60);
    expect(subject.between('freeze', 59, 60)).toMatchObject({ until: 60 });
    expect(subject.between('freeze', 60, 60)).toBeUndefined();
    subject.frame(60, soon);
    expect(subject.between('freeze', 60, 60)).toMatchObject({ from: 60 });
  });
});

describe('Expectations', () => {
  const zero = Date.parse('2026-01-15T02:00:00Z');
  const relation = {
    wallOf: (time: number) => zero + time * 1000,
    timeOf: (wall: number) => (wall - zero) / 1000,
  };

  it('expect nothing without settings, whatever is announced', () => {
    const subject = new Expectations(undefined, manifests, relation);
    subject.announce({ cue: 'out', event: 'insert/1' }, 0, 0);
    show(subject, soon, 0, 1);
    expect(subject.between('freeze', 0, 1)).toBeUndefined();
  });

  it('reach from the first to the end of the last, whose reason they give', () => {
    const settings = {
      static: [{ cron: '0 2 * * *', duration: 60, timeZone: 'UTC' }],
      breaks: { maxDuration: 600, margin: 0 },
      slates: [slate('soon', soon)],
    };
    const subject = new Expectations(settings, manifests, relation);
    subject.announce({ cue: 'out', event: 'insert/1', duration: 30 }, 50, 50);
    expect(subject.between('freeze', 20, 20)).toEqual({ reason: 'schedule', from: 0, until: 60 });
    expect(subject.between('freeze', 20, 55)).toEqual({ reason: 'break', from: 0, until: 80 });
    show(subject, soon, 70, 72);
    expect(subject.between('freeze', 20, 72)).toMatchObject({ reason: 'slate', slate: 'soon', from: 0 });
    expect(subject.between('stall', 20, 72)).toBeUndefined();
  });
});
