import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectorCatalogue } from '../../../crds/detector-catalogue.ts';
import { Breaks } from '../../../monitor/expectations/breaks.ts';
import type { BreakNews } from '../../../monitor/ingress/breaks/break-cue.ts';

const manifests = Object.values(detectorCatalogue);

function breaks(settings: object = {}): Breaks {
  return new Breaks({ maxDuration: 600, margin: 0, ...settings }, manifests);
}
const at = (subject: Breaks, time: number, detector = 'black') => subject.between(detector, time, time);
const out = (event: string, duration?: number): BreakNews => ({
  ...{ cue: 'out', event },
  ...(duration !== undefined && { duration }),
});

describe('Breaks', () => {
  it('last as announced, from their beginning to before their end', () => {
    const subject = breaks();
    subject.announce(out('insert/1', 30), 100, 96);
    expect(at(subject, 99.9)).toBeUndefined();
    expect(at(subject, 100)).toEqual({ reason: 'break', from: 100, until: 130 });
    expect(at(subject, 129.9)).toBeDefined();
    expect(at(subject, 130)).toBeUndefined();
  });

  it('cover the detectors that say so, or those that are named', () => {
    const covered = (settings: object) => {
      const subject = breaks(settings);
      subject.announce(out('insert/1'), 0, 0);
      return Object.keys(detectorCatalogue).filter((type) => at(subject, 1, type));
    };
    expect(covered({}).sort()).toEqual(['black', 'flat', 'freeze', 'silence']);
    expect(covered({ detectors: ['stall'] })).toEqual(['stall']);
  });

  it('are expected a margin before and after as well', () => {
    const subject = breaks({ margin: 2 });
    subject.announce(out('insert/1', 30), 100, 96);
    expect(at(subject, 97.9)).toBeUndefined();
    expect(at(subject, 98)).toEqual({ reason: 'break', from: 98, until: 132 });
    expect(at(subject, 132)).toBeUndefined();
  });

  it('end early when that is announced, also as an event of another number', () => {
    const subject = breaks();
    subject.announce(out('insert/1', 60), 100, 96);
    subject.announce({ cue: 'in', event: 'insert' }, 125, 121);
    expect(subject.between('black', 0, 1000)).toMatchObject({ from: 100, until: 125 });
  });

  it('are no longer than the longest allowed: without a duration, with a longer one, without an end', () => {
    for (const duration of [undefined, 86_400, Number.POSITIVE_INFINITY]) {
      const subject = breaks({ maxDuration: 120 });
      subject.announce(out('insert/1', duration), 100, 100);
      expect(subject.between('black', 0, 1e6)).toMatchObject({ until: 220 });
      subject.announce({ cue: 'in', event: 'insert' }, 300, 300);
      expect(subject.between('black', 0, 1e6)).toMatchObject({ until: 220 });
    }
  });

  it('last longer than was reckoned where the end is announced for later', () => {
    const subject = breaks();
    subject.announce(out('insert/1', 30), 100, 96);
    subject.announce({ cue: 'in', event: 'insert' }, 140, 129);
    expect(subject.between('black', 0, 1000)).toMatchObject({ until: 140 });
  });

  it('that are over last no longer for the end of another', () => {
    const subject = breaks();
    subject.announce(out('insert/1', 30), 100, 96);
    subject.announce(out('insert/2', 30), 400, 396);
    subject.announce({ cue: 'in', event: 'insert' }, 430, 426);
    for (const time of [131, 399, 431]) expect(at(subject, time)).toBeUndefined();
    for (const time of [129, 401, 429]) expect(at(subject, time)).toBeDefined();
  });

  it('end where the last word puts it, of several', () => {
    const subject = breaks();
    subject.announce(out('insert/1', 60), 100, 96);
    subject.announce({ cue: 'in', event: 'insert' }, 140, 110);
    subject.announce({ cue: 'in', event: 'insert' }, 120, 120);
    expect(subject.between('black', 0, 1000)).toMatchObject({ until: 120 });
  });

  it('that are cancelled do not take place', () => {
    const subject = breaks();
    subject.announce(out('segmentation/1/52', 30), 100, 90);
    subject.announce(out('segmentation/12/52', 30), 200, 90);
    subject.announce({ cue: 'cancel', event: 'segmentation/1' }, 90, 90);
    expect(at(subject, 110)).toBeUndefined();
    expect(at(subject, 210)).toBeDefined();
  });

  it('announced again change nothing, but for their duration', () => {
    const subject = breaks();
    for (const [duration, time] of [
      [30, 100],
      [30, 100.04],
      [20, 99.96],
    ] as const)
      subject.announce(out('daterange/a', duration), time, 96);
    expect(subject.between('black', 0, 1000)).toEqual({ reason: 'break', from: 100, until: 120 });
  });

  it('that are over do not begin again with a repeated announcement', () => {
    const subject = breaks();
    subject.announce(out('insert/1', 60), 100, 100);
    subject.announce({ cue: 'in', event: 'insert' }, 110, 110);
    subject.announce(out('insert/1', 60), 100, 112);
    expect(at(subject, 115)).toBeUndefined();
  });

  it('may all have one number', () => {
    const subject = breaks();
    for (const time of [100, 500]) {
      subject.announce(out('insert/1', 30), time, time);
      subject.announce({ cue: 'in', event: 'insert' }, time + 20, time + 20);
    }
    for (const time of [110, 510]) expect(at(subject, time)).toBeDefined();
    for (const time of [125, 490, 525]) expect(at(subject, time)).toBeUndefined();
  });

  it('of which one is under way began before, unless it was seen to begin', () => {
    const joined = breaks();
    joined.announce({ cue: 'under-way', event: 'cue-out/44', duration: 30 }, -8, 0);
    expect(joined.between('black', 0, 100)).toMatchObject({ from: -8, until: 22 });
    const seen = breaks();
    seen.announce(out('cue-out/43', 30), 100, 100);
    seen.announce({ cue: 'under-way', event: 'cue-out/44' }, 100, 106);
    expect(seen.between('black', 0, 1000)).toMatchObject({ from: 100, until: 130 });
  });

  it('go on as long as they are said to be under way', () => {
    const subject = breaks();
    subject.announce(out('cue-out/1', 12), 0, 0);
    for (let segment = 2; segment < 8; segment++) {
      subject.announce({ cue: 'under-way', event: `cue-out/${segment}` }, 6 * segment, 6 * segment);
      expect(at(subject, 6 * segment + 5)).toBeDefined();
    }
    subject.announce({ cue: 'in', event: 'cue-out' }, 48, 48);
    expect(subject.between('black', 0, 1000)).toMatchObject({ from: 0, until: 48 });
  });

  it('that are said to go on for ever do not', () => {
    for (const duration of [30, undefined]) {
      const subject = breaks({ maxDuration: 120 });
      subject.announce(out('cue-out/1', duration), 0, 0);
      for (let segment = 1; segment < 100; segment++)
        subject.announce({ cue: 'under-way', event: `cue-out/${segment}` }, 6 * segment, 6 * segment);
      expect(at(subject, 119)).toMatchObject({ from: 0, until: 120 });
      expect(subject.between('black', 120, 600)).toBeUndefined();
    }
  });

  it('that are said to begin at once, again and again, do not last for ever', () => {
    const subject = breaks({ maxDuration: 120 });
    for (let second = 0; second < 600; second += 5) subject.announce(out('insert/1', 30), second, second);
    expect(subject.between('black', 0, 1000)).toMatchObject({ from: 0, until: 30 });
  });

  it('are another one where the last was long ago', () => {
    const subject = breaks();
    subject.announce(out('cue-out/1', 30), 0, 0);
    subject.announce({ cue: 'under-way', event: 'cue-out/90' }, 540, 540);
    expect(at(subject, 545)).toMatchObject({ from: 540 });
  });

  it('of several origins are expected together', () => {
    const subject = breaks();
    subject.announce(out('insert/1', 30), 100, 100);
    subject.announce(out('cue-out/1', 30), 110, 110);
    subject.announce({ cue: 'in', event: 'insert' }, 120, 120);
    expect(at(subject, 125)).toMatchObject({ from: 110, until: 140 });
    expect(subject.between('black', 101, 125)).toMatchObject({ from: 100, until: 140 });
  });

  it('never last longer than allowed from when they begin, whatever is announced', () => {
    const event = fc.constantFrom('insert/1', 'insert/2', 'cue-out/1', 'segmentation/1/52');
    const time = fc.integer({ min: 0, max: 1000 });
    const news = fc.record({
      cue: fc.constantFrom('out', 'under-way', 'in', 'cancel' as const),
      event: fc.oneof(event, fc.constantFrom('insert', 'cue-out', 'segmentation/1')),
      duration: fc.integer({ min: 0, max: 10_000 }),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(news, time), { maxLength: 20 }), (all) => {
        const subject = breaks({ maxDuration: 50 });
        const begun = all.filter(([{ cue }]) => cue === 'out' || cue === 'under-way').map(([, when]) => when);
        for (const [each, when] of all) subject.announce(each as BreakNews, when, when);
        for (let second = 0; second < 1100; second += 7) {
          const expected = at(subject, second);
          if (expected) expect(begun.some((when) => when <= second && second <= when + 50)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('forgets what was long ago', () => {
    const subject = breaks();
    for (let index = 0; index < 1000; index++)
      subject.announce(out(`insert/${index}`, 10), 20 * index, 20 * index);
    expect(subject.between('black', 0, 100)).toBeUndefined();
    expect(at(subject, 20 * 999)).toBeDefined();
  });
});
