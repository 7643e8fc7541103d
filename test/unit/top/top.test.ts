import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { MonitorExplanation, StreamExplanation } from '../../../operator/explain/explanation.ts';
import { ordered } from '../../../operator/top/top-order.ts';
import { type TopStream, topOfMonitor, topOfReports } from '../../../operator/top/top-stream.ts';
import { summaryText, topTable } from '../../../operator/top/top-table.ts';
import { openIncident, shardReport } from '../explain/reports.ts';

const down = { phase: 'Down', reason: 'NotFound', message: 'the origin has no such resource (404)' } as const;
const streams = topOfReports(
  [
    shardReport('a', [
      { name: 'channel-10', cpuSeconds: 720 },
      { name: 'channel-2', openIncidents: [openIncident(), openIncident({ id: 'b', severity: 'info' })] },
      { name: 'channel-3', ...down, blindSeconds: 600, unknown: { black: 'no video' } },
      { name: 'channel-4@720p', openIncidents: [openIncident({ suppressed: 'slate' })] },
    ]),
  ],
  new Map(),
);
const names = (shown: readonly TopStream[]) => shown.map(({ stream }) => stream);

describe('top', () => {
  it('has what needs attention first', () => {
    expect(names(ordered(streams, 'attention'))).toEqual([
      'channel-3',
      'channel-2',
      'channel-4@720p',
      'channel-10',
    ]);
  });

  it('is ordered by name as people count, or by what is largest', () => {
    expect(names(ordered(streams, 'name'))).toEqual([
      'channel-2',
      'channel-3',
      'channel-4@720p',
      'channel-10',
    ]);
    expect(names(ordered(streams, 'cpu'))[0]).toBe('channel-10');
    expect(names(ordered(streams, 'blind'))[0]).toBe('channel-3');
    expect(names(ordered(streams, 'score'))[0]).toBe('channel-2');
  });

  it('shows what is asked for alone', () => {
    expect(names(ordered(streams, 'name', { states: ['down'] }))).toEqual(['channel-3']);
    expect(names(ordered(streams, 'name', { defective: true }))).toEqual(['channel-2']);
    const target = { monitor: 'sports', stream: 'channel-4' };
    expect(names(ordered(streams, 'name', { target }))).toEqual(['channel-4@720p']);
    expect(ordered(streams, 'name', { target: { monitor: 'news' } })).toEqual([]);
  });

  it('is a table, as wide as the terminal', () => {
    const [head, first, second] = topTable(ordered(streams, 'attention')).map(stripVTControlCharacters);
    expect(head).toMatch(/^STREAM +STATE +DEFECT +SCORE +OPEN +BLIND +LAG +CPU +UNKNOWN +WHY$/);
    expect(first).toMatch(
      /^live\/sports\/channel-3 +Down +- +- +0 +10 min +2\.0 s +87 ms\/s +1 +NotFound: the origin has no such/,
    );
    expect(second).toMatch(/channel-2 +Up +critical freeze +0\.90 +2 +40 s +2\.0 s +100 ms\/s +0$/);
    const narrow = topTable(streams, 100).map(stripVTControlCharacters);
    expect(narrow.every((line) => line.length <= 100)).toBe(true);
    expect(narrow.find((line) => line.includes('channel-3'))).toMatch(/…$/);
    expect(stripVTControlCharacters(summaryText(streams))).toBe('4 streams, 3 Up, 1 Down, 1 with defects');
  });

  it('says of streams that no shard speaks of why', () => {
    const rest = { cost: 0, extraDecode: 0, detectors: [], disabled: [] };
    const placement = { shard: 'smon-1-0', role: 'owner', detectors: [] } as const;
    const explained = (stream: Partial<StreamExplanation>) =>
      topOfMonitor({
        ...{ namespace: 'live', name: 'sports', problems: [], conditions: [] },
        streams: [{ ...rest, name: 'x', state: 'Placed', why: 'new', placements: [], ...stream }],
      } satisfies MonitorExplanation)[0];
    expect(explained({ state: 'NoCapacity', why: 'all shards are full' })).toMatchObject({
      state: 'NoCapacity',
      message: 'all shards are full',
    });
    expect(
      explained({ placements: [placement], silent: ['forbidden'], attention: 'Down, NotFound' }),
    ).toMatchObject({
      state: 'Unknown',
      reason: 'ShardSilent',
      message: 'the operator says Down, NotFound; forbidden',
    });
    expect(explained({ placements: [placement] })!.message).toBe('its pod cannot be seen');
  });
});
