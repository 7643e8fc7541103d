import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PoolsPlan, planPools } from '../../../operator/planner/plan-pools.ts';
import { pairKey, type ShardHealth } from '../../../operator/planner/shard-state.ts';
import type { StreamDemand } from '../../../operator/planner/stream-demand.ts';
import { demand, demands, policy, SimulatedPools } from './simulated-pools.ts';

const detectorSets = [['black', 'blocks'], ['black'], ['black', 'blocks', 'freeze'], ['freeze']];

/** One thing that happens to an installation; numbers choose among what there is. */
type Happening =
  | { readonly kind: 'add'; readonly index: number; readonly priority: number; readonly exclusive: boolean }
  | { readonly kind: 'remove' | 'removeHalf' | 'rollOut'; readonly index: number }
  | { readonly kind: 'detectors' | 'subsets'; readonly index: number; readonly choice: number }
  | { readonly kind: 'cost'; readonly index: number; readonly cost: number }
  | { readonly kind: 'health'; readonly index: number; readonly health: ShardHealth }
  | { readonly kind: 'hear'; readonly index: number; readonly received: boolean; readonly reported: boolean }
  | { readonly kind: 'reconcile'; readonly failing: readonly number[] }
  | { readonly kind: 'pass'; readonly seconds: number };

const index = fc.nat(40);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      index,
      priority: fc.constantFrom(10, 50, 90),
      exclusive: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('remove' as const, 'removeHalf' as const, 'rollOut' as const),
      index,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('detectors' as const, 'subsets' as const),
      index,
      choice: fc.nat(3),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('cost' as const),
      index,
      cost: fc.integer({ min: 20, max: 700 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('health' as const),
      index,
      health: fc.constantFrom<ShardHealth>('Starting', 'Ready', 'Unknown', 'Draining', 'Lost'),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('hear' as const),
      index,
      received: fc.boolean(),
      reported: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('reconcile' as const),
      failing: fc.array(fc.nat(4), { maxLength: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 700 }) }),
  },
);

function happen(pools: SimulatedPools, what: Happening, onWrite: () => void): PoolsPlan | undefined {
  const stream = 'index' in what ? pools.streams[what.index % Math.max(1, pools.streams.length)] : undefined;
  const shards = [...pools.documents.keys()];
  const shard = 'index' in what ? shards[what.index % Math.max(1, shards.length)] : undefined;
  const change = (overrides: Partial<StreamDemand>) => {
    pools.streams = pools.streams.map((one) => (one === stream ? { ...one, ...overrides } : one));
  };
  switch (what.kind) {
    case 'add': {
      const name = `s-${what.index}`;
      if (pools.streams.some((one) => one.name === name)) return undefined;
      const { priority, exclusive } = what;
      pools.streams = [
        ...pools.streams,
        demand(name, { priority, exclusive, pool: pools.streams[0]?.pool ?? 'a' }),
      ];
      return undefined;
    }
    case 'remove':
      pools.streams = pools.streams.filter((one) => one !== stream);
      return undefined;
    case 'removeHalf':
      pools.streams = pools.streams.filter((_, position) => position % 2 === what.index % 2);
      return undefined;
    case 'rollOut':
      pools.streams = pools.streams.map((one) => ({ ...one, pool: one.pool === 'a' ? 'b' : 'a' }));
      return undefined;
    case 'detectors':
      change({ detectors: detectorSets[what.choice]! });
      return undefined;
    case 'subsets':
      change({ subsets: what.choice === 0 ? [] : [['black'], ['blocks', 'freeze']] });
      return undefined;
    case 'cost':
      if (stream) pools.costs.set(pairKey({ ...stream, detectors: stream.detectors.toSorted() }), what.cost);
      return undefined;
    case 'health':
      if (shard) pools.become(shard, what.health);
      return undefined;
    case 'hear':
      if (!shard) return undefined;
      pools.follow(shard);
      if (what.received) pools.receive(shard);
      if (what.reported) pools.report(shard);
      return undefined;
    case 'reconcile':
      return pools.reconcile((write) => !what.failing.includes(write), onWrite);
    case 'pass':
      pools.now += what.seconds * 1000;
      return undefined;
  }
}

/** What each wanted stream may be watched as: its detectors, each once, in pairs. */
function accountFor(pools: SimulatedPools, plan: PoolsPlan): void {
  const parts = plan.shards.flatMap(({ name: shard, placements }) =>
    placements.map((placement) => ({ shard, placement })),
  );
  for (const stream of pools.streams) {
    const ofStream = parts.filter(({ placement }) => placement.name === stream.name);
    const shed = plan.shed.filter(({ name }) => name === stream.name);
    const held = plan.waiting.filter(({ name }) => name === stream.name);
    const watched = new Set<string>();
    for (const [key, pair] of Map.groupBy(ofStream, ({ placement }) => pairKey(placement))) {
      const roles = pair
        .map(({ placement }) => placement.role)
        .sort()
        .join();
      expect(['owner', 'owner,warming', 'demoted,warming', 'demoted,owner', 'demoted']).toContain(roles);
      // The only one without an owner and a target is the one that gets its owner back with the next plan.
      if (roles === 'demoted') expect(held.map(pairKey)).toContain(key);
      for (const type of pair[0]!.placement.detectors) {
        expect(watched).not.toContain(type);
        watched.add(type);
      }
    }
    for (const { detectors, reason } of shed) {
      expect(reason.length).toBeGreaterThan(20);
      for (const type of detectors) watched.add(type);
    }
    expect([...watched].sort()).toEqual(stream.detectors.toSorted());
  }
  const wanted = new Set(pools.streams.map(({ name }) => name));
  expect(parts.filter(({ placement }) => !wanted.has(placement.name))).toEqual([]);
  for (const { placements } of plan.shards) {
    expect(new Set(placements.map(({ name }) => name)).size).toBe(placements.length);
  }
}

/** Moves that begin by choice stay within the budget of the pool that they go to. */
function holdBudget(plan: PoolsPlan): void {
  for (const { pool } of plan.shards) {
    const warming = plan.shards
      .filter((shard) => shard.pool === pool)
      .flatMap(({ name, placements }) => placements.map((placement) => ({ ...placement, to: name })))
      .filter(({ role }) => role === 'warming');
    const begun = plan.moves.filter(
      ({ cause, name, from, to }) =>
        ['Drain', 'RollOut', 'Overload', 'Consolidate'].includes(cause) &&
        warming.some(
          (placement) => placement.name === name && placement.from === from && placement.to === to,
        ),
    );
    expect(begun.length).toBeLessThanOrEqual(policy.movesInFlight);
  }
}

/** Nothing is in trouble any more, and everything answers. */
function comeToRest(pools: SimulatedPools): void {
  for (const [name, health] of pools.health)
    if (health === 'Unknown' || health === 'Starting') pools.become(name, 'Ready');
  pools.settle(80, 60);
}

describe('operation over time', () => {
  it('loses no stream, doubles none, and comes to rest', () => {
    fc.assert(
      fc.property(
        fc.array(happening, { minLength: 5, maxLength: 80 }),
        fc.constantFrom(3, 50),
        fc.constantFrom(0, 500),
        fc.constantFrom(0, 25),
        (happenings, maxShards, warmHeadroom, before) => {
          const pools = new SimulatedPools();
          pools.streams = demands(before);
          const limited = { ...policy, maxShards, warmHeadroom };
          pools.policies = { a: limited, b: limited };
          pools.settle(2);
          const onWrite = () => expect(pools.doubleOwners()).toEqual([]);
          for (const what of happenings) {
            const plan = happen(pools, what, onWrite);
            if (!plan) continue;
            accountFor(pools, plan);
            holdBudget(plan);
          }
          comeToRest(pools);
          const plan = planPools(pools.request());
          accountFor(pools, plan);
          const written = [...pools.documents].sort(([a], [b]) => (a < b ? -1 : 1));
          expect(plan.shards.map(({ name, placements }) => [name, placements])).toEqual(
            written.map(([name, { placements }]) => [name, placements]),
          );
          expect(plan.moves).toEqual([]);
          for (const { placement } of pools.placements()) {
            expect(placement.role).toBe('owner');
            expect(placement.adopt).toBeUndefined();
          }
          for (const { name, placements } of plan.shards) {
            const cost = placements.reduce((sum, placement) => sum + placement.cost, 0);
            if (cost <= policy.shardCapacity * (1 + policy.hysteresis) + 1e-6) continue;
            expect(plan.waiting.map(({ from }) => from)).toContain(name);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
