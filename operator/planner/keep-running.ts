import { standingOf } from './pair-standing.ts';
import type { PlanDraft } from './plan-draft.ts';
import { nameOf } from './plan-draft.ts';
import type { PoolPolicy } from './pool-policy.ts';
import type { Holding, RunningPair } from './running-pairs.ts';
import type { Placement } from './shard-state.ts';
import type { PairStanding, WantedPair } from './wanted-pairs.ts';

/** A pair that nobody watches. */
export interface HomelessPair {
  readonly pair: WantedPair;
  /** The lost shard that still has a part in it. */
  readonly lost?: Holding;
  /** The lost shard that had the last part in it. */
  readonly lostFrom?: string;
}

/** A pair with one owner that moves nowhere. */
export interface SettledPair {
  readonly pair: WantedPair;
  readonly shard: string;
}

export interface KeptPairs {
  readonly settled: readonly SettledPair[];
  /** By importance. */
  readonly homeless: readonly HomelessPair[];
  /** Pools that streams leave for, or come from, another pool. */
  readonly rollingOut: ReadonlySet<string>;
}

/** Takes what is wanted no longer from its shards, and leaves the rest where it is. */
export function keepRunning(
  draft: PlanDraft,
  pairs: readonly PairStanding[],
  gone: readonly RunningPair[],
): KeptPairs {
  for (const { holdings } of gone) {
    for (const { shard, placement } of holdings) {
      const reason = 'the stream or this set of its detectors is gone';
      draft.moves.push({ ...nameOf(placement), from: shard.name, cause: 'Ended', reason });
    }
  }
  const settled: SettledPair[] = [];
  const homeless: HomelessPair[] = [];
  const rollingOut = new Set<string>();
  for (const { pair, running } of pairs) {
    const infeasible = infeasibility(draft, pair, running !== undefined);
    if (infeasible !== undefined) {
      draft.shed.push({ ...nameOf(pair), cost: pair.cost, reason: infeasible });
      for (const { shard } of running?.holdings ?? []) {
        draft.moves.push({ ...nameOf(pair), from: shard.name, cause: 'Overload', reason: infeasible });
      }
      continue;
    }
    const { standing, dropped } = standingOf(pair, running?.holdings ?? []);
    for (const drop of dropped) draft.moves.push({ ...nameOf(pair), ...drop });
    switch (standing.kind) {
      case 'Absent':
        homeless.push({ pair, ...(standing.lostFrom !== undefined && { lostFrom: standing.lostFrom }) });
        break;
      case 'Lost':
        homeless.push({ pair, lost: standing.source });
        break;
      case 'Settled':
        keep(draft, pair, standing.owner);
        settled.push({ pair, shard: standing.owner.shard.name });
        if (standing.owner.shard.pool !== pair.pool) {
          rollingOut.add(standing.owner.shard.pool).add(pair.pool);
        }
        break;
      case 'Paused': {
        const { source } = standing;
        keep(draft, pair, source);
        const [given] = dropped;
        const reason = `${given!.reason}: ${source.shard.name} takes over again with the next plan`;
        draft.waiting.push({ ...nameOf(pair), from: source.shard.name, cause: given!.cause, reason });
        break;
      }
      case 'Moving': {
        const { source, target } = standing;
        keep(draft, pair, source, source.shard.health === 'Lost');
        keep(draft, pair, target, source.shard.health === 'Lost');
        draft.pools.get(source.shard.name).leaves(pair.key);
        if (source.shard.pool !== target.shard.pool) rollingOut.add(source.shard.pool).add(target.shard.pool);
        haltWhenStuck(draft, pair, source, target);
        break;
      }
    }
  }
  return { settled, homeless, rollingOut };
}

function keep(
  { pools, budget }: PlanDraft,
  pair: WantedPair,
  { shard, placement }: Holding,
  fromLost = false,
): void {
  pools.get(shard.name).put(pair, adapted(placement, pair));
  budget.count(shard, placement, fromLost);
}

/** A placement with what the stream asks for and costs now; itself where nothing changed. */
function adapted(placement: Placement, { detectors, cost }: WantedPair): Placement {
  const same =
    placement.cost === cost &&
    placement.detectors.length === detectors.length &&
    placement.detectors.every((type, index) => type === detectors[index]);
  return same ? placement : { ...placement, detectors, cost };
}

function haltWhenStuck(
  { request, halted }: PlanDraft,
  pair: WantedPair,
  source: Holding,
  target: Holding,
): void {
  const { pool, name, health } = target.shard;
  const { warmTimeout } = request.policies[pool]!;
  const warms = target.placement.role === 'warming' && source.shard.health !== 'Lost';
  if (!warms || halted.has(pool) || request.now - target.placement.since <= warmTimeout * 1000) return;
  const fix =
    health === 'Ready'
      ? `see why it gets no picture on ${name}; where its origin allows a single reader, say so with connections: 1`
      : `${name} has no pod that is ready; see the events and the log of its pod`;
  halted.set(
    pool,
    `${pair.monitor}/${pair.name} has been on its way from ${source.shard.name} to ${name} for longer than ` +
      `${warmTimeout} s: ${fix}`,
  );
}

/** Why no shard of its pool can ever hold a pair; one that runs may cost somewhat more than a shard has. */
function infeasibility({ request }: PlanDraft, pair: WantedPair, runs: boolean): string | undefined {
  const policy = request.policies[pair.pool]!;
  const limit = policy.shardCapacity * (runs ? 1 + policy.hysteresis : 1);
  if (pair.cost > limit) return tooCostly(pair, policy);
  const bytes = pair.bytes + (request.monitorBytes[pair.monitor] ?? 0);
  if (bytes <= policy.assignmentBytes) return undefined;
  return (
    `its entry and the settings of ${pair.monitor} take ${bytes} bytes and an assignment may have ` +
    `${policy.assignmentBytes}: shorten its URL or the settings, or divide the StreamMonitor`
  );
}

function tooCostly({ cost, detectors }: WantedPair, { shardCapacity }: PoolPolicy): string {
  const divide = detectors.length > 1 ? 'divide its detectors with sharding.subsets, ' : '';
  return (
    `it needs ${Math.round(cost)} ms CPU per second and a shard has ${shardCapacity}: ` +
    `${divide}choose a smaller rendition, or raise the capacity of the shards`
  );
}
