import type { Assignment, MonitorSettings, WebhookTarget } from '../../../crds/assignment.ts';
import type { Incident } from '../../../crds/incident.ts';
import type { StreamIdentity, WatchEvent } from '../../../monitor/watch/watch-event.ts';

export const identity: StreamIdentity = { namespace: 'live', monitor: 'sports', stream: 'channel-1' };

type IncidentWatchEvent = Extract<WatchEvent, { type: 'incident' }>;

/** A freeze that opened, at revision 1. */
export function incident(overrides: Partial<Incident> = {}): Incident {
  return {
    id: '6f1b4f0e-0000-4000-8000-000000000001',
    revision: 1,
    state: 'open',
    ...identity,
    detector: 'freeze',
    kind: 'freeze',
    severity: 'critical',
    start: 12.5,
    startTime: '2026-01-31T22:59:58.000Z',
    openedAt: '2026-01-31T23:00:00.000Z',
    score: 0.9,
    confidence: 1,
    ...overrides,
  };
}

export function opened(overrides: Partial<Incident> = {}): IncidentWatchEvent {
  return { type: 'incident', change: 'opened', incident: incident(overrides) };
}

export function closed(overrides: Partial<Incident> = {}): IncidentWatchEvent {
  const end = { end: 20, endTime: '2026-01-31T23:00:07.500Z', closeReason: 'recovered' } as const;
  return {
    type: 'incident',
    change: 'closed',
    incident: incident({ revision: 2, state: 'closed', ...end, ...overrides }),
  };
}

/** An assignment of one StreamMonitor with one stream. */
export function assignment(
  settings: Partial<MonitorSettings>,
  webhooks: readonly WebhookTarget[] = [],
): Assignment {
  const { namespace, monitor, stream } = identity;
  return {
    apiVersion: 'shards.streammonitor.dev/v1alpha1',
    kind: 'Assignment',
    shard: 'shard-0',
    generation: 1,
    region: 'eu-test-1',
    monitors: {
      [`${namespace}/${monitor}`]: {
        namespace,
        name: monitor,
        detectors: {},
        notifications: webhooks.map((webhook) => ({ webhook })),
        ...settings,
      },
    },
    streams: [
      {
        monitor: `${namespace}/${monitor}`,
        name: stream,
        url: 'udp://127.0.0.1:5000',
        rendition: 'highest',
        priority: 50,
        detectors: ['freeze', 'black'],
        role: 'owner',
      },
    ],
  };
}
