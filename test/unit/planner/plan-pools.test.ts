import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planPools } from '../../../operator/planner/plan-pools.ts';
import type { PoolPolicy } from '../../../operator/planner/pool-policy.ts';
import { pairKey } from '../../../operator/planner/shard-state.ts';
import type { StreamDemand } from '../../../operator/planner/stream-demand.ts';
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

describe('a move under way', () => {
  const drained = (prepare?: (pools: SimulatedPools) => void) => {
    const pools = restingPools(15, prepare);
    pools.health.set('a-0', 'Draining');
    pools.reconcile();
    expect(pools.partsOf(keyOf('s-100'))).toEqual(['owner@a-0', 'warming@a-1']);
    return pools;
  };

  it('is given up when its target is not of the pool that the stream belongs to any more', () => {
    const pools = restingPools(1);
    pools.streams = demands(1, { pool: 'b' });
    pools.reconcile();
    expect(pools.partsOf(keyOf('s-100'))).toEqual(['owner@a-0', 'warming@b-0']);
    pools.streams = demands(1);
    const plan = pools.reconcile();
    expect(pools.partsOf(keyOf('s-100'))).toEqual(['owner@a-0']);
    expect(plan.moves).toEqual([expect.objectContaining({ from: 'b-0', to: 'a-0', cause: 'RollOut' })]);
  });

  it('is given up when the node of its target is to be emptied, and begins anew elsewhere', () => {
    const pools = drained();
    pools.health.set('a-1', 'Draining');
    pools.reconcile();
    expect(pools.partsOf(keyOf('s-100'))).toEqual(['owner@a-0', 'warming@a-2']);
  });

  it('goes on to a shard that is to be emptied when its source is lost', () => {
    const pools = drained();
    pools.become('a-0', 'Lost');
    pools.health.set('a-1', 'Draining');
    pools.reconcile();
    expect(pools.partsOf(keyOf('s-100'))).toEqual(['demoted@a-0', 'warming@a-1']);
    pools.settle(30);
    expect(pools.placements()).toHaveLength(15);
    expect(
      pools.placements().every(({ shard, placement }) => shard !== 'a-1' && placement.role === 'owner'),
    ).toBe(true);
  });

  it('takes nothing from the budget once its source is lost', () => {
    const pools = drained();
    pools.streams = [
      ...pools.streams,
      ...demands(5).map((stream) => ({ ...stream, name: `z-${stream.name}` })),
    ];
    pools.reconcile();
    pools.become('a-0', 'Lost');
    const shard = pools.partsOf(keyOf('z-s-100'))[0]!.slice('owner@'.length);
    expect(shard).toBe('a-2');
    pools.health.set('a-2', 'Draining');
    const plan = pools.reconcile();
    expect(plan.moves.filter(({ cause }) => cause === 'Drain')).toHaveLength(4);
  });

  it('ends before the next begins', () => {
    const pools = drained();
    pools.settle(3, 0);
    expect(pools.partsOf(keyOf('s-100'))).toEqual(['demoted@a-0', 'owner@a-1']);
    pools.removeShard('a-0');
    pools.health.set('a-1', 'Draining');
    pools.reports.delete('a-1');
    const plan = pools.reconcile();
    expect(plan.waiting).toContainEqual(
      expect.objectContaining({
        name: 's-100',
        cause: 'Drain',
        reason: expect.stringContaining('took over'),
      }),
    );
    expect(pools.partsOf(keyOf('s-100'))).toEqual(['owner@a-1']);
  });
});

describe('room for a stream', () => {
  it('is sought last where streams are leaving', () => {
    const pools = restingPools(20);
    pools.now += policy.coolDown * 1000;
    pools.streams = pools.streams.filter((_, index) => index % 10 < (index < 10 ? 3 : 5));
    expect(pools.reconcile().moves.at(-1)).toMatchObject({ from: 'a-0', to: 'a-1', cause: 'Consolidate' });
    pools.streams = [...pools.streams, demand('s-new')];
    pools.costs.set(keyOf('s-new'), 100);
    expect(pools.reconcile().moves[0]).toMatchObject({ name: 's-new', to: 'a-1' });
  });

  it('is made for the streams of a lost shard beside it, however many shards are allowed', () => {
    const pools = restingPools(5, (one) => {
      one.policies = { a: { ...policy, maxShards: 1 } };
    });
    pools.become('a-0', 'Lost');
    expect(pools.reconcile().shed).toEqual([]);
    pools.settle(5);
    expect(pools.placements().map(({ shard, placement }) => `${placement.role}@${shard}`)).toEqual(
      Array(5).fill('owner@a-1'),
    );
  });

  it('that one stream does not find keeps no other from moving', () => {
    const pools = restingPools(7, (one) => {
      one.costs.set(keyOf('s-100'), 950).set(keyOf('s-101'), 50);
    });
    expect(namesOn(pools, 'a-0')).toEqual(['s-100', 's-101']);
    pools.health.set('a-0', 'Draining');
    pools.policies = { a: { ...policy, maxShards: 1, movesInFlight: 1 } };
    const plan = pools.reconcile();
    expect(plan.moves).toEqual([expect.objectContaining({ name: 's-101', to: 'a-1' })]);
    expect(plan.waiting).toEqual([
      expect.objectContaining({ name: 's-100', reason: expect.stringContaining('more shards') }),
    ]);
  });

  it('is not made by streams as important, and by as unimportant ones as can be', () => {
    const pools = restingPools(30, (one) => {
      one.policies = { a: { ...policy, maxShards: 3 } };
    });
    const important = demand('z-important', { priority: 90 });
    pools.costs.set(pairKey(important), 300);
    // The first shard has too little to give, the last has the least important.
    const priorities = [10, 10, 90, 90, 90, 90, 90, 90, 90, 90, ...Array(10).fill(60), ...Array(10).fill(40)];
    const ranked = pools.streams.map((stream, index) => ({
      ...stream,
      priority: priorities[index] as number,
    }));
    pools.streams = [...ranked, important];
    const plan = pools.reconcile();
    expect(plan.shed.map(({ name }) => name)).toEqual(['s-120', 's-121', 's-122']);
    expect(pools.partsOf(pairKey(important))).toEqual(['owner@a-2']);
  });
});

describe('what holds a move back', () => {
  it('is the budget of a minute', () => {
    const pools = restingPools(15, (one) => {
      one.policies = { a: { ...policy, movesInFlight: 100, movesPerMinute: 3 } };
    });
    pools.health.set('a-0', 'Draining');
    const plan = pools.reconcile();
    expect(plan.moves).toHaveLength(3);
    expect(plan.waiting).toHaveLength(7);
    expect(plan.waiting[0]).toMatchObject({
      from: 'a-0',
      cause: 'Drain',
      reason: expect.stringContaining('minute'),
    });
    expect(pools.reconcile().moves).toEqual([]);
    pools.now += 60_000;
    expect(pools.reconcile().moves).toHaveLength(3);
  });

  it('is a source that does not answer: its hand-over would never come', () => {
    const pools = restingPools(1);
    pools.health.set('a-0', 'Unknown');
    pools.streams = demands(1, { pool: 'b' });
    expect(pools.reconcile()).toMatchObject({
      moves: [],
      waiting: [{ from: 'a-0', cause: 'RollOut', reason: expect.stringContaining('does not answer') }],
    });
  });

  it('is nothing that a shard without an answer says: its streams stay, and no new one comes', () => {
    const pools = restingPools(5);
    pools.health.set('a-0', 'Unknown');
    pools.streams = [...pools.streams, demand('s-new')];
    const plan = pools.reconcile();
    expect(plan.moves).toEqual([expect.objectContaining({ name: 's-new', to: 'a-1' })]);
    expect(namesOn(pools, 'a-0')).toHaveLength(5);
  });

  it('is a stream that warms for too long: the roll-out halts, a drain goes on', () => {
    const pools = restingPools(20, (one) => {
      one.policies = { a: policy, b: { ...policy, movesInFlight: 8 } };
    });
    pools.streams = pools.streams.map((stream) => ({ ...stream, pool: 'b' }));
    pools.reconcile();
    pools.now += policy.warmTimeout * 1000 + 1;
    pools.policies = { a: policy, b: { ...policy, movesInFlight: 10 } };
    const halted = pools.reconcile();
    expect(halted.moves).toEqual([]);
    expect(halted.halted).toEqual([
      { pool: 'b', reason: expect.stringMatching(/live\/sports\/s-100.*b-0.*connections: 1/s) },
    ]);
    expect(halted.waiting).toHaveLength(12);
    pools.health.set('a-1', 'Draining');
    const drained = pools.reconcile();
    expect(drained.moves).toHaveLength(2);
    expect(drained.moves.every(({ from, cause }) => from === 'a-1' && cause === 'Drain')).toBe(true);
  });

  it('is the loss of a shard that a roll-out fills, until its streams are elsewhere', () => {
    const pools = restingPools(20);
    pools.streams = pools.streams.map((stream) => ({ ...stream, pool: 'b' }));
    pools.settle(5);
    expect(namesOn(pools, 'b-0').length).toBeGreaterThan(0);
    pools.health.set('b-0', 'Lost');
    const plan = pools.reconcile();
    expect(plan.halted).toEqual([{ pool: 'b', reason: expect.stringContaining('b-0 was lost') }]);
    expect(plan.moves.some(({ cause }) => cause === 'RollOut')).toBe(false);
    pools.settle(30);
    expect(
      pools.placements().every(({ shard, placement }) => shard.startsWith('b') && placement.role === 'owner'),
    ).toBe(true);
  });

  it('is a pool without room', () => {
    const pools = restingPools(10, (one) => {
      one.policies = { a: policy, b: { ...policy, maxShards: 0 } };
    });
    pools.streams = pools.streams.map((stream) => ({ ...stream, pool: 'b' }));
    const plan = pools.reconcile();
    expect(plan.moves).toEqual([]);
    expect(plan.waiting).toHaveLength(10);
    expect(plan.waiting[0]!.reason).toContain('allow more shards');
  });
});

describe('a shard over its capacity', () => {
  it('loses the fewest of its least important streams, once it is so by more than the hysteresis', () => {
    const pools = restingPools(10, (one) => {
      one.streams = one.streams.map((stream) => ({ ...stream, priority: stream.name < 's-105' ? 40 : 50 }));
    });
    pools.costs.set(keyOf('s-109'), 190);
    expect(pools.reconcile().moves).toEqual([]);
    expect(pools.documents.get('a-0')!.placements.find(({ name }) => name === 's-109')!.cost).toBe(190);
    pools.costs.set(keyOf('s-109'), 220);
    const plan = pools.reconcile();
    expect(plan.moves.map(({ name, cause, to }) => [name, cause, to])).toEqual([
      ['s-100', 'Overload', 'a-1'],
      ['s-104', 'Overload', 'a-1'],
    ]);
    pools.settle(10);
    expect(namesOn(pools, 'a-0')).toHaveLength(8);
    expect(pools.placements()).toHaveLength(10);
  });

  it('leaves streams that have just moved where they are', () => {
    const pools = restingPools(10);
    pools.health.set('a-0', 'Draining');
    pools.settle(20, 1);
    expect([...pools.documents.keys()]).toEqual(['a-1']);
    for (const stream of pools.streams) pools.costs.set(pairKey(stream), 115);
    const early = pools.reconcile();
    expect(early.moves).toEqual([]);
    expect(early.waiting).toEqual([
      expect.objectContaining({ cause: 'Overload', reason: expect.stringContaining('600 s') }),
      expect.anything(),
    ]);
    pools.now += 600_000;
    expect(pools.reconcile().moves).toHaveLength(2);
  });

  it('keeps documents below their limit', () => {
    const pools = restingPools(10, (one) => {
      one.policies = { a: { ...policy, assignmentBytes: 1500 } };
    });
    expect([...pools.documents.values()].map(({ placements }) => placements.length)).toEqual([5, 5]);
    pools.streams = pools.streams.map((stream) => ({
      ...stream,
      bytes: stream.name === 's-100' ? 500 : 300,
    }));
    expect(pools.reconcile().moves).toEqual([expect.objectContaining({ from: 'a-0', cause: 'Overload' })]);
  });

  it('counts the settings of a StreamMonitor once in a document', () => {
    const pools = new SimulatedPools();
    pools.streams = [...demands(4), ...demands(4, { monitor: 'live/news' })];
    const plan = planPools(
      pools.request({
        monitorBytes: { 'live/sports': 1000, 'live/news': 1000 },
        policies: { a: { ...policy, assignmentBytes: 2300 } },
      }),
    );
    const monitors = plan.shards.map(({ placements }) => placements.map(({ monitor }) => monitor));
    expect(monitors).toEqual([Array(4).fill('live/news'), Array(4).fill('live/sports')]);
  });

  it('leaves one that somewhat exceeds every shard alone on a new one', () => {
    const pools = restingPools(2);
    pools.costs.set(keyOf('s-100'), 1050);
    pools.settle(6);
    expect([...pools.documents.keys()].map((name) => namesOn(pools, name))).toEqual([['s-101'], ['s-100']]);
    expect(planPools(pools.request())).toMatchObject({ moves: [], waiting: [], shed: [] });
  });

  it('sheds what grew beyond any shard by more than the hysteresis, and says so', () => {
    const pools = restingPools(1);
    pools.streams = pools.streams.map((stream) => ({ ...stream, subsets: [['black', 'blocks']] }));
    pools.costs.set(keyOf('s-100'), 1050);
    expect(pools.reconcile().shed).toEqual([]);
    pools.costs.set(keyOf('s-100'), 1200);
    const plan = pools.reconcile();
    expect(plan.shed).toEqual([
      expect.objectContaining({ name: 's-100', cost: 1200, reason: expect.stringContaining('1200') }),
    ]);
    expect(plan.moves).toEqual([expect.objectContaining({ name: 's-100', from: 'a-0', cause: 'Overload' })]);
  });
});

describe('a shard that is not needed', () => {
  const fewer = (count: number) => {
    const pools = restingPools(20);
    pools.now += policy.coolDown * 1000;
    // Of the 20, those stay whose names come first on each shard.
    pools.streams = pools.streams.filter((_, index) => index % 10 < count);
    return pools;
  };

  it('is emptied when its streams fit on the others with something to spare', () => {
    const pools = fewer(4);
    const plan = pools.reconcile();
    expect(plan.moves.filter(({ cause }) => cause === 'Consolidate')).toHaveLength(4);
    pools.settle(10);
    expect([...pools.documents.keys()]).toEqual(['a-0']);
    expect(namesOn(pools, 'a-0')).toHaveLength(8);
  });

  it('stays when they would fill the others to the brim, while a shard is in trouble, or as warm headroom', () => {
    const consolidates = (pools: SimulatedPools) => {
      const { moves, waiting } = pools.reconcile();
      return [...moves, ...waiting].some(({ cause }) => cause === 'Consolidate');
    };
    expect(consolidates(fewer(5))).toBe(false);
    const silent = fewer(4);
    silent.health.set('a-0', 'Unknown');
    expect(consolidates(silent)).toBe(false);
    const rollingOut = fewer(4);
    rollingOut.streams = rollingOut.streams.map((stream) => ({ ...stream, pool: 'b' }));
    rollingOut.policies = { a: policy, b: { ...policy, movesInFlight: 1 } };
    expect(consolidates(rollingOut)).toBe(false);
    const warm = fewer(4);
    warm.policies = { a: { ...policy, warmHeadroom: 500 } };
    expect(consolidates(warm)).toBe(false);
  });
});

describe('warm headroom', () => {
  const warmPools = (count: number) =>
    restingPools(count, (one) => {
      one.policies = { a: { ...policy, warmHeadroom: 300 } };
    });

  it('keeps an empty shard ready when the others have too little to spare', () => {
    expect([...warmPools(7).documents.keys()]).toEqual(['a-0']);
    const pools = warmPools(8);
    expect([...pools.documents.keys()]).toEqual(['a-0', 'a-1']);
    const plan = planPools(pools.request());
    expect([...plan.warm]).toEqual(['a-1']);
    expect(plan.moves).toEqual([]);
  });

  it('does not end a shard and start it again over one stream', () => {
    const pools = warmPools(8);
    pools.streams = pools.streams.slice(1);
    pools.settle(3);
    expect([...pools.documents.keys()]).toEqual(['a-0', 'a-1']);
    pools.streams = pools.streams.slice(2);
    pools.settle(3);
    expect([...pools.documents.keys()]).toEqual(['a-0']);
  });

  it('ends with the last stream', () => {
    const pools = warmPools(8);
    pools.streams = [];
    pools.settle(3);
    expect(pools.documents.size).toBe(0);
  });
});

describe('a stream whose detectors change', () => {
  it('stays where it is', () => {
    const pools = restingPools(2);
    const before = pools.placements();
    pools.streams = pools.streams.map((stream) => ({ ...stream, detectors: ['black', 'freeze'] }));
    const plan = pools.reconcile();
    expect(plan.moves).toEqual([]);
    expect(pools.placements().map(({ placement }) => placement)).toEqual(
      before.map(({ placement }) => ({
        ...placement,
        detectors: ['black', 'freeze'],
        cost: expect.any(Number),
      })),
    );
  });

  it('goes on with its move, also when only one of the two documents says so yet', () => {
    const pools = restingPools(1);
    pools.health.set('a-0', 'Draining');
    pools.reconcile();
    pools.streams = demands(1, { detectors: ['black', 'freeze'] });
    pools.reconcile((write) => write > 0);
    const detectors = pools.placements().map(({ placement }) => placement.detectors.join());
    expect(detectors.sort()).toEqual(['black,blocks', 'black,freeze']);
    pools.reconcile();
    expect(pools.partsOf('live/sports/s-100 black,freeze')).toEqual(['owner@a-0', 'warming@a-1']);
    pools.settle(5);
    expect(pools.partsOf('live/sports/s-100 black,freeze')).toEqual(['owner@a-1']);
    expect(pools.placements()).toHaveLength(1);
  });

  it('is divided over shards when no shard could hold it, and put together again when one can', () => {
    const pools = restingPools(1);
    pools.removeShard('a-0');
    pools.costs.clear();
    // Decoding takes 99, `black` 1 and `blocks` 27.
    pools.policies = { a: { ...policy, shardCapacity: 126.5 } };
    const plan = pools.reconcile();
    expect(plan.splits).toEqual([
      expect.objectContaining({
        name: 's-100',
        subsets: [['black'], ['blocks']],
        extraCost: expect.closeTo(99, 0),
        reason: expect.stringContaining('127 ms'),
      }),
    ]);
    expect(plan.shed).toEqual([]);
    pools.settle(2);
    expect(pools.placements().map(({ placement }) => placement.detectors)).toEqual([['black'], ['blocks']]);
    expect(new Set(pools.placements().map(({ shard }) => shard)).size).toBe(2);
    pools.policies = { a: policy };
    pools.settle(2);
    expect(pools.placements().map(({ placement }) => placement.detectors)).toEqual([['black', 'blocks']]);
  });
});

describe('two owners', () => {
  it('become the one that has been there longest', () => {
    const pools = restingPools(1);
    const [placement] = pools.documents.get('a-0')!.placements;
    pools.documents.set('a-1', {
      pool: 'a',
      generation: 1,
      placements: [{ ...placement!, since: placement!.since - 1 }],
    });
    const plan = pools.reconcile();
    expect(plan.moves).toEqual([expect.objectContaining({ from: 'a-0', to: 'a-1', cause: 'Duplicate' })]);
    expect(pools.partsOf(keyOf('s-100'))).toEqual(['owner@a-1']);
  });
});

const streamsOfAnyKind = fc.array(
  fc.record({
    name: fc.nat(60).map((number) => `s-${number}`),
    priority: fc.constantFrom(10, 50, 90),
    pool: fc.constantFrom('a', 'b'),
    bytes: fc.integer({ min: 100, max: 2000 }),
    detectors: fc.subarray(['black', 'blocks', 'freeze']),
    subsets: fc.constantFrom(undefined, [['black'], ['blocks']]),
    video: fc.constantFrom(
      { width: 854, height: 480, frameRate: 30 },
      { width: 1920, height: 1080, frameRate: 50 },
      { width: 3840, height: 2160, frameRate: 50 },
    ),
  }),
  { maxLength: 60 },
);
const poolsOf = (drawn: readonly Partial<StreamDemand>[], limits: Partial<PoolPolicy>) => {
  const pools = new SimulatedPools();
  pools.streams = [...new Map(drawn.map((one) => [one.name, demand(one.name!, one)])).values()];
  pools.policies = { a: { ...policy, ...limits }, b: { ...policy, ...limits } };
  return pools;
};
const anyLimits = fc.record({
  maxShards: fc.constantFrom(2, 4, 40),
  shardCapacity: fc.constantFrom(200, 1000, 3000),
  streamsPerShard: fc.constantFrom(3, 50),
  assignmentBytes: fc.constantFrom(3000, 100_000),
  warmHeadroom: fc.constantFrom(0, 700),
});

describe('planPools', () => {
  it('holds capacity, count, bytes and priority, and says of all that is left out why', () => {
    fc.assert(
      fc.property(streamsOfAnyKind, anyLimits, (drawn, limits) => {
        const pools = poolsOf(drawn, limits);
        const monitorBytes = { 'live/sports': 900 };
        const plan = planPools(pools.request({ monitorBytes }));
        const bytesOf = new Map(pools.streams.map(({ name, bytes }) => [name, bytes]));
        const priorityOf = new Map(pools.streams.map(({ name, priority }) => [name, priority]));
        for (const { placements } of plan.shards) {
          expect(placements.reduce((sum, { cost }) => sum + cost, 0)).toBeLessThanOrEqual(
            limits.shardCapacity + 1e-6,
          );
          expect(placements.length).toBeLessThanOrEqual(limits.streamsPerShard);
          const bytes = placements.reduce(
            (sum, { name }) => sum + bytesOf.get(name)!,
            placements.length > 0 ? 900 : 0,
          );
          expect(bytes).toBeLessThanOrEqual(limits.assignmentBytes);
          expect(new Set(placements.map(({ name }) => name)).size).toBe(placements.length);
        }
        for (const pool of ['a', 'b']) {
          expect(plan.shards.filter((shard) => shard.pool === pool).length).toBeLessThanOrEqual(
            limits.maxShards,
          );
        }
        const placed = plan.shards.flatMap(({ placements }) => placements);
        for (const { name, detectors } of pools.streams) {
          const parts = [...placed, ...plan.shed].filter((part) => part.name === name);
          expect(parts.flatMap((part) => part.detectors).sort()).toEqual(detectors.toSorted());
          if (detectors.length === 0) expect(parts).toHaveLength(1);
        }
        // What fits alone is left out for what is at least as important only.
        for (const left of plan.shed.filter(({ reason }) => reason.includes('has room'))) {
          const pool = pools.streams.find(({ name }) => name === left.name)!.pool;
          for (const shard of plan.shards.filter((one) => one.pool === pool)) {
            if (shard.placements.some(({ name }) => name === left.name)) continue;
            const kept = shard.placements.filter(
              ({ name }) => priorityOf.get(name)! >= priorityOf.get(left.name)!,
            );
            const bytes = kept.reduce(
              (sum, { name }) => sum + bytesOf.get(name)!,
              900 + bytesOf.get(left.name)!,
            );
            const cost = kept.reduce((sum, one) => sum + one.cost, left.cost);
            expect(
              cost > limits.shardCapacity - 1e-6 ||
                kept.length >= limits.streamsPerShard ||
                bytes > limits.assignmentBytes,
            ).toBe(true);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('gives the same whatever the order of streams, shards and placements', () => {
    fc.assert(
      fc.property(
        streamsOfAnyKind,
        streamsOfAnyKind,
        anyLimits,
        fc.array(fc.nat(5)),
        (before, after, limits, trouble) => {
          const pools = poolsOf(before, limits);
          pools.settle(2);
          pools.streams = poolsOf(after, limits).streams;
          const healths = ['Ready', 'Lost', 'Draining', 'Unknown', 'Starting', 'Lost'] as const;
          for (const [index, name] of [...pools.documents.keys()].entries()) {
            pools.health.set(name, healths[trouble[index] ?? 0]!);
          }
          const request = pools.request();
          const plan = planPools(request);
          const turned = planPools({
            ...request,
            streams: request.streams
              .map((one) => ({ ...one, detectors: one.detectors.toReversed() }))
              .reverse(),
            shards: request.shards
              .map((one) => ({ ...one, placements: one.placements.toReversed() }))
              .reverse(),
          });
          expect(turned).toEqual(plan);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('changes nothing without cause', () => {
    fc.assert(
      fc.property(streamsOfAnyKind, anyLimits, (drawn, limits) => {
        const pools = poolsOf(drawn, limits);
        const first = pools.reconcile();
        const second = planPools(pools.request());
        expect(second.shards).toEqual(first.shards);
        const { shed, warm, splits } = first;
        expect(second).toMatchObject({ moves: [], waiting: [], shed, warm, splits });
        // In time, shards that turn out not to be needed are emptied, and then it rests.
        pools.now += policy.coolDown * 1000;
        expect(planPools(pools.request()).moves.filter(({ cause }) => cause !== 'Consolidate')).toEqual([]);
        pools.settle(40, 60);
        const documents = JSON.stringify([...pools.documents]);
        pools.now += 86_400_000;
        pools.settle(2);
        expect(JSON.stringify([...pools.documents])).toBe(documents);
      }),
      { numRuns: 100 },
    );
  });
});
