import type { Phase } from '../phase.ts';
import type { ScaleBed } from '../scale-bed.ts';

const more = 50;

export const grow: Phase = {
  name: 'grow',
  what: `a StreamMonitor gets ${more} streams more`,
  act: (bed) => resize(bed, more),
};

export const shrink: Phase = {
  name: 'shrink',
  what: `it has ${more} fewer again`,
  act: (bed) => resize(bed, -more),
};

/** Of the second StreamMonitor, which has one list. */
async function resize(bed: ScaleBed, by: number): Promise<void> {
  const { name, streams } = bed.fleet[1]!;
  await bed.ask({ name, streams: streams + by, lists: [streams + by] });
}
