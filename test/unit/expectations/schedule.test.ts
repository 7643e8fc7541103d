import { describe, expect, it } from 'vitest';
import { detectorCatalogue } from '../../../crds/detector-catalogue.ts';
import { Schedule } from '../../../monitor/expectations/schedule.ts';

const manifests = Object.values(detectorCatalogue);
const night = { cron: '0 3 * * *', duration: 7200, timeZone: 'Europe/Berlin' };

/** A stream whose timeline began at `origin` on the wall clock. */
function schedule(origin: string, window: object = {}) {
  const zero = Date.parse(origin);
  return new Schedule([{ ...night, ...window }], manifests, {
    wallOf: (time) => zero + time * 1000,
    timeOf: (wall) => (wall - zero) / 1000,
  });
}
const at = (subject: Schedule, time: number, detector = 'black') => subject.between(detector, time, time);

describe('Schedule', () => {
  it('expects what the window covers, from its beginning to before its end', () => {
    const subject = schedule('2026-01-15T01:59:00Z');
    expect(at(subject, 59.9)).toBeUndefined();
    expect(at(subject, 60)).toEqual({ reason: 'schedule', from: 60, until: 7260 });
    expect(at(subject, 7259.9)).toEqual({ reason: 'schedule', from: 60, until: 7260 });
    expect(at(subject, 7260)).toBeUndefined();
    expect(subject.between('black', 0, 8000)).toEqual({ reason: 'schedule', from: 60, until: 7260 });
    // Asked again, in another order.
    expect(at(subject, 59.9)).toBeUndefined();
    expect(at(subject, 86_460)).toMatchObject({ from: 86_460 });
  });

  it('covers the detectors that say so, or those that are named', () => {
    const inside = '2026-01-15T02:30:00Z';
    const covered = (subject: Schedule) =>
      Object.keys(detectorCatalogue).filter((type) => at(subject, 0, type));
    expect(covered(schedule(inside))).toEqual(expect.arrayContaining(['black', 'freeze', 'silence']));
    expect(covered(schedule(inside))).not.toContain('block-corruption');
    expect(covered(schedule(inside, { detectors: ['stall'] }))).toEqual(['stall']);
  });

  it('follows the clock of its zone through the change to summer time', () => {
    // 03:00 in Berlin is 02:00 UTC in winter, and 01:00 UTC from 29 March 2026 on.
    expect(at(schedule('2026-03-28T01:30:00Z'), 0)).toBeUndefined();
    expect(at(schedule('2026-03-28T02:30:00Z'), 0)).toMatchObject({ from: -1800 });
    expect(at(schedule('2026-03-29T01:30:00Z'), 0)).toMatchObject({ from: -1800, until: 5400 });
    // 02:30 does not exist that night: what was to begin then begins when it would have, at 03:00.
    expect(at(schedule('2026-03-29T01:00:00Z', { cron: '30 2 * * *' }), 0)).toMatchObject({ from: 0 });
  });

  it('begins once in the night in which an hour comes twice, and lasts for time that passes', () => {
    const twice = { cron: '30 2 * * *', duration: 3600 };
    expect(at(schedule('2026-10-25T00:30:00Z', twice), 0)).toMatchObject({ from: 0, until: 3600 });
    // 02:30 for the second time.
    expect(at(schedule('2026-10-25T01:30:00Z', twice), 0)).toBeUndefined();
    expect(at(schedule('2026-10-25T00:15:00Z', { cron: '0 2 * * *', duration: 7200 }), 0)).toMatchObject({
      from: -900,
      until: 6300,
    });
  });

  it('holds without a pause where windows overlap', () => {
    const subject = schedule('2026-01-15T12:00:30Z', { cron: '* * * * *', duration: 90 });
    for (let time = 0; time < 300; time += 0.5) expect(at(subject, time), `${time}`).toBeDefined();
    expect(subject.between('black', 0, 100)).toMatchObject({ from: -30, until: 180 });
  });
});
