import { asDemoted } from './advance-moves.ts';
import { displacementFor } from './displacement.ts';
import type { DraftEntry, DraftShard } from './draft-shard.ts';
import type { HomelessPair } from './keep-running.ts';
import { nameOf, type PlanDraft, settle } from './plan-draft.ts';
import type { WantedPair } from './wanted-pairs.ts';

/**
 * Finds a shard for every pair that nobody watches, the important first, in the place of less important ones if need
 * be. What has no owner gets one at once. What a lost shard owned warms first: it gets its owner when the document
 * of the lost shard names it no longer.
 */
export function placeHomeless(draft: PlanDraft, homeless: readonly HomelessPair[]): void {
  for (const one of homeless) {
    const shard = draft.pools.roomFor(one.pair) ?? makeRoom(draft, one.pair);
    if (shard) putOn(draft, one, shard);
    else leaveOut(draft, one);
  }
}

function putOn(draft: PlanDraft, { pair, lost, lostFrom }: HomelessPair, shard: DraftShard): void {
  if (lost) {
    const from = lost.shard.name;
    const placement = lost.placement.role === 'demoted' ? lost.placement : asDemoted(lost);
    const source = draft.pools.get(from);
    source.put(pair, { ...placement, detectors: pair.detectors, cost: pair.cost });
    source.leaves(pair.key);
    settle(draft, pair, shard, 'warming', { cause: 'Lost', reason: `${from} is lost`, from });
  } else if (lostFrom !== undefined) {
    settle(draft, pair, shard, 'owner', { cause: 'Lost', reason: `${lostFrom} is lost` });
  } else {
    settle(draft, pair, shard, 'owner', {
      cause: 'New',
      reason: 'the stream is new here, or there is room for it now',
    });
  }
}

function makeRoom(draft: PlanDraft, pair: WantedPair): DraftShard | undefined {
  const found = displacementFor(pair, draft.pools.ofPool(pair.pool), isSettled);
  if (!found) return undefined;
  const { shard, displaced } = found;
  const reason = `it made room on ${shard.name} for ${pair.monitor}/${pair.name} of priority ${pair.priority}`;
  for (const { pair: other } of displaced) {
    shard.remove(other.key);
    draft.moves.push({ ...nameOf(other), from: shard.name, cause: 'Priority', reason });
    // Elsewhere it may be placed once the document of this shard names it no longer.
    draft.shed.push({
      ...nameOf(other),
      cost: other.cost,
      reason: `${reason}: raise its priority, or allow more shards`,
    });
  }
  return shard;
}

function leaveOut(draft: PlanDraft, { pair, lost, lostFrom }: HomelessPair): void {
  const { maxShards } = draft.request.policies[pair.pool]!;
  const from = lost?.shard.name ?? lostFrom;
  const room =
    `no shard has room for it, no more than ${maxShards} are allowed and no stream there has a lower priority: ` +
    'allow more shards, or raise their capacity';
  const reason = from === undefined ? room : `${from} is lost: ${room}`;
  draft.shed.push({ ...nameOf(pair), cost: pair.cost, reason });
  if (from !== undefined) draft.moves.push({ ...nameOf(pair), from, cause: 'Lost', reason });
}

/** Whether a pair is where it is to stay. */
function isSettled({ placement, leaving }: DraftEntry): boolean {
  return placement.role === 'owner' && placement.adopt === undefined && !leaving;
}
