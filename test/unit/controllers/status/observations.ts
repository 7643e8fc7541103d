import type { Incident } from '../../../../crds/incident.ts';
import type { StreamReport } from '../../../../crds/shard-report.ts';
import type {
  MonitorObservation,
  ObservedPlacement,
} from '../../../../operator/controllers/status/monitor-observation.ts';
import type { Placement } from '../../../../operator/planner/shard-state.ts';

/** When the observations below are made. */
export const now = '2026-01-01T12:00:00.000Z';
const longAgo = Date.parse('2026-01-01T08:00:00.000Z');

/** A StreamMonitor whose spec asks for these streams, and nothing amiss. */
export function observation(values: Partial<MonitorObservation> = {}): MonitorObservation {
  return {
    generation: 3,
    invalid: [],
    listProblems: [],
    suspended: false,
    streams: [...new Set((values.placements ?? []).map(({ placement }) => placement.name))],
    outsideWindow: [],
    placements: [],
    shed: [],
    waiting: [],
    halted: [],
    ...values,
  };
}

/** A placement that its shard has confirmed, with media. */
export function watched(
  name: string,
  values: Partial<Omit<ObservedPlacement, 'placement' | 'report'>> & {
    readonly placement?: Partial<Placement>;
    readonly report?: Partial<StreamReport>;
  } = {},
): ObservedPlacement {
  const placement = placementOf(name, values.placement);
  return {
    shard: 'smon-1-0',
    health: 'Ready',
    ...values,
    placement,
    report: report(name, { role: placement.role, detectors: [...placement.detectors], ...values.report }),
  };
}

/** A placement of which its shard has said nothing under its assignment. */
export function unconfirmed(
  name: string,
  values: Partial<Omit<ObservedPlacement, 'placement'>> & { readonly placement?: Partial<Placement> } = {},
): ObservedPlacement {
  return { shard: 'smon-1-0', health: 'Ready', ...values, placement: placementOf(name, values.placement) };
}

function placementOf(name: string, values: Partial<Placement> = {}): Placement {
  return {
    monitor: 'live/sports',
    name,
    detectors: ['black', 'freeze'],
    cost: 80,
    role: 'owner',
    generation: 1,
    since: longAgo,
    reason: 'new',
    ...values,
  };
}

export function report(name: string, values: Partial<StreamReport> = {}): StreamReport {
  return {
    phase: 'Up',
    reason: 'Receiving',
    message: 'frames or sound arrive',
    since: '2026-01-01T08:00:00.000Z',
    monitor: 'live/sports',
    name,
    role: 'owner',
    detectors: ['black', 'freeze'],
    firstFrameTime: '2026-01-01T08:00:01.000Z',
    monitoredSeconds: 100,
    blindSeconds: 0,
    defectSeconds: 0,
    cpuSeconds: 10,
    unknown: {},
    openIncidents: [],
    closedIncidents: [],
    watermarkTime: now,
    ...values,
  };
}

export function incident(id: string, stream: string, values: Partial<Incident> = {}): Incident {
  return {
    id,
    revision: 1,
    state: 'open',
    namespace: 'live',
    monitor: 'sports',
    stream,
    detector: 'freeze',
    kind: 'freeze',
    severity: 'critical',
    start: 10,
    startTime: '2026-01-01T11:59:50.000Z',
    openedAt: '2026-01-01T11:59:52.000Z',
    score: 1,
    confidence: 1,
    ...values,
  };
}
