import type { Placement, PlannedShard } from '../../../operator/planner/shard-state.ts';

/** A stream as its owner watches it. */
export const placement = (name: string, overrides: Partial<Placement> = {}): Placement => ({
  monitor: 'live/sports',
  name,
  detectors: ['black'],
  cost: 100,
  role: 'owner',
  generation: 1,
  since: Date.parse('2026-01-01T00:00:00Z'),
  reason: 'the stream is new',
  ...overrides,
});

export const plannedShard = (...placements: Placement[]): PlannedShard => ({
  name: 'shard-0',
  pool: 'shard',
  placements,
});
