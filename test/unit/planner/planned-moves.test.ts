import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ShardHealth } from '../../../operator/planner/shard-state.ts';
import { demands, policy, SimulatedPools } from './simulated-pools.ts';

/** What each shard does in a round, and whether the operator plans; rounds are cut short anywhere. */
const round = fc.array(
  fc.oneof(
    fc.record({
      shard: fc.nat(5),
      act: fc.constantFrom('follow' as const, 'receive' as const, 'report' as const),
    }),
    fc.record({ failing: fc.array(fc.nat(3), { maxLength: 2 }), act: fc.constant('plan' as const) }),
  ),
  { maxLength: 60 },
);
const trouble = fc.constantFrom<ShardHealth>('Draining', 'Lost');

describe('moves among processes', () => {
  it('never let two living processes speak for a stream, whichever of them lag behind', () => {
    fc.assert(
      fc.property(round, trouble, fc.boolean(), fc.boolean(), (happenings, health, rollsOut, exclusive) => {
        const pools = new SimulatedPools();
        pools.policies = { a: { ...policy, movesInFlight: 50 }, b: { ...policy, movesInFlight: 50 } };
        pools.streams = demands(12, { exclusive });
        pools.settle(3);
        pools.become('a-0', health);
        if (rollsOut) pools.streams = demands(12, { exclusive, pool: 'b' });
        const oneVoice = () => expect([...pools.doubleOwners(), ...pools.doubleSpeakers()]).toEqual([]);
        for (const what of happenings) {
          if (what.act === 'plan') pools.reconcile((write) => !what.failing.includes(write), oneVoice);
          else {
            const shards = [...pools.documents.keys()];
            pools[what.act](shards[what.shard % shards.length]!);
          }
          oneVoice();
        }
        pools.settle(40);
        oneVoice();
        expect(pools.placements().map(({ placement }) => placement.role)).toEqual(Array(12).fill('owner'));
      }),
      { numRuns: 100 },
    );
  });
});
