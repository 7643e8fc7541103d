import { describe, expect, it } from 'vitest';
import { reportedStreams, watchingOf } from '../../../operator/explain/stream-watching.ts';
import { openIncident, shardReport } from './reports.ts';

const key = 'live/sports/channel-1';
const watching = (...reports: Parameters<typeof shardReport>[]) =>
  watchingOf(reportedStreams(reports.map((report) => shardReport(...report))).get(key) ?? []);

describe('how a stream is watched', () => {
  it('is what its owner says while it moves', () => {
    const leaving = { role: 'demoted', phase: 'Down', reason: 'NoFrames' } as const;
    expect(watching(['a', [leaving]], ['b', [{ role: 'owner' }]])).toMatchObject({ phase: 'Up' });
    const warming = { role: 'warming', monitoredSeconds: 0 } as const;
    expect(watching(['a', [warming]], ['b', [{ role: 'owner' }]])).toMatchObject({ monitoredSeconds: 3560 });
    expect(watching(['a', [warming]], ['b', [leaving]])).toMatchObject({ phase: 'Down' });
  });

  it('is the worst of its parts where its detectors are divided, and their sum', () => {
    const parts = watching(
      ['a', [{ detectors: ['black'], unknown: { black: 'no video' }, openIncidents: [openIncident()] }]],
      [
        'b',
        [
          {
            detectors: ['freeze'],
            phase: 'Starting',
            reason: 'Connecting',
            blindSeconds: 100,
            monitoredSeconds: 3500,
            openIncidents: [openIncident(), openIncident({ id: 'b', score: 0.95 })],
          },
        ],
      ],
    );
    expect(parts).toMatchObject({
      phase: 'Starting',
      blindSeconds: 100,
      monitoredSeconds: 3500,
      cpu: 200,
      unknown: { black: 'no video' },
    });
    expect(parts!.incidents.map(({ id }) => id)).toEqual(['b', 'a']);
  });

  it('is not known without a report', () => {
    expect(watching(['a', [{ name: 'other' }]])).toBeUndefined();
  });

  it('has CPU on average first, then since the report before, and none before there is one', () => {
    expect(watching(['a', [{ monitoredSeconds: 0.5, blindSeconds: 0 }]])).not.toHaveProperty('cpu');
    const before = shardReport('a', [{ cpuSeconds: 360 }]);
    const after = shardReport('a', [{ cpuSeconds: 361 }], { time: '2026-01-01T12:00:04.000Z' });
    const seen = reportedStreams([after], new Map([[before.bootId, before]])).get(key)!;
    expect(watchingOf(seen)?.cpu).toBe(250);
    // Another start of the process counts from 0.
    const restarted = reportedStreams([{ ...after, bootId: 'new' }], new Map([[before.bootId, before]]));
    expect(watchingOf(restarted.get(key)!)?.cpu).toBeCloseTo(100.3, 1);
  });
});
