import { describe, expect, it } from 'vitest';
import { pictureFilters, remaining, soundFilters } from '../../demo/filters.ts';
import { InjectedDefects } from '../../demo/injected-defects.ts';
import { demoSchedule, leastSeconds } from '../../demo/schedule.ts';

describe('demo schedule', () => {
  it.each([leastSeconds, 120, 600])('holds every defect in %i s, one at a time in a stream', (seconds) => {
    const schedule = demoSchedule(seconds);
    const kinds = ['freeze', 'black', 'silence', 'late-audio', 'lost-packets', 'sender-stop'];
    expect(schedule.map(({ kind }) => kind).sort()).toEqual(kinds.sort());
    for (const defect of schedule) {
      // A monitor needs a while to start, an incident to close.
      expect(defect.from).toBeGreaterThanOrEqual(15);
      expect(defect.to).toBeLessThanOrEqual(seconds - 15);
      expect(defect.stream).not.toBe('clean-udp');
      const others = schedule.filter((other) => other !== defect && other.stream === defect.stream);
      for (const other of others)
        expect(defect.to + 10 < other.from || other.to + 10 < defect.from).toBe(true);
    }
  });

  it('refuses too short a demo, with the least length', () => {
    expect(() => demoSchedule(60)).toThrow(/SECONDS is 60; .* at least 90/);
    expect(() => demoSchedule(Number.NaN)).toThrow(RangeError);
  });
});

describe('demo filters', () => {
  it('shift what is left of the schedule for a sender that starts again', () => {
    const defects = { silence: { from: 10, to: 18 }, black: { from: 30, to: 36 } };
    expect(remaining(defects, 20)).toEqual({ black: { from: 10, to: 16 } });
    expect(pictureFilters(remaining(defects, 20), { rate: 24, marker: false })).toContain('between(t,10,16)');
  });

  it('put the marker into picture and sound, and into neither without one', () => {
    expect(pictureFilters({}, { rate: 25, marker: true })).toContain('color=white');
    expect(soundFilters({}, { marker: true })).toContain('sin(2*PI*1000*t)');
    expect(pictureFilters({}, { rate: 25, marker: false })).toBe('[0:v]fps=25[picture]');
    expect(soundFilters({}, { marker: false })).not.toContain('aeval');
  });
});

describe('injected defects', () => {
  const [planned] = demoSchedule(120);
  const { from, to, stream } = planned!;

  it('are never due in a stream that has not begun', () => {
    const injected = new InjectedDefects([planned!]);
    for (const now of [1_000, 1_000_000]) {
      expect(injected.all(now)).toMatchObject([{ startTime: now + 1000 * from, endTime: now + 1000 * to }]);
    }
  });

  it('follow a sender that falls behind, and stay once passed', () => {
    const injected = new InjectedDefects([planned!]);
    injected.observe(stream, from - 1, 50_000);
    injected.observe(stream, from, 53_000);
    injected.observe(stream, from + 2, 56_000);
    injected.observe(stream, to + 1, 70_000);
    injected.observe(stream, to + 5, 80_000);
    injected.observe('clean-udp', 1, 90_000);
    expect(injected.all(99_000)).toMatchObject([{ startTime: 53_000, endTime: 69_000 }]);
  });
});
