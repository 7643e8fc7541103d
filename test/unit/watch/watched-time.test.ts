import { describe, expect, it } from 'vitest';
import { WatchedTime } from '../../../monitor/watch/watched-time.ts';

const nothing = { frames: 0, evidence: {}, defects: [] };
const defects = [{ detector: 'stall', severity: 'critical', seconds: 2 }] as const;

describe('WatchedTime', () => {
  it('counts each second once, as what it was', () => {
    const watched = new WatchedTime(0, 0);
    watched.count(1000, 1, { blind: 'Connecting' });
    watched.count(4000, 4, 'wall');
    watched.count(4000, 9, 'media');
    expect(watched.take(4000, { ...nothing, frames: 75 }, 0.5)).toMatchObject({
      ...{ monitored: 8, blind: { Connecting: 1 }, frames: 75, cpu: 0.5 },
      ...{ from: '1970-01-01T00:00:00.000Z', to: '1970-01-01T00:00:04.000Z' },
    });
    expect(watched.take(5000, nothing, 0)).toMatchObject({ monitored: 0, blind: {} });
  });

  it('counts what of a time was not kept up with as blind', () => {
    const watched = new WatchedTime(0, 0);
    watched.count(10_000, 4, { behind: 'Overloaded' });
    watched.count(11_000, 9, { behind: 'Overloaded' });
    expect(watched.take(11_000, nothing, 0)).toMatchObject({ monitored: 5, blind: { Overloaded: 6 } });
  });

  it('takes nothing away when the clock is set back', () => {
    const watched = new WatchedTime(10_000, 0);
    watched.count(4000, 0, 'wall');
    watched.count(5000, 1, 'wall');
    expect(watched.take(5000, nothing, 0).monitored).toBe(1);
  });

  it('adds no defect to a period that was only blind', () => {
    const watched = new WatchedTime(0, 0);
    watched.count(2000, 0, { blind: 'NoFrames' });
    expect(watched.take(2000, { ...nothing, defects }, 0).defect).toEqual([]);
    watched.count(4000, 0, 'wall');
    expect(watched.take(4000, { ...nothing, defects }, 0).defect).toEqual(defects);
  });
});
