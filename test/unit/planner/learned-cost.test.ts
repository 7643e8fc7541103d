import { describe, expect, it } from 'vitest';
import type { ShardReport } from '../../../crds/shard-report.ts';
import { LearnedCosts } from '../../../operator/planner/learned-cost.ts';
import type { Placement } from '../../../operator/planner/shard-state.ts';
import { shardReport, streamReport } from './simulated-pools.ts';

const start = Date.UTC(2026, 0, 1);
const names = ['s-1', 's-2'];
const keyOf = (name: string) => `live/sports/${name} black,freeze`;

/** Reports of one shard, 10 s apart, whose converters use `converters` ms per second and the shard `total`. */
class ReportingShard {
  #seconds = 0;
  readonly #converterSeconds: number[];
  #totalSeconds = 100;
  bootId = 'boot-1';
  /** Seconds of each second in which a stream was not kept up with. */
  overload = 0;
  phases: ('Up' | 'Down')[] = ['Up', 'Up'];

  constructor(streams = 2) {
    this.#converterSeconds = Array.from({ length: streams }, () => 7);
  }

  next(converters: readonly number[], total: number, seconds = 10): ShardReport {
    this.#seconds += seconds;
    this.#totalSeconds += (total * seconds) / 1000;
    const time = start + this.#seconds * 1000;
    const streams = converters.map((cost, index) => {
      this.#converterSeconds[index]! += (cost * seconds) / 1000;
      const pair = { monitor: 'live/sports', name: names[index]!, detectors: ['freeze', 'black'] };
      const report = streamReport(pair, 'owner', true, time);
      const cpuSeconds = this.#converterSeconds[index]!;
      const overloadedSeconds = index === 0 ? this.overload * this.#seconds : 0;
      return { ...report, phase: this.phases[index]!, cpuSeconds, overloadedSeconds };
    });
    return { ...shardReport('a-0', 1, streams, time), bootId: this.bootId, cpuSeconds: this.#totalSeconds };
  }
}
const learn = (
  costs: LearnedCosts,
  shard: ReportingShard,
  count: number,
  [converters, total]: [number[], number],
  planned: Placement[] = [],
) => {
  for (let index = 0; index < count; index++) costs.observe(shard.next(converters, total), planned);
};
const planned = (cost: number): Placement => ({
  monitor: 'live/sports',
  name: 's-1',
  detectors: ['black', 'freeze'],
  cost,
  role: 'owner',
  generation: 1,
  since: start,
  reason: 'test',
});

describe('LearnedCosts', () => {
  it('shares the whole CPU of a shard over its streams as their converters use it', () => {
    const costs = new LearnedCosts();
    learn(costs, new ReportingShard(), 60, [[50, 150], 400]);
    expect(costs.byPair.get(keyOf('s-1'))! / 100).toBeCloseTo(1, 1);
    expect(costs.byPair.get(keyOf('s-2'))! / 300).toBeCloseTo(1, 1);
  });

  it('says nothing before five minutes of watching', () => {
    const costs = new LearnedCosts();
    const shard = new ReportingShard();
    learn(costs, shard, 30, [[50, 150], 400]);
    expect(costs.byPair.size).toBe(0);
    learn(costs, shard, 1, [[50, 150], 400]);
    expect(costs.byPair.size).toBe(2);
  });

  it('stays still while the CPU wavers, and follows what lasts', () => {
    const costs = new LearnedCosts();
    const shard = new ReportingShard();
    learn(costs, shard, 60, [[100, 100], 200]);
    const before = costs.byPair;
    for (let index = 0; index < 300; index++) {
      const cost = index % 2 ? 125 : 85;
      learn(costs, shard, 1, [[cost, 100], cost + 100]);
    }
    expect(costs.byPair).toEqual(before);
    learn(costs, shard, 600, [[300, 100], 400]);
    expect(Math.abs(costs.byPair.get(keyOf('s-1'))! / 300 - 1)).toBeLessThan(0.15);
    expect(costs.byPair.get(keyOf('s-2'))).toBe(before.get(keyOf('s-2')));
  });

  it('starts from what a stream is planned with: a restart changes no cost by less than 15 %', () => {
    const near = new LearnedCosts();
    learn(near, new ReportingShard(), 60, [[100, 100], 200], [planned(110)]);
    expect(near.byPair.get(keyOf('s-1'))).toBe(110);
    const far = new LearnedCosts();
    learn(far, new ReportingShard(), 60, [[100, 100], 200], [planned(130)]);
    expect(far.byPair.get(keyOf('s-1'))! / 100).toBeCloseTo(1, 1);
  });

  it('takes a stream for as dear as it would be if it were kept up with', () => {
    const costs = new LearnedCosts();
    const shard = new ReportingShard();
    shard.overload = 0.5;
    learn(costs, shard, 60, [[100, 100], 200]);
    expect(costs.byPair.get(keyOf('s-1'))! / 200).toBeCloseTo(1, 1);
    expect(costs.byPair.get(keyOf('s-2'))! / 100).toBeCloseTo(1, 1);
  });

  it('learns nothing from a stream that is down', () => {
    const costs = new LearnedCosts();
    const shard = new ReportingShard();
    shard.phases = ['Down', 'Up'];
    learn(costs, shard, 60, [[1, 100], 120]);
    expect([...costs.byPair.keys()]).toEqual([keyOf('s-2')]);
  });

  it('takes no stream for cheaper than the floor', () => {
    const costs = new LearnedCosts();
    learn(costs, new ReportingShard(1), 60, [[0.5], 0.5]);
    expect(costs.byPair.get(keyOf('s-1'))).toBe(5);
  });

  it('does not compare across a restart of the shard, a clock set back, or a report seen twice', () => {
    const costs = new LearnedCosts();
    const shard = new ReportingShard();
    learn(costs, shard, 60, [[100, 100], 200]);
    const before = costs.byPair;
    const [first, second] = [shard.next([100, 100], 200), shard.next([100, 100], 200)];
    for (let index = 0; index < 100; index++) {
      costs.observe(second);
      costs.observe(first);
    }
    shard.bootId = 'boot-2';
    costs.observe(shard.next([100_000, 100_000], 200_000));
    expect(costs.byPair).toEqual(before);
  });

  it('learns nothing over a time in which streams came or went', () => {
    const costs = new LearnedCosts();
    const shard = new ReportingShard();
    for (let index = 0; index < 100; index++) learn(costs, shard, 1, [index % 2 ? [100, 100] : [100], 200]);
    expect(costs.byPair.size).toBe(0);
  });

  it('forgets what no shard has any more', () => {
    const costs = new LearnedCosts();
    learn(costs, new ReportingShard(), 60, [[100, 100], 200]);
    costs.retain([{ name: 'a-0', pool: 'a', placements: [planned(100)] }]);
    expect([...costs.byPair.keys()]).toEqual([keyOf('s-1')]);
    costs.retain([]);
    expect(costs.byPair.size).toBe(0);
  });
});
