import { nextWindowChange } from '../planner/watch-window.ts';
import type { HostedShard } from '../shards/shard-host.ts';
import type { MonitorSource } from './monitor-sources.ts';
import type { PlacementStep } from './placement-controller.ts';

/** Plans are made anew this often without a reason, in ms: costs are learned all the time. */
const planInterval = 60_000;
/** While something is held back, its time may come: ms. */
const waitingInterval = 5_000;

/** Shards whose next report something waits for: a move, or that they follow their assignment. */
export function unsettled(shards: readonly HostedShard[]): Set<string> {
  return new Set(
    shards
      .filter(
        ({ assignment, report }) =>
          report?.generation !== assignment.generation ||
          assignment.streams.length === 0 ||
          assignment.streams.some(({ role, adopt }) => role !== 'owner' || adopt !== undefined),
      )
      .map(({ assignment }) => assignment.shard),
  );
}

/**
 * When a namespace is to be looked at again although nothing tells of a change, in ms.
 * @param now ms since 1970
 */
export function untilNext(
  monitors: readonly MonitorSource[],
  { plan, shards, changed }: PlacementStep,
  now: number,
): number {
  // What was written can be what the next step waits for.
  if (changed.length > 0) return 100;
  const windows = monitors.flatMap(({ streams }) => streams.map(({ window }) => window));
  const untilWindow = (nextWindowChange(windows, now) ?? Number.POSITIVE_INFINITY) - now;
  const isWaiting =
    plan.waiting.length > 0 ||
    plan.shards.some(({ placements }) => placements.length === 0) ||
    // No event tells that the grace of a shard is over.
    shards.some(({ health }) => health !== 'Ready');
  return Math.max(100, Math.min(isWaiting ? waitingInterval : planInterval, untilWindow));
}
