import { describe, expect, it } from 'vitest';
import { planPools } from '../../../operator/planner/plan-pools.ts';
import { pairKey } from '../../../operator/planner/shard-state.ts';
import { demand, demands, policy, SimulatedPools } from './simulated-pools.ts';

/** Pools that have come to rest; each stream costs 100 of a shard's 1,000. */
function restingPools(count: number, prepare: (pools: SimulatedPools) => void = () => {}): SimulatedPools {
  const pools = new SimulatedPools();
  pools.streams = demands(count);
  for (const stream of pools.streams) pools.costs.set(pairKey(stream), 100);
  prepare(pools);
  pools.settle(4);
  return pools;
}
const namesOn = (pools: SimulatedPools, shard: string) =>
  pools.documents.get(shard)?.placements.map(({ name }) => name) ?? [];
const keyOf = (name: string) => pairKey(demand(name));

describe('first placement', () => {
  it('makes a new stream owner at once on the first shard with room', () => {
    const pools = new SimulatedPools();
    pools.streams = [demand('s-1')];
    const plan = pools.reconcile();
    expect(plan.shards).toEqual([
      {
        name: 'a-0',
        pool: 'a',
        placements: [
          expect.objectContaining({
            name: 's-1',
            role: 'owner',
            generation: 1,
            since: pools.now,
            detectors: ['black', 'blocks'],
          }),
        ],
      },
    ]);
    expect(plan.moves).toEqual([expect.objectContaining({ name: 's-1', to: 'a-0', cause: 'New' })]);
  });

  it('fills shards by number and adds one when they are full', () => {
    const pools = restingPools(25);
    expect([...pools.documents.values()].map(({ placements }) => placements.length)).toEqual([10, 10, 5]);
  });

  it('sheds the least important when the most shards are full, and names the fix', () => {
    const pools = restingPools(20, (one) => {
      one.policies = { a: { ...policy, maxShards: 2 } };
    });
    const important = demand('z-important', { priority: 90 });
    pools.streams = [
      ...pools.streams.map((stream) => ({ ...stream, priority: stream.name === 's-105' ? 10 : 50 })),
      important,
    ];
    pools.costs.set(pairKey(important), 100);
    const plan = pools.reconcile();
    expect(pools.partsOf(pairKey(important))).toEqual(['owner@a-0']);
    expect(plan.shed).toEqual([
      expect.objectContaining({ name: 's-105', reason: expect.stringContaining('more shards') }),
    ]);
    expect(plan.moves.map(({ name, cause }) => [name, cause])).toEqual([
      ['s-105', 'Priority'],
      ['z-important', 'New'],
    ]);
  });

  it('sheds a stream that no document could hold', () => {
    const pools = new SimulatedPools();
    pools.streams = [demand('s-1', { bytes: 300_000 })];
    expect(pools.reconcile().shed).toEqual([
      expect.objectContaining({ name: 's-1', reason: expect.stringContaining('bytes') }),
    ]);
  });
});

describe('moves', () => {
  it('takes a drained shard’s streams off it one step at a time, within the budget', () => {
    const pools = restingPools(15);
    pools.health.set('a-0', 'Draining');
    pools.settle(1, 0);
    const key = keyOf('s-100');
    expect(pools.partsOf(key)).toEqual(['owner@a-0', 'warming@a-1']);
    expect(pools.placements().filter(({ placement }) => placement.role === 'warming')).toHaveLength(4);
    pools.settle(1, 0);
    expect(pools.partsOf(key)).toEqual(['demoted@a-0', 'warming@a-1']);
    pools.settle(1, 0);
    expect(pools.partsOf(key)).toEqual(['demoted@a-0', 'owner@a-1']);
    pools.settle(1, 0);
    expect(pools.partsOf(key)).toEqual(['owner@a-1']);
    pools.settle(20);
    expect([...pools.documents.keys()]).toEqual(['a-1', 'a-2']);
    expect(pools.placements()).toHaveLength(15);
  });

  it('puts a lost shard’s streams elsewhere at once and all together, without a second owner', () => {
    const pools = restingPools(30);
    pools.health.set('a-1', 'Lost');
    const plan = pools.reconcile();
    expect(plan.moves).toHaveLength(10);
    expect(new Set(plan.moves.map(({ cause }) => cause))).toEqual(new Set(['Lost']));
    expect(pools.partsOf(keyOf('s-110'))).toEqual(['demoted@a-1', 'warming@a-3']);
    pools.reconcile();
    expect(pools.partsOf(keyOf('s-110'))).toEqual(['demoted@a-1', 'owner@a-3']);
    const adopted = pools.documents.get('a-3')!.placements[0]!.adopt;
    expect(adopted).toMatchObject({ from: 'a-1', incidents: [] });
    pools.reconcile();
    expect(pools.partsOf(keyOf('s-110'))).toEqual(['owner@a-3']);
    pools.settle(2);
    expect([...pools.documents.keys()].sort()).toEqual(['a-0', 'a-2', 'a-3']);
    expect(pools.placements().every(({ placement }) => placement.adopt === undefined)).toBe(true);
  });

  it('fills shards of the new pool when the pods of a stream change, and lets the old ones go', () => {
    const pools = restingPools(10);
    pools.streams = pools.streams.map((stream) => ({ ...stream, pool: 'b' }));
    pools.settle(20);
    expect([...pools.documents.keys()]).toEqual(['b-0']);
    expect(namesOn(pools, 'b-0')).toHaveLength(10);
  });

  it('gives a move up when its target is lost, and goes on elsewhere', () => {
    const pools = restingPools(15);
    pools.health.set('a-0', 'Draining');
    pools.settle(2, 0);
    expect(pools.partsOf(keyOf('s-100'))).toEqual(['demoted@a-0', 'warming@a-1']);
    pools.health.set('a-1', 'Lost');
    pools.reconcile();
    // The target had become owner by then, and is dead: the source is to speak again.
    expect(pools.partsOf(keyOf('s-100'))).toEqual(['demoted@a-0']);
    pools.reconcile();
    expect(pools.partsOf(keyOf('s-100'))[0]).toBe('owner@a-0');
    pools.settle(30);
    expect([...pools.documents.keys()].sort()).toEqual(['a-1', 'a-2']);
    expect(pools.placements().every(({ placement }) => placement.role === 'owner')).toBe(true);
  });

  it('lets the source of an exclusive stream go once the target is there, and warms nothing', () => {
    const pools = restingPools(1, (one) => {
      one.streams = demands(1, { exclusive: true });
    });
    pools.health.set('a-0', 'Draining');
    const key = keyOf('s-100');
    pools.reconcile();
    expect(pools.partsOf(key)).toEqual(['owner@a-0', 'warming@a-1']);
    pools.reconcile();
    expect(pools.partsOf(key)).toEqual(['owner@a-0', 'warming@a-1']);
    pools.follow('a-1');
    pools.report('a-1');
    pools.reconcile();
    expect(pools.partsOf(key)).toEqual(['demoted@a-0', 'warming@a-1']);
    pools.settle(3);
    expect(pools.partsOf(key)).toEqual(['owner@a-1']);
  });
});

describe('planPools at rest', () => {
  it('changes nothing', () => {
    const pools = restingPools(25);
    const plan = planPools(pools.request());
    expect(plan).toMatchObject({ moves: [], waiting: [], shed: [], halted: [] });
    expect(plan.shards.map(({ placements }) => placements)).toEqual(
      [...pools.documents.values()].map(({ placements }) => placements),
    );
  });
});
