import type { IncidentRecord, SummaryRecord } from '../../crds/result-record.ts';
import type { IncidentWatchEvent, StreamIdentity } from '../watch/watch-event.ts';
import type { MinuteSummary } from './minute-summaries.ts';

/** What every record says of where it comes from. */
export interface RecordSource {
  readonly shard: string;
  readonly bootId: string;
  readonly region?: string;
}

/** The record of an incident's change. `time`: wall clock now, ISO 8601. */
export function incidentRecord(
  { incident, change }: IncidentWatchEvent,
  { shard, region }: RecordSource,
  time: string,
): IncidentRecord {
  const { id, revision, ...rest } = incident;
  return {
    recordId: id,
    revision,
    type: 'incident',
    time,
    change,
    ...rest,
    ...(region !== undefined && { region }),
    shard,
  };
}

/** The record of a stream's minute: one per process, because two may each have watched a part of it. */
export function summaryRecord(
  { stream: identity, detector, minute, monitored, blind, defect }: MinuteSummary<StreamIdentity>,
  { shard, bootId, region }: RecordSource,
): SummaryRecord {
  const { namespace, monitor, stream } = identity;
  const time = new Date(minute).toISOString();
  return {
    recordId: `${bootId}/${namespace}/${monitor}/${stream}/${detector}/${time.slice(0, 16)}`,
    revision: 1,
    type: 'summary',
    time,
    namespace,
    monitor,
    stream,
    detector,
    ...(region !== undefined && { region }),
    shard,
    monitoredSeconds: milliseconds(monitored),
    blindSeconds: milliseconds(blind),
    defectSeconds: milliseconds(defect),
  };
}

/** Sums of floating-point seconds, without their rounding dust. */
function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
