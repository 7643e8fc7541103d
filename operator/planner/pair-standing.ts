import { asDemoted, ReportedPairs } from './advance-moves.ts';
import type { MoveCause } from './pools-plan.ts';
import type { Holding } from './running-pairs.ts';
import { shardOrder } from './shard-order.ts';
import type { Placement } from './shard-state.ts';
import type { WantedPair } from './wanted-pairs.ts';

/**
 * Where a wanted pair stands.
 * - `Absent`: nobody watches it. `lostFrom` names the shard that did.
 * - `Settled`: one owner, no move.
 * - `Moving`: leave it alone.
 * - `Paused`: its move was given up; it gets its owner back once the documents say so of the target.
 * - `Lost`: its shard is, and no other is on the way to take it over.
 */
export type Standing =
  | { readonly kind: 'Absent'; readonly lostFrom?: string }
  | { readonly kind: 'Settled'; readonly owner: Holding }
  | { readonly kind: 'Moving'; readonly source: Holding; readonly target: Holding }
  | { readonly kind: 'Paused'; readonly source: Holding }
  | { readonly kind: 'Lost'; readonly source: Holding };

/** A part in a pair that a shard loses. */
export interface Dropped {
  readonly from: string;
  /** Shard that has the pair instead. */
  readonly to?: string;
  readonly cause: MoveCause;
  readonly reason: string;
}

/**
 * Makes out where a pair stands, whatever the documents say: a writer may have ended between any two of them, and
 * for a moment there may have been two writers. Moves whose target is no good any more are given up.
 */
export function standingOf(
  pair: WantedPair,
  holdings: readonly Holding[],
): { readonly standing: Standing; readonly dropped: readonly Dropped[] } {
  const [first] = holdings;
  if (first && holdings.length === 1 && first.placement.role === 'owner' && first.shard.health !== 'Lost') {
    return { standing: { kind: 'Settled', owner: first }, dropped: [] };
  }
  const dropped: Dropped[] = [];
  const parts = new Map(
    (['owner', 'demoted', 'warming'] as const).map((role) => {
      const same = holdings.filter(({ placement }) => placement.role === role).sort(byClaim);
      const [claim, ...rest] = same;
      for (const { shard } of rest) dropped.push(duplicate(shard.name, claim!.shard.name));
      return [role, claim];
    }),
  );
  let [owner, demoted, warming] = [parts.get('owner'), parts.get('demoted'), parts.get('warming')];

  if (owner && demoted && warming) {
    dropped.push(duplicate(warming.shard.name, owner.shard.name));
    warming = undefined;
  }
  if (owner && demoted && isLost(owner)) {
    const lost = isLost(demoted) ? demoted : owner;
    const kept = lost === owner ? demoted : owner;
    dropped.push({
      from: lost.shard.name,
      to: kept.shard.name,
      cause: 'Lost',
      reason: `${lost.shard.name} is lost`,
    });
    if (lost === demoted) demoted = undefined;
    else return { standing: { kind: 'Paused', source: demoted }, dropped };
  }
  if (owner && demoted) return { standing: { kind: 'Moving', source: demoted, target: owner }, dropped };

  const source = owner ?? demoted;
  if (source && warming) {
    const fault = faultOf(warming, source, pair);
    if (!fault) return { standing: underWay(pair, source, warming), dropped };
    dropped.push({ from: warming.shard.name, to: source.shard.name, ...fault });
    if (demoted && !isLost(demoted)) return { standing: { kind: 'Paused', source: demoted }, dropped };
    warming = undefined;
  }
  const last = source ?? warming;
  if (!last) return { standing: { kind: 'Absent' }, dropped };
  if (isLost(last)) {
    if (last === warming) return { standing: { kind: 'Absent', lostFrom: last.shard.name }, dropped };
    return { standing: { kind: 'Lost', source: last }, dropped };
  }
  // No document names another: whoever has the last part speaks for the pair.
  return { standing: { kind: 'Settled', owner: withRole(last, asOwner(last)) }, dropped };
}

/** A move that goes on. The source of an exclusive stream lets go once its target is there to open it. */
function underWay(pair: WantedPair, source: Holding, target: Holding): Standing {
  const lettingGo =
    pair.exclusive &&
    source.placement.role === 'owner' &&
    source.shard.health !== 'Unknown' &&
    new ReportedPairs().of(target) !== undefined;
  return { kind: 'Moving', source: lettingGo ? withRole(source, asDemoted(source)) : source, target };
}

/** Why a warming shard is not to become the owner. */
function faultOf(
  { shard }: Holding,
  source: Holding,
  pair: WantedPair,
): { readonly cause: MoveCause; readonly reason: string } | undefined {
  if (shard.health === 'Lost')
    return { cause: 'Lost', reason: `${shard.name} was lost while the stream moved to it` };
  // Of two that are to be left, the one that lives is the better.
  if (isLost(source)) return undefined;
  if (shard.health === 'Draining') {
    return {
      cause: 'Drain',
      reason: `the node of ${shard.name} is to be emptied: the stream moves there no more`,
    };
  }
  if (shard.pool !== pair.pool) {
    return {
      cause: 'RollOut',
      reason: `${shard.name} is not of the pool that the stream belongs to any more`,
    };
  }
  return undefined;
}

function asOwner({ shard, placement }: Holding): Placement {
  return placement.role === 'owner'
    ? placement
    : { ...placement, role: 'owner', generation: shard.generation + 1 };
}

function withRole({ shard }: Holding, placement: Placement): Holding {
  return { shard, placement };
}

/** The living before the lost, then the one that has been there longest. */
function byClaim(a: Holding, b: Holding): number {
  return (
    Number(isLost(a)) - Number(isLost(b)) ||
    a.placement.since - b.placement.since ||
    shardOrder(a.shard, b.shard)
  );
}

function isLost({ shard }: Holding): boolean {
  return shard.health === 'Lost';
}

function duplicate(from: string, to: string): Dropped {
  return { from, to, cause: 'Duplicate', reason: `${to} has the stream too, and has had it for longer` };
}
