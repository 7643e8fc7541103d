import { eventsPerMinute } from '../../../crds/event-reasons.ts';
import type { MonitorEvent } from './monitor-event.ts';

/** Events of one StreamMonitor within a minute. */
export interface EventWindow {
  /** ms since 1970. */
  readonly since: number;
  readonly told: number;
  /** How many were left out, by reason. */
  readonly omitted: Readonly<Record<string, number>>;
}

/** What may be told now. */
export interface Budgeted {
  readonly window: EventWindow;
  readonly events: readonly MonitorEvent[];
  /** In so many ms there is a summary of what was left out. */
  readonly after?: number;
}

const length = 60_000;

/**
 * Lets the first events of each minute pass, and sums up the others when it is over.
 * @param now ms since 1970
 */
export function withinBudget(
  window: EventWindow | undefined,
  events: readonly MonitorEvent[],
  now: number,
): Budgeted {
  const isOver = !window || now - window.since >= length || now < window.since;
  const summary = window && isOver ? summaryOf(window) : [];
  const before = isOver ? { since: now, told: 0, omitted: {} } : window;
  const passed = events.slice(0, eventsPerMinute - before.told);
  const omitted: Record<string, number> = { ...before.omitted };
  for (const { reason } of events.slice(passed.length)) omitted[reason] = (omitted[reason] ?? 0) + 1;
  const after = before.since + length - now;
  return {
    window: { since: before.since, told: before.told + passed.length, omitted },
    events: [...summary, ...passed],
    ...(Object.keys(omitted).length > 0 && { after }),
  };
}

function summaryOf({ omitted }: EventWindow): MonitorEvent[] {
  const reasons = Object.entries(omitted).sort(([a], [b]) => (a < b ? -1 : 1));
  const count = reasons.reduce((sum, [, each]) => sum + each, 0);
  if (count === 0) return [];
  const parts = reasons.map(([reason, each]) => `${each} ${reason}`).join(', ');
  return [
    { type: 'Normal', reason: 'EventsOmitted', action: 'Observe', note: `and ${count} more: ${parts}` },
  ];
}
