import { clipped, counted, firstFew } from './bounded-text.ts';
import type { MonitorEvent } from './monitor-event.ts';
import type { MonitorObservation, ObservedPlacement } from './monitor-observation.ts';

/** One Event for each lost shard whose streams have begun to move elsewhere since the last observation. */
export function lossEvents(
  previous: MonitorObservation | undefined,
  next: MonitorObservation,
): MonitorEvent[] {
  if (!previous) return [];
  const known = new Set(previous.placements.map(keyOf));
  const lost = new Set(
    [...previous.placements, ...next.placements]
      .filter(({ health }) => health === 'Lost')
      .map(({ shard }) => shard),
  );
  const arrived = next.placements.filter(
    (placed) => lost.has(placed.placement.from ?? '') && !known.has(keyOf(placed)),
  );
  return [...Map.groupBy(arrived, ({ placement }) => placement.from!)].map(([from, placed]) => {
    const streams = [...new Set(placed.map(({ placement }) => placement.name))].sort();
    const targets = [...new Set(placed.map(({ shard }) => shard))].sort();
    const note = `${from} is lost: ${counted(streams.length, 'stream')} (${firstFew(streams)}) to ${firstFew(targets)}.`;
    return { type: 'Warning', reason: 'ShardLost', action: 'Move', note: clipped(note) };
  });
}

function keyOf({ shard, placement }: ObservedPlacement): string {
  return `${shard} ${placement.name} ${placement.detectors.join()} ${placement.since}`;
}
