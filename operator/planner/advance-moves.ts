import type { HandOver } from '../../crds/assignment.ts';
import type { StreamReport } from '../../crds/shard-report.ts';
import { type Placement, pairKey, type ShardState } from './shard-state.ts';

/** One shard's part in a pair. */
export interface Part {
  readonly shard: ShardState;
  readonly placement: Placement;
}

/** What becomes of a placement; `undefined` takes it from its shard. */
type Changes = Map<Placement, Placement | undefined>;

/**
 * Brings every move under way one step on, as far as the reports of its shards allow:
 *
 * 1. source owner, target warming: once the target has analysed a frame, the source is demoted. Where the source
 *    itself has tried and gets no media, none is to be expected of the target either: that it warms is enough.
 * 2. source demoted, target warming: once the source says that it is demoted, the target becomes owner and adopts
 *    what that report holds.
 * 3. source demoted, target owner: once the target says that it is owner, the source lets go and the move is over.
 *
 * A move of an exclusive stream stands at step 1 too, though its target opens nothing: the planner demotes the source
 * once the target is ready. A lost source counts as having answered; what it reported last is its hand-over. No
 * report, or one of an earlier assignment, is never progress. One step only: a pair gets no second owner before
 * the first is demoted in a written document.
 */
export function advanceMoves(shards: readonly ShardState[]): ShardState[] {
  const reported = new ReportedPairs();
  const changes: Changes = new Map();
  for (const parts of partsUnderWay(shards)) advance(parts, reported, changes);
  return shards.map((shard) => {
    if (!shard.placements.some((placement) => changes.has(placement))) return shard;
    const placements = shard.placements.flatMap((placement) => {
      const changed = changes.has(placement) ? changes.get(placement) : placement;
      return changed ? [changed] : [];
    });
    return { ...shard, placements };
  });
}

/** The parts of each pair that is moving. */
function partsUnderWay(shards: readonly ShardState[]): Iterable<readonly Part[]> {
  const moving = new Map<string, Part[]>();
  for (const { placements } of shards) {
    for (const placement of placements) {
      if (placement.role !== 'owner' || placement.adopt) moving.set(pairKey(placement), []);
    }
  }
  if (moving.size > 0) {
    for (const shard of shards) {
      for (const placement of shard.placements) moving.get(pairKey(placement))?.push({ shard, placement });
    }
  }
  return moving.values();
}

function advance(parts: readonly Part[], reported: ReportedPairs, changes: Changes): void {
  const [owner, ...otherOwners] = parts.filter(({ placement }) => placement.role === 'owner');
  const [demoted, ...otherDemoted] = parts.filter(({ placement }) => placement.role === 'demoted');
  const [warming, ...otherWarming] = parts.filter(({ placement }) => placement.role === 'warming');
  // Two of a kind are left for the planner to tidy up.
  if (otherOwners.length + otherDemoted.length + otherWarming.length > 0) return;

  if (owner && warming && !demoted) {
    if (mayDemote(owner, warming, reported)) changes.set(owner.placement, asDemoted(owner));
  } else if (demoted && warming && !owner) {
    if (demoted.shard.health === 'Lost' || reported.of(demoted)) {
      const adopt = handOver(demoted, reported);
      if (warming.shard.health !== 'Lost') changes.set(warming.placement, ownerOn(warming, adopt));
    }
  } else if (owner && !warming) {
    // The planner gives the pair back to a source that still lives.
    if (owner.shard.health === 'Lost' && demoted && demoted.shard.health !== 'Lost') return;
    const settled = reported.of(owner) !== undefined;
    if (demoted && (settled || demoted.shard.health === 'Lost')) changes.set(demoted.placement, undefined);
    if (settled && owner.placement.adopt) {
      const { adopt: _, ...placement } = owner.placement;
      changes.set(owner.placement, placement);
    }
  }
}

function mayDemote(owner: Part, warming: Part, reported: ReportedPairs): boolean {
  if (owner.shard.health === 'Lost') return warming.shard.health !== 'Lost';
  // A source that does not answer would be silent without anyone to speak in its place.
  if (owner.shard.health === 'Unknown') return false;
  if (warming.shard.health !== 'Starting' && warming.shard.health !== 'Ready') return false;
  const target = reported.of(warming);
  if (!target) return false;
  if (target.firstFrameTime !== undefined) return true;
  const phase = reported.of(owner)?.phase;
  // One that is only starting may have had its first frame since it said so.
  return phase === 'Down' || phase === 'Ended';
}

/** The placement of a pair whose shard falls silent. Keeps what it was to take over, for when it never did. */
export function asDemoted({ shard, placement }: Part): Placement {
  return { ...placement, role: 'demoted', generation: shard.generation + 1 };
}

function ownerOn({ shard, placement }: Part, adopt: HandOver | undefined): Placement {
  return { ...placement, role: 'owner', generation: shard.generation + 1, ...(adopt && { adopt }) };
}

/** What a shard said last; where it never took over, what it was itself to adopt. */
function handOver(source: Part, reported: ReportedPairs): HandOver | undefined {
  const { adopt } = source.placement;
  const report = reported.latest(source);
  if (!report || report.role === 'warming') return adopt;
  const { watermarkTime, openIncidents, closedIncidents, actionTimes } = report;
  if (adopt && Date.parse(adopt.watermarkTime) > Date.parse(watermarkTime)) return adopt;
  return {
    from: source.shard.name,
    watermarkTime,
    incidents: [...openIncidents, ...closedIncidents],
    ...(actionTimes && { actionTimes }),
  };
}

/** What shards said of their pairs, looked up by pair. */
export class ReportedPairs {
  readonly #byShard = new Map<ShardState, Map<string, StreamReport>>();

  /** What a shard says of a pair in the role that it was given, under the assignment that gave it or a later one. */
  of({ shard, placement }: Part): StreamReport | undefined {
    if (!shard.report || shard.report.generation < placement.generation) return undefined;
    const report = this.latest({ shard, placement });
    return report?.role === placement.role ? report : undefined;
  }

  /** The last that a shard said of a pair. */
  latest({ shard, placement }: Part): StreamReport | undefined {
    if (shard.report?.shard !== shard.name) return undefined;
    let pairs = this.#byShard.get(shard);
    if (!pairs) {
      pairs = new Map(shard.report.streams.map((stream) => [reportKey(stream), stream]));
      this.#byShard.set(shard, pairs);
    }
    return pairs.get(pairKey(placement));
  }
}

function reportKey({ monitor, name, detectors }: StreamReport): string {
  return pairKey({ monitor, name, detectors: detectors.toSorted() });
}
