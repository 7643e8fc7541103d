import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { costOfMonitors } from '../../../operator/cost/cost-of-monitors.ts';
import { reportedCosts } from '../../../operator/cost/measured-cpu.ts';
import { parseMeasured } from '../../../operator/cost/measured-file.ts';
import { defaultMeasurement } from '../../../operator/cost/measurement.ts';
import { defaultPrices, parsePrices } from '../../../operator/cost/prices.ts';
import { declaredCost } from '../../../operator/planner/cost.ts';
import { detectorCosts } from '../../../operator/planner/detector-costs.ts';
import { shardReport } from '../explain/reports.ts';
import { monitorsOf } from './cases.ts';

describe('prices', () => {
  it('are read as they are shipped', () => {
    expect(parsePrices(JSON.stringify(defaultPrices))).toEqual(defaultPrices);
  });

  it('are refused with the field and the fix', () => {
    const prices = (change: object) => () => parsePrices(JSON.stringify({ ...defaultPrices, ...change }));
    expect(prices({ asOf: 'yesterday' })).toThrow('asOf must be the day of the prices, such as 2026-11-29');
    expect(prices({ asOf: undefined })).toThrow('asOf is missing');
    expect(prices({ currency: '$' })).toThrow('currency must be a code of ISO 4217, such as USD');
    const { s3, reserved } = defaultPrices;
    expect(prices({ s3: { ...s3, putPerThousand: { ...s3.putPerThousand, amount: -1 } } })).toThrow(
      's3.putPerThousand.amount must be at least 0',
    );
    expect(prices({ s3: { ...s3, putPerThousand: { amount: 1 } } })).toThrow(
      's3.putPerThousand.source is missing',
    );
    expect(prices({ s3: { ...s3, putPerMillion: s3.putPerThousand } })).toThrow(
      's3.putPerMillion is not a field',
    );
    expect(prices({ reserved: { ...reserved, share: { ...reserved.share, amount: 80 } } })).toThrow(
      'reserved.share.amount must be at most 1: 0.8 is a fifth off',
    );
    expect(() => parsePrices('')).toThrow('must be an object with named fields, not empty');
  });
});

describe('measured CPU', () => {
  it('of a report is the converter with its share of the process, of streams that it knows well', () => {
    const report = shardReport(
      'shard-0',
      [
        { cpuSeconds: 300, monitoredSeconds: 3000 },
        { name: 'channel-2', cpuSeconds: 100, monitoredSeconds: 1000, detectors: ['silence', 'black'] },
        { name: 'channel-3', cpuSeconds: 100, monitoredSeconds: 100 },
        { name: 'channel-4', cpuSeconds: 0, monitoredSeconds: 3000, role: 'demoted' },
      ],
      { cpuSeconds: 550 },
    );
    expect([...reportedCosts([report])]).toEqual([
      ['live/sports/channel-1 black,freeze', expect.closeTo(110, 9)],
      ['live/sports/channel-2 black,silence', expect.closeTo(110, 9)],
    ]);
    const text = JSON.stringify(report);
    expect(parseMeasured(text)).toEqual({ reports: [report] });
    expect(parseMeasured(`[${text},${text}]`)).toMatchObject({ reports: [{}, {}] });
  });

  it('takes the place of what is declared', () => {
    const monitors = monitorsOf(1);
    const before = costOfMonitors(monitors, { shardCpu: 2 });
    const video = { width: 1920, height: 1080, frameRate: 30 };
    const ms = 2 * declaredCost(video, ['black'], detectorCosts);
    const measurement = { ...defaultMeasurement, monitor: [{ ...video, detectors: ['black'], ms }] };
    const after = costOfMonitors(monitors, { shardCpu: 2, measured: { measurement } });
    expect(after.streamMonitor.work).toBeCloseTo(2 * before.streamMonitor.work, 9);
  });

  it('of a benchmark is read with what else is in its file', () => {
    const read = parseMeasured(JSON.stringify({ ...defaultMeasurement, ratios: {} }));
    expect(read).toEqual({ measurement: defaultMeasurement });
    const page = readFileSync(new URL('../../../docs/cost.md', import.meta.url), 'utf8');
    const [, example] = /```json\n(.*?)```/s.exec(page)!;
    expect(parseMeasured(example!)).toMatchObject({ measurement: { monitor: [{}] } });
  });

  it.each([
    ['broken text', '{', 'is not JSON'],
    ['nothing', 'null', 'must be an object with named fields'],
    ['half a report', '{"kind":"ShardReport"}', 'apiVersion'],
    ['no point', { distributed: [] }, 'distributed must have at least 1 entries'],
    ['no day', { date: 'today' }, 'date must be the day of the measurement'],
  ])('with %s is refused with the field', (_, content, problem) => {
    const text =
      typeof content === 'string' ? content : JSON.stringify({ ...defaultMeasurement, ...content });
    expect(() => parseMeasured(text)).toThrow(problem);
  });
});
