import { describe, expect, it } from 'vitest';
import { ArrivalClock } from '../../../monitor/watch/arrival-clock.ts';

/** Arrivals of a source that sends 18 s at once, then 6 s every 6 s. */
function segmented(): ArrivalClock {
  const clock = new ArrivalClock();
  clock.begin(0);
  for (let time = 0; time < 18; time++) clock.arrived(time, 0.5);
  for (let time = 18; time < 60; time++) clock.arrived(time, 6 * Math.ceil((time - 17) / 6));
  return clock;
}

describe('ArrivalClock', () => {
  it('dates media by the sample that was most ahead', () => {
    expect(segmented().wallOf(17)).toBeCloseTo(0, 0);
    expect(segmented().wallOf(40)).toBeCloseTo(23, 0);
  });

  it('finds the media of a wall clock', () => {
    for (const time of [0, 17, 40]) {
      const clock = segmented();
      expect(clock.timeOf(clock.wallOf(time))).toBeCloseTo(time, 9);
    }
    // Before the reader came, media went on all the same.
    expect(segmented().timeOf(-60)).toBeLessThan(-40);
  });

  it('knows nothing but the wall clock before the first sample', () => {
    expect(new ArrivalClock().timeOf(12)).toBe(12);
  });

  it('finds media before and after a stand-still', () => {
    const clock = new ArrivalClock();
    clock.begin(0);
    for (let time = 0; time < 30; time++) clock.arrived(time, time);
    clock.begin(50);
    for (let time = 50; time < 80; time++) clock.arrived(time, time - 5);
    expect(clock.timeOf(20)).toBe(20);
    expect(clock.timeOf(60)).toBe(65);
  });
});
