import { shardApiVersion } from '../../../crds/assignment.ts';
import type { Incident } from '../../../crds/incident.ts';
import type { ShardReport, StreamReport } from '../../../crds/shard-report.ts';

/** A report of noon on which each stream is well for an hour, but for what is said. */
export function shardReport(
  shard: string,
  streams: readonly Partial<StreamReport>[],
  values: Partial<ShardReport> = {},
): ShardReport {
  return {
    apiVersion: shardApiVersion,
    kind: 'ShardReport',
    shard,
    bootId: `boot-of-${shard}`,
    generation: 1,
    time: '2026-01-01T12:00:00.000Z',
    startedAt: '2026-01-01T11:00:00.000Z',
    cpuSeconds: 400,
    memoryBytes: 1e8,
    spoolBytes: 0,
    dropped: { notifications: 0, results: 0 },
    streams: streams.map((stream) => ({
      monitor: 'live/sports',
      name: 'channel-1',
      role: 'owner',
      detectors: ['black', 'freeze'],
      phase: 'Up',
      reason: 'Receiving',
      message: 'frames or sound arrive',
      since: '2026-01-01T11:00:00.000Z',
      video: '1280×720, 25 fps, h264',
      audio: 'stereo, 48 kHz, aac',
      monitoredSeconds: 3560,
      blindSeconds: 40,
      defectSeconds: 0,
      cpuSeconds: 360,
      unknown: {},
      openIncidents: [],
      closedIncidents: [],
      watermarkTime: '2026-01-01T11:59:58.000Z',
      ...stream,
    })),
    ...values,
  };
}

/** One that began two minutes before noon. */
export function openIncident(values: Partial<Incident> = {}): Incident {
  return {
    id: 'a',
    revision: 1,
    state: 'open',
    namespace: 'live',
    monitor: 'sports',
    stream: 'channel-1',
    detector: 'freeze',
    kind: 'freeze',
    severity: 'critical',
    start: 100,
    startTime: '2026-01-01T11:58:00.000Z',
    openedAt: '2026-01-01T11:58:02.000Z',
    score: 0.9,
    confidence: 1,
    ...values,
  };
}
