import type { StreamMonitorStatus } from '../../../crds/stream-monitor.ts';
import { conditionEvents } from './condition-events.ts';
import { type EventWindow, withinBudget } from './event-budget.ts';
import { type IncidentLedger, incidentEvents } from './incident-events.ts';
import { lossEvents } from './loss-events.ts';
import type { MonitorEvent } from './monitor-event.ts';
import type { MonitorObservation } from './monitor-observation.ts';

/** What is kept of one StreamMonitor between two looks at it, for its Events alone. */
export interface EventMemory {
  readonly status: StreamMonitorStatus;
  readonly observation: MonitorObservation;
  readonly incidents: IncidentLedger;
  readonly window: EventWindow;
}

/** What was seen of a StreamMonitor. */
export interface Sighting {
  readonly observation: MonitorObservation;
  /** What `monitorStatus` makes of it. */
  readonly status: StreamMonitorStatus;
  /** What the object said when it was first looked at: what it says already is no news. */
  readonly previous: StreamMonitorStatus | undefined;
}

export interface MonitorEvents {
  /** To be handed in with the next sighting. */
  readonly memory: EventMemory;
  readonly events: readonly MonitorEvent[];
  /** In so many ms there is more to say although nothing changes. */
  readonly after?: number;
}

/**
 * The Events that a StreamMonitor is due: conditions that flipped, streams that leave a lost shard, incidents that
 * opened and closed; 20 a minute, and one that sums up the others.
 * @param memory absent at the first sighting
 * @param now ms since 1970
 */
export function monitorEvents(
  memory: EventMemory | undefined,
  { observation, status, previous }: Sighting,
  now: number,
): MonitorEvents {
  const first: IncidentLedger = { since: now, open: new Map(), closed: new Map() };
  const incidents = incidentEvents(memory?.incidents ?? first, observation, now);
  const due = [
    ...conditionEvents(memory?.status ?? previous, status),
    ...lossEvents(memory?.observation, observation),
    ...incidents.events,
  ];
  const { window, events, after } = withinBudget(memory?.window, due, now);
  return {
    memory: { status, observation, incidents: incidents.ledger, window },
    events,
    ...(after !== undefined && { after }),
  };
}
