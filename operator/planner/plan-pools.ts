import { consolidate } from './consolidation.ts';
import { DraftPools } from './draft-pools.ts';
import { beginDueMoves } from './due-moves.ts';
import { keepRunning } from './keep-running.ts';
import { MoveBudget } from './move-budget.ts';
import { placeHomeless } from './place-homeless.ts';
import type { PlanDraft } from './plan-draft.ts';
import type { PlanRequest, PoolsPlan } from './pools-plan.ts';
import { shardOrder, textOrder } from './shard-order.ts';
import { wantedPairs } from './wanted-pairs.ts';
import { keepWarm } from './warm-headroom.ts';

export type { Move, MoveCause, PlanRequest, PoolsPlan, ShedPair, WaitingMove } from './pools-plan.ts';

/**
 * Decides who watches what, in all pools. What is placed stays where it is, unless its shard is lost or drained, is
 * over its capacity, is of a pool that the stream has left, or is not needed any more. What must go moves within
 * the budget; what nobody watches is placed at once.
 *
 * All that the planner remembers is in the placements, so it can be called by anyone, at any point of any move, and
 * with some of what it planned last not written. The order of streams and shards plays no part. A pair becomes owner
 * of no shard while a placement given names another as its owner: some of what it decides takes a second plan.
 */
export function planPools(given: PlanRequest): PoolsPlan {
  const request = { ...given, shards: given.shards.toSorted(shardOrder) };
  const { streams, shards, policies, monitorBytes, now } = request;
  const wanted = wantedPairs(request);
  const draft: PlanDraft = {
    request,
    pools: new DraftPools(shards, policies, monitorBytes),
    budget: new MoveBudget(now, policies),
    halted: new Map(),
    moves: [],
    waiting: [],
    shed: [...wanted.shed],
  };
  const kept = keepRunning(draft, wanted.pairs, wanted.gone);
  placeHomeless(draft, kept.homeless);
  beginDueMoves(draft, kept);
  consolidate(draft, kept.rollingOut);
  const warm = keepWarm(draft.pools, new Set(streams.map(({ pool }) => pool)), policies);
  return {
    shards: draft.pools.all().map((shard) => shard.planned()),
    warm,
    moves: draft.moves,
    waiting: draft.waiting,
    shed: draft.shed,
    halted: [...draft.halted]
      .map(([pool, reason]) => ({ pool, reason }))
      .sort((a, b) => textOrder(a.pool, b.pool)),
    splits: wanted.splits,
  };
}
