import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assumedVideo, declaredCost, expectedVideo } from '../../../operator/planner/cost.ts';
import {
  type PlanRequest,
  plan,
  type ShardHealth,
  type StreamDemand,
} from '../../../operator/planner/plan.ts';
import type { Placement, Plan, PoolPolicy } from '../../../operator/planner/pool-plan.ts';

const detectorCosts = { black: { fixed: 1, perMegapixel: 0 }, blocks: { fixed: 2, perMegapixel: 0.4 } };
const policy: PoolPolicy = { shardCapacity: 1000, streamsPerShard: 30, maxShards: 100 };
const demand = (name: string, overrides: Partial<StreamDemand> = {}): StreamDemand => ({
  monitor: 'live/sports',
  name,
  priority: 50,
  video: assumedVideo,
  subsets: [['black', 'blocks']],
  ...overrides,
});
const demands = (count: number) => Array.from({ length: count }, (_, index) => demand(`s-${index + 10}`));
const planned = (streams: readonly StreamDemand[], rest: Partial<PlanRequest> = {}) =>
  plan({ streams, detectorCosts, health: {}, policy, ...rest });
const namesOn = (subject: Plan, shard: string) => (subject.shards[shard] ?? []).map(({ name }) => name);

describe('declaredCost', () => {
  it('follows the measured decode of 1080p30 and 480p30 within a tenth', () => {
    const large = declaredCost(assumedVideo, [], {});
    const small = declaredCost({ width: 854, height: 480, frameRate: 30 }, [], {});
    expect(Math.abs(large / 97 - 1)).toBeLessThan(0.1);
    expect(Math.abs(small / 28.6 - 1)).toBeLessThan(0.1);
  });

  it('adds what each detector declares, by native megapixel', () => {
    const bare = declaredCost(assumedVideo, [], detectorCosts);
    expect(declaredCost(assumedVideo, ['black', 'blocks'], detectorCosts) - bare).toBeCloseTo(
      3 + 0.4 * 62.208,
    );
  });

  it('expects a smaller picture where a smaller rendition is asked for', () => {
    expect(expectedVideo(480)).toEqual({ width: 853, height: 480, frameRate: 30 });
    expect(expectedVideo(2160)).toEqual(assumedVideo);
  });
});

describe('plan', () => {
  it('fills one shard after the other', () => {
    const { plan: result, moves } = planned(demands(9));
    expect(Object.entries(result.shards).map(([shard, on]) => [shard, on.length])).toEqual([
      ['shard-0', 7],
      ['shard-1', 2],
    ]);
    expect(moves).toHaveLength(9);
  });

  it('closes a gap with the next stream and moves nothing', () => {
    const first = planned(demands(9)).plan;
    const [gone, ...rest] = demands(9);
    const second = planned([...rest, demand('t')], { previous: first });
    expect(second.moves).toEqual([
      expect.objectContaining({ name: 't', to: 'shard-0' }),
      expect.objectContaining({ name: gone!.name, from: 'shard-0', reason: expect.stringContaining('gone') }),
    ]);
  });

  it('leaves a stream where it is when its detectors change', () => {
    const first = planned(demands(9)).plan;
    const changed = demands(9).map((stream) => ({ ...stream, subsets: [['black']] }));
    const { plan: second, moves } = planned(changed, { previous: first });
    expect(moves).toEqual([]);
    expect(namesOn(second, 'shard-1')).toEqual(namesOn(first, 'shard-1'));
  });

  it('takes the streams of a lost shard elsewhere, under a name not used before', () => {
    const first = planned(demands(9)).plan;
    const { plan: second, moves } = planned(demands(9), { previous: first, health: { 'shard-0': 'Lost' } });
    expect(Object.keys(second.shards)).toEqual(['shard-1', 'shard-2']);
    expect(moves).toHaveLength(7);
    expect(moves.every(({ from, reason }) => from === 'shard-0' && reason === 'shard-0 is lost')).toBe(true);
  });

  it('moves nothing for a shard that does not answer', () => {
    const first = planned(demands(9)).plan;
    expect(planned(demands(9), { previous: first, health: { 'shard-0': 'Unknown' } }).moves).toEqual([]);
  });

  it('leaves out the lowest priority first where shards are full', () => {
    const one = { ...policy, maxShards: 1 };
    const first = planned(demands(7), { policy: one }).plan;
    const streams = [...demands(7), demand('final', { priority: 90 })];
    streams[3] = { ...streams[3]!, priority: 10 };
    const { plan: second, moves } = planned(streams, { policy: one, previous: first });
    expect(second.shed).toEqual([expect.objectContaining({ name: streams[3]!.name })]);
    expect(namesOn(second, 'shard-0')).toContain('final');
    expect(moves).toHaveLength(2);
    const { plan: third } = planned(streams.slice(1), { policy: one, previous: second });
    expect(third.shed).toEqual([]);
  });

  it('keeps the subsets of one stream apart', () => {
    const { plan: result } = planned([demand('a', { subsets: [['black'], ['blocks']] })]);
    expect(Object.values(result.shards).map((on) => on.map(({ detectors }) => detectors))).toEqual([
      [['black']],
      [['blocks']],
    ]);
  });

  it('says what to do about a stream that no shard can hold', () => {
    const { plan: result } = planned([demand('a')], { policy: { ...policy, shardCapacity: 100 } });
    expect(result.shards).toEqual({});
    expect(result.shed[0]!.reason).toContain('sharding.subsets');
  });

  it('empties shards beyond the most allowed', () => {
    const first = planned(demands(9)).plan;
    const { plan: second } = planned(demands(6), { previous: first, policy: { ...policy, maxShards: 1 } });
    expect(Object.keys(second.shards)).toEqual(['shard-0']);
  });
});

describe('any plan', () => {
  const subsets = fc.constantFrom([['black']], [['black', 'blocks']], [['black'], ['blocks']]);
  const heights = fc.constantFrom(240, 480, 720, 1080);
  const streams = fc.uniqueArray(
    fc.record({
      monitor: fc.constantFrom('live/a', 'live/b'),
      name: fc.integer({ min: 0, max: 30 }).map((number) => `s-${number}`),
      priority: fc.constantFrom(10, 50, 90),
      video: heights.map((height) => expectedVideo(height)),
      subsets,
    }),
    { selector: ({ monitor, name }) => `${monitor}/${name}`, maxLength: 40 },
  );
  const policies = fc.record({
    shardCapacity: fc.integer({ min: 60, max: 900 }),
    streamsPerShard: fc.integer({ min: 1, max: 8 }),
    maxShards: fc.integer({ min: 1, max: 12 }),
  });
  const history = fc.tuple(
    streams,
    streams,
    policies,
    fc.infiniteStream(fc.constantFrom<ShardHealth>('Healthy', 'Unknown', 'Lost')),
  );

  const key = ({ monitor, name, detectors }: Pick<Placement, 'monitor' | 'name' | 'detectors'>) =>
    `${monitor}/${name} ${detectors.join()}`;
  const wantedKeys = (all: readonly StreamDemand[]) =>
    all
      .flatMap(({ monitor, name, subsets }) => subsets.map((detectors) => key({ monitor, name, detectors })))
      .sort();
  const shardOf = (subject: Plan) =>
    new Map(
      Object.entries(subject.shards).flatMap(([shard, on]) => on.map((pair) => [key(pair), shard] as const)),
    );
  const check = (property: (request: PlanRequest & { previous: Plan }) => void) =>
    fc.assert(
      fc.property(history, ([earlier, later, policy, states]) => {
        const previous = planned(earlier, { policy }).plan;
        const health = Object.fromEntries(
          Object.keys(previous.shards).map((shard) => [shard, states.next().value]),
        );
        property({ streams: later, detectorCosts, previous, health, policy });
      }),
      { numRuns: 200 },
    );

  it('places or sheds every pair exactly once', () => {
    check((request) => {
      const { plan: result } = plan(request);
      const all = [...Object.values(result.shards).flat(), ...result.shed].map(key).sort();
      expect(all).toEqual(wantedKeys(request.streams));
    });
  });

  it('holds the policy on every shard, and leaves lost shards alone', () => {
    check((request) => {
      const { plan: result } = plan(request);
      expect(Object.keys(result.shards).length).toBeLessThanOrEqual(request.policy.maxShards);
      for (const [shard, on] of Object.entries(result.shards)) {
        expect(request.health[shard]).not.toBe('Lost');
        expect(on.length).toBeGreaterThan(0);
        expect(on.length).toBeLessThanOrEqual(request.policy.streamsPerShard);
        expect(on.reduce((sum, { cost }) => sum + cost, 0)).toBeLessThanOrEqual(
          request.policy.shardCapacity + 1e-6,
        );
        expect(new Set(on.map(({ monitor, name }) => `${monitor}/${name}`)).size).toBe(on.length);
      }
    });
  });

  it('does not depend on the order of its input', () => {
    check((request) => {
      const reversed = { ...request, streams: request.streams.toReversed() };
      const { shards } = request.previous;
      const previous = { ...request.previous, shards: Object.fromEntries(Object.entries(shards).reverse()) };
      expect(plan({ ...reversed, previous })).toEqual(plan(request));
    });
  });

  it('moves nothing when planned again', () => {
    check((request) => {
      const { plan: first } = plan(request);
      const again = plan({ ...request, previous: first, health: {} });
      expect(again.moves).toEqual([]);
      expect(again.plan).toEqual({ ...first, generation: first.generation + 1 });
    });
  });

  it('moves a running stream from a living shard only for want of room or for a higher priority', () => {
    check((request) => {
      const { plan: result, moves } = plan(request);
      const [before, after] = [shardOf(request.previous), shardOf(result)];
      const moved = new Map(moves.map((move) => [key(move), move]));
      for (const [pair, from] of before) {
        if (!wantedKeys(request.streams).includes(pair) || after.get(pair) === from) continue;
        expect(moved.get(pair)?.reason).toMatch(/ is lost$|no room|made room for|are full|a shard has/);
      }
    });
  });

  it('moves nothing at all when only streams are added and shards may be', () => {
    fc.assert(
      fc.property(streams, policies, (all, limits) => {
        const policy = { ...limits, maxShards: 1000 };
        const some = all.filter((_, index) => index % 2 === 0);
        const previous = planned(some, { policy }).plan;
        const after = shardOf(planned(all, { policy, previous }).plan);
        for (const [pair, shard] of shardOf(previous)) expect(after.get(pair)).toBe(shard);
      }),
    );
  });

  it('never leaves a stream out while one of lower priority that is as large runs', () => {
    check((request) => {
      const { plan: result } = plan(request);
      const priorityOf = new Map(
        request.streams.map(({ monitor, name, priority }) => [`${monitor}/${name}`, priority]),
      );
      const priority = ({ monitor, name }: Placement) => priorityOf.get(`${monitor}/${name}`)!;
      for (const left of result.shed) {
        if (left.cost > request.policy.shardCapacity) continue;
        for (const on of Object.values(result.shards)) {
          if (on.some(({ monitor, name }) => monitor === left.monitor && name === left.name)) continue;
          const worse = on.filter((pair) => priority(pair) < priority(left) && pair.cost >= left.cost);
          expect(worse).toEqual([]);
        }
      }
    });
  });
});
