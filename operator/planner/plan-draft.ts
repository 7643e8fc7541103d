import type { StreamRole } from '../../crds/assignment.ts';
import type { DraftPools } from './draft-pools.ts';
import type { DraftShard } from './draft-shard.ts';
import type { MoveBudget } from './move-budget.ts';
import type { Move, MoveCause, PairName, PlanRequest, ShedPair, WaitingMove } from './pools-plan.ts';
import type { Placement } from './shard-state.ts';
import type { WantedPair } from './wanted-pairs.ts';

/** A plan in the making: each step of the planning reads it and adds to it. */
export interface PlanDraft {
  readonly request: PlanRequest;
  readonly pools: DraftPools;
  readonly budget: MoveBudget;
  /** Pools into which nothing moves by choice, and why. */
  readonly halted: Map<string, string>;
  readonly moves: Move[];
  readonly waiting: WaitingMove[];
  readonly shed: ShedPair[];
}

/** A move that should begin. */
export interface DueMove {
  readonly pair: WantedPair;
  readonly from: DraftShard;
  readonly cause: MoveCause;
  /** What speaks against the shard that it leaves. */
  readonly reason: string;
}

export function nameOf({ monitor, name, detectors }: PairName): PairName {
  return { monitor, name, detectors };
}

/** Puts a pair on a shard that did not have it. */
export function settle(
  { request, moves }: PlanDraft,
  pair: WantedPair,
  to: DraftShard,
  role: StreamRole,
  why: { readonly cause: MoveCause; readonly reason: string; readonly from?: string },
): void {
  const { cause, reason, from } = why;
  const placement: Placement = {
    ...nameOf(pair),
    cost: pair.cost,
    role,
    generation: to.nextGeneration,
    since: request.now,
    reason,
    ...(from !== undefined && { from }),
  };
  to.put(pair, placement);
  moves.push({ ...nameOf(pair), ...(from !== undefined && { from }), to: to.name, cause, reason });
}
