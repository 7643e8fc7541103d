import { describe, expect, it } from 'vitest';
import { blindSeconds, secondsSince } from '../../../monitor/watch/seconds-since.ts';
import type { WatchedSeconds } from '../../../monitor/watch/watch-event.ts';

const at = (seconds: number) => Date.UTC(2026, 0, 1) + seconds * 1000;
const iso = (seconds: number) => new Date(at(seconds)).toISOString();
const period: WatchedSeconds = {
  ...{ from: iso(10), to: iso(14), monitored: 3, blind: { NoFrames: 1 }, frames: 100 },
  ...{ defect: [{ detector: 'freeze', severity: 'critical', seconds: 2 }], evidence: {}, cpu: 0.4 },
};

describe('secondsSince', () => {
  it('keeps a period after the watermark and drops one before it', () => {
    expect(secondsSince(period, at(10))).toBe(period);
    expect(secondsSince(period, at(14))).toBeUndefined();
  });

  it('takes the share of a period that the watermark divides', () => {
    expect(secondsSince(period, at(13))).toMatchObject({
      ...{ from: iso(13), to: iso(14), monitored: 0.75, blind: { NoFrames: 0.25 }, frames: 25, cpu: 0.1 },
      defect: [{ seconds: 0.5 }],
    });
  });
});

describe('blindSeconds', () => {
  it('has none where the watching overlaps', () => {
    expect(blindSeconds(at(20), at(20), 'Connecting')).toEqual([]);
    expect(blindSeconds(at(21), at(20), 'Connecting')).toEqual([]);
  });

  it('divides a gap at the minutes, so that each counts where it was', () => {
    const periods = blindSeconds(at(50), at(130), 'Connecting');
    expect(periods.map(({ from, to, blind }) => [from, to, blind.Connecting])).toEqual([
      [iso(50), iso(60), 10],
      [iso(60), iso(120), 60],
      [iso(120), iso(130), 10],
    ]);
    expect(periods.every(({ monitored }) => monitored === 0)).toBe(true);
  });

  it('goes back a day at most', () => {
    const week = blindSeconds(at(-7 * 86_400), at(0), 'Connecting');
    expect(week).toHaveLength(24 * 60);
    expect(week[0]!.from).toBe(iso(-86_400));
  });
});
