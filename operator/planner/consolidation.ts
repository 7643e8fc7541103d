import type { DraftEntry, DraftShard } from './draft-shard.ts';
import { begin } from './due-moves.ts';
import type { PlanDraft } from './plan-draft.ts';
import type { PoolPolicy } from './pool-policy.ts';
import { shardOrder, textOrder } from './shard-order.ts';
import type { Placement } from './shard-state.ts';

/**
 * Empties one shard of each pool that can do with one less: where all its streams fit on the others, with something
 * to spare on each. Never while a shard of the pool is in trouble, its streams change pool, or streams came to the
 * shard within the cool-down.
 */
export function consolidate(draft: PlanDraft, rollingOut: ReadonlySet<string>): void {
  for (const pool of draft.pools.pools()) {
    const shards = draft.pools.ofPool(pool);
    if (rollingOut.has(pool) || shards.some(({ open }) => !open)) continue;
    const candidate = emptiest(shards);
    if (
      !candidate
        ?.staying()
        .every(({ placement }) => hasSettled(placement, candidate.policy, draft.request.now))
    )
      continue;
    const targets = placesFor(candidate, shards);
    if (!targets) continue;
    const reason = `${candidate.name} is not needed: its streams fit on the other shards`;
    for (const [{ pair }, to] of targets)
      begin(draft, { pair, from: candidate, cause: 'Consolidate', reason }, to);
  }
}

/** The shard that is being emptied already, else the one with least on it. */
function emptiest(shards: readonly DraftShard[]): DraftShard | undefined {
  const left = shards.filter(({ isLeft }) => isLeft);
  if (left.length > 1) return undefined;
  const candidates = (left.length > 0 ? left : shards).filter(({ stayingSize }) => stayingSize > 0);
  return candidates.sort((a, b) => a.stayingCost - b.stayingCost || shardOrder(b, a))[0];
}

/** Where all that stays on a shard would go; undefined unless all of it finds a place. */
function placesFor(
  candidate: DraftShard,
  shards: readonly DraftShard[],
): ReadonlyMap<DraftEntry, DraftShard> | undefined {
  const { shardCapacity, hysteresis, warmHeadroom } = candidate.policy;
  const others = shards.filter((shard) => shard !== candidate && shard.stayingSize > 0 && !shard.isLeft);
  const free = others.reduce((sum, shard) => sum + shard.free, 0);
  const spare = warmHeadroom > 0 ? warmHeadroom + hysteresis * shardCapacity : 0;
  if (free - candidate.stayingCost < spare) return undefined;
  const entries = candidate.staying();
  const targets = new Map<DraftEntry, DraftShard>();
  const ready = others.filter(({ health }) => health === 'Ready');
  for (const entry of entries.toSorted(largestFirst)) {
    const target = ready.find((shard) => shard.fits(entry.pair, hysteresis));
    if (!target) break;
    target.put(entry.pair, entry.placement);
    targets.set(entry, target);
  }
  for (const [{ pair }, shard] of targets) shard.remove(pair.key);
  return targets.size === entries.length ? targets : undefined;
}

/** Streams that come one after the other are not to be sent on while they do. */
function hasSettled({ role, adopt, since }: Placement, { coolDown }: PoolPolicy, now: number): boolean {
  return role === 'owner' && adopt === undefined && now - since >= coolDown * 1000;
}

function largestFirst({ pair: a }: DraftEntry, { pair: b }: DraftEntry): number {
  return b.cost - a.cost || textOrder(a.key, b.key);
}
