import { describe, expect, it } from 'vitest';
import { costOfMonitors } from '../../../operator/cost/cost-of-monitors.ts';
import { costText } from '../../../operator/cost/cost-text.ts';
import { monitorCost } from '../../../operator/cost/monitor-cost.ts';
import { plannedUse } from '../../../operator/cost/planned-use.ts';
import { defaultPrices } from '../../../operator/cost/prices.ts';
import { defaultPolicy } from '../../../operator/planner/pool-policy.ts';
import { monitorsOf, roundPrices } from './cases.ts';

const results = { results: { s3: { bucket: 'live-results' } } };
const nothing = () => new Map<string, number>();
const used = (count: number, spec: object = {}, policy: Partial<typeof defaultPolicy> = {}) =>
  plannedUse(monitorsOf(count, spec), () => 'shard', { ...defaultPolicy, ...policy }, nothing);
const report = (count: number, spec: object = {}) =>
  costOfMonitors(monitorsOf(count, spec), { shardCpu: 2, prices: roundPrices });

/** Two detectors alone: one with pictures, one without. */
const only = (...types: string[]) => {
  const all = ['av-sync', 'black', 'block-corruption', 'clipping', 'dropout', 'flat', 'freeze', 'loudness'];
  const others = ['phase', 'playlist', 'reference', 'silence', 'stall', 'stutter', 'transport'];
  return Object.fromEntries(
    [...all, ...others].filter((type) => !types.includes(type)).map((type) => [type, { enabled: false }]),
  );
};

describe('what a plan uses', () => {
  it('is the work of all streams, on the shards that the planner gives them', () => {
    const { streams, shards, work, shed } = used(40);
    expect([streams.length, shards, shed]).toEqual([40, 4, []]);
    expect(work).toBeCloseTo(40 * used(1).work, 9);
  });

  it('leaves windows and suspend out of account', () => {
    const [one] = monitorsOf(1).map(({ spec }) => spec.streams);
    const closed = { ...one![0], window: { end: '2020-01-01T00:00:00Z' } };
    expect(used(1, { streams: [closed], suspend: true }).streams).toHaveLength(1);
  });

  it('counts an object of results for each shard and detector every five minutes', () => {
    const detectors = only('black', 'silence');
    expect(used(3, { detectors, ...results }).resultPuts).toBe(24);
    expect(used(3, { detectors }).resultPuts).toBe(0);
    expect(used(62, { detectors, ...results }, { shardCapacity: 1e6 }).resultPuts).toBe(3 * 24);
  });

  it('tells detectors with pictures from others, and leaves out those without a reference to judge by', () => {
    const detectors = only('black', 'silence', 'reference');
    expect(used(1, { detectors }).streams).toEqual([
      {
        video: { width: 1920, height: 1080, frameRate: 30 },
        pictures: 1,
        others: 1,
        othersMs: expect.closeTo(1, 9),
      },
    ]);
    const stream = { name: 'a', url: 'https://a.example', reference: { url: 'https://b.example' } };
    expect(used(1, { detectors, streams: [stream] }).streams[0]).toMatchObject({ pictures: 2, others: 1 });
  });

  it('says what no shard has room for', () => {
    const { streams, shed } = used(3, {}, { shardCapacity: 200, maxShards: 1 });
    expect([streams.length, shed.length]).toEqual([1, 2]);
    expect(shed[0]!.stream).toMatch(/^live\/sports\/channel-/);
  });
});

describe('money', () => {
  it('is for whole pods, the cluster and each object', () => {
    const cost = monitorCost({ shards: 3, resultPuts: 2000 }, { vcpu: 2, gb: 3 }, roundPrices);
    // 3 × (2 × 0.04 + 4 × 0.01) = 0.36; 0.5; 2 × 0.005 = 0.01.
    expect(cost).toEqual({
      ...{ pods: 3, vcpu: 6, gb: 12, resultPuts: 2000, cluster: 0.5 },
      compute: expect.closeTo(0.36, 12),
      s3: expect.closeTo(0.01, 12),
      total: expect.closeTo(0.87, 12),
    });
    expect(monitorCost({ shards: 1, resultPuts: 0 }, { vcpu: 1, gb: 3 }, roundPrices).gb).toBe(3);
  });

  it('is divided by the streams', () => {
    const { streamMonitor } = report(40, results);
    expect(streamMonitor.perStreamHour).toBeCloseTo(streamMonitor.hourly.total / 40, 12);
    expect(streamMonitor.perMonth).toBeCloseTo(streamMonitor.hourly.total * 730, 9);
    expect(streamMonitor.perStreamHourPacked).toBeLessThan(streamMonitor.perStreamHour);
    expect(streamMonitor.limit).toBe(streamMonitor.streamsInFullPod * 500);
  });

  it('of the distributed design is linear in the streams', () => {
    const [one, many] = [report(1), report(37)];
    for (const [index, { perStreamHour, perMonth }] of many.distributed.entries()) {
      expect(perStreamHour.total).toBeCloseTo(one.distributed[index]!.perStreamHour.total, 9);
      expect(perMonth / one.distributed[index]!.perMonth).toBeCloseTo(37, 6);
    }
  });

  it('is at least 95 % below every variant that puts every frame through S3', () => {
    const { distributed } = costOfMonitors(monitorsOf(40, results), { shardCpu: 2, prices: defaultPrices });
    const every = distributed.filter(({ frameRate }) => frameRate >= 25);
    expect(every).toHaveLength(6);
    for (const { saving } of every) expect(saving).toBeGreaterThanOrEqual(0.95);
    const least = Math.min(...distributed.map(({ saving }) => saving));
    expect(distributed.find(({ saving }) => saving === least)).toMatchObject({
      ...{ frameRate: 1, workflow: 'Express', functions: 'one' },
    });
  });
});

describe('the text', () => {
  it('says the claim, what stands against it, and all that it rests on', () => {
    const said = report(40, results);
    const text = costText(said);
    expect(text).toContain('40 streams of live/sports; USD');
    expect(text).toMatch(/Against it: at 1 frame\/s it costs \d+\.\d % less/);
    expect(text).not.toContain('Fixed capacity');
    const words = text.replaceAll(/\s+/g, ' ');
    for (const sentence of said.assumptions) expect(words).toContain(sentence);
  });

  it('says where StreamMonitor costs more', () => {
    const dear = { ...roundPrices.compute, clusterHour: { amount: 1000, source: 'https://prices.example' } };
    const said = costOfMonitors(monitorsOf(1), { shardCpu: 2, prices: { ...roundPrices, compute: dear } });
    expect(costText(said)).toMatch(/% more/);
  });

  it('says how many pods to reserve, by the hour or by windows', () => {
    const profile = [
      { hours: 20, streams: 13 },
      { hours: 4, streams: 40 },
    ];
    const { reservation } = costOfMonitors(monitorsOf(40), { shardCpu: 2, profile });
    expect(reservation).toMatchObject({ peak: 4, pods: 1 });
    const window = (start: string, end: string) => ({
      window: { start: `2026-01-01T${start}:00:00Z`, end: `2026-01-01T${end}:00:00Z` },
    });
    const streams = monitorsOf(2)[0]!.spec.streams.map(({ name, url }, index) => ({
      ...{ name, url },
      ...window('10', index === 0 ? '12' : '20'),
    }));
    const byWindows = costOfMonitors(monitorsOf(2, { streams }), { shardCpu: 2 });
    expect(byWindows.reservation).toMatchObject({ hours: 10, peak: 1, pods: 1 });
    expect(costText(byWindows)).toContain('Reserve 1 pod');
  });

  it('is refused where nothing is watched', () => {
    const detectors = only();
    expect(() => report(1, { detectors })).toThrow(/cannot be watched: none of its detectors is enabled/);
  });
});
