import type { DraftEntry, DraftShard } from './draft-shard.ts';
import type { KeptPairs } from './keep-running.ts';
import { coolsDown } from './move-budget.ts';
import { type DueMove, nameOf, type PlanDraft, settle } from './plan-draft.ts';
import { shardOrder, textOrder } from './shard-order.ts';
import type { WantedPair } from './wanted-pairs.ts';

/** Begins the moves that are due, as far as budget, cool-down and room allow: drains, then roll-outs, then overload. */
export function beginDueMoves(draft: PlanDraft, kept: KeptPairs): void {
  const { drains, rollOuts } = departures(draft, kept);
  for (const due of drains) begin(draft, due);
  for (const pool of new Set(rollOuts.map(({ pair }) => pair.pool))) haltWhenLost(draft, pool);
  for (const due of rollOuts) begin(draft, due);
  for (const shard of draft.pools.all()) for (const due of overload(shard)) begin(draft, due);
}

/** Begins a move to a given shard, or to the first with room. */
export function begin(draft: PlanDraft, due: DueMove, target?: DraftShard): void {
  const { pair, from, cause, reason } = due;
  const wait = (why: string) =>
    draft.waiting.push({ ...nameOf(pair), from: from.name, cause, reason: `${reason}; ${why}` });
  const held = heldBack(draft, due) ?? draft.budget.begin(pair.pool);
  if (held !== undefined) {
    wait(held);
    return;
  }
  const to = target ?? draft.pools.roomFor(pair);
  if (!to) {
    draft.budget.cancel(pair.pool);
    wait(
      'no other shard has room for it, and no more are allowed: allow more shards, or raise their capacity',
    );
    return;
  }
  settle(draft, pair, to, 'warming', { cause, reason, from: from.name });
  from.leaves(pair.key);
}

/** Why a move must not begin, whatever the budget. */
function heldBack({ request, halted }: PlanDraft, { pair, from, cause }: DueMove): string | undefined {
  const entry = from.get(pair.key)!;
  if (entry.placement.adopt) return 'it has not said yet that it took over from its last shard';
  // Its hand-over would never come.
  if (from.health === 'Unknown') return `${from.name} does not answer`;
  if (cause === 'Drain') return undefined;
  const halt = halted.get(pair.pool);
  if (halt !== undefined) return `moves are halted: ${halt}`;
  // A stream that must go does not wait.
  if (cause === 'RollOut') return undefined;
  return coolsDown(entry.placement, request.policies[pair.pool]!, request.now);
}

/** What must leave its shard: shard by shard, so that one after the other gets empty. */
function departures(
  { pools }: PlanDraft,
  { settled }: KeptPairs,
): { readonly drains: readonly DueMove[]; readonly rollOuts: readonly DueMove[] } {
  const drains: DueMove[] = [];
  const rollOuts: DueMove[] = [];
  for (const { pair, shard } of settled) {
    const from = pools.get(shard);
    if (from.health === 'Draining') {
      if (from.has(pair.key))
        drains.push({ pair, from, cause: 'Drain', reason: `the node of ${shard} is to be emptied` });
    } else if (from.pool !== pair.pool) {
      const reason = `the pods of ${pair.monitor} look different from ${shard} now`;
      if (from.has(pair.key)) rollOuts.push({ pair, from, cause: 'RollOut', reason });
    }
  }
  const byShard = (a: DueMove, b: DueMove) => shardOrder(a.from, b.from);
  return {
    drains: drains.sort(
      (a, b) => byShard(a, b) || b.pair.priority - a.pair.priority || textOrder(a.pair.key, b.pair.key),
    ),
    // What may be wrong with new pods shows on the least important streams first.
    rollOuts: rollOuts.sort(
      (a, b) => byShard(a, b) || a.pair.priority - b.pair.priority || textOrder(a.pair.key, b.pair.key),
    ),
  };
}

/** A shard of the pool that is being filled was lost: perhaps its pods are at fault. */
function haltWhenLost({ request, halted }: PlanDraft, pool: string): void {
  const lost = request.shards
    .filter((shard) => shard.pool === pool && shard.health === 'Lost' && shard.placements.length > 0)
    .sort(shardOrder)[0];
  if (lost && !halted.has(pool)) {
    halted.set(pool, `${lost.name} was lost while streams moved to shards like it: see why its pod ended`);
  }
}

/** The least important and fewest pairs without which a shard is within its limits again. */
function overload(shard: DraftShard): DueMove[] {
  const { shardCapacity, streamsPerShard, assignmentBytes, hysteresis } = shard.policy;
  const overCost = shard.stayingCost > shardCapacity * (1 + hysteresis);
  const overSize = shard.stayingSize > streamsPerShard;
  const overBytes = shard.bytes > assignmentBytes && !shard.isLeft;
  if (!(overCost || overSize || overBytes) || shard.health === 'Lost' || shard.health === 'Draining')
    return [];
  const excess = {
    cost: overCost ? shard.stayingCost - shardCapacity : 0,
    size: overSize ? shard.stayingSize - streamsPerShard : 0,
    bytes: overBytes ? shard.bytes - assignmentBytes : 0,
  };
  const reason = overCost
    ? `the streams of ${shard.name} need ${Math.round(shard.stayingCost)} ms CPU per second and it has ${shardCapacity}`
    : overSize
      ? `${shard.name} has ${shard.stayingSize} streams and may have ${streamsPerShard}`
      : `the assignment of ${shard.name} has ${shard.bytes} bytes and may have ${assignmentBytes}`;
  const movable = shard
    .staying()
    .filter(({ pair, placement }) => placement.role === 'owner' && pair.pool === shard.pool);
  return leastToGo(movable, excess).map((pair) => ({ pair, from: shard, cause: 'Overload', reason }));
}

function leastToGo(
  entries: readonly DraftEntry[],
  excess: { cost: number; size: number; bytes: number },
): WantedPair[] {
  const left = entries
    .map(({ pair }) => pair)
    .sort((a, b) => a.priority - b.priority || b.cost - a.cost || textOrder(a.key, b.key));
  const going: WantedPair[] = [];
  while ((excess.cost > 0 || excess.size > 0 || excess.bytes > 0) && left.length > 1) {
    const least = left.filter(({ priority }) => priority === left[0]!.priority);
    const enough = least.filter(
      ({ cost, bytes }) => cost >= excess.cost && bytes >= excess.bytes && excess.size <= 1,
    );
    const pair = enough.at(-1) ?? least[0]!;
    left.splice(left.indexOf(pair), 1);
    going.push(pair);
    excess.cost -= pair.cost;
    excess.bytes -= pair.bytes;
    excess.size -= 1;
  }
  return going;
}
