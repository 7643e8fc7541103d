import type { Incident } from './incident.ts';
import type { IncidentChangeName } from './incident-event.ts';

/**
 * The objects below a results target's prefix, gzipped JSON lines of `ResultRecord`:
 * `detector={type}/date={YYYY-MM-DD}/hour={HH}/{shard}-{bootId}-{sequence}.jsonl.gz`, date and hour in UTC, of the
 * records' `time`. An object never changes once it is there. Of records with one `recordId` the one with the
 * highest `revision` counts; repetitions are equal. Pictures lie at `evidence/{file name}`.
 */
export type ResultRecord = IncidentRecord | SummaryRecord;

interface RecordOrigin {
  /** Counts up with what is known of the subject of `recordId`. */
  readonly recordId: string;
  readonly revision: number;
  readonly namespace: string;
  /** Name of the StreamMonitor. */
  readonly monitor: string;
  readonly stream: string;
  readonly detector: string;
  /** Vantage point, where one is configured. */
  readonly region?: string;
  readonly shard: string;
}

/** One change of an incident, with all that is known of it then. `recordId` is the incident's id. */
export interface IncidentRecord extends RecordOrigin, Omit<Incident, 'id'> {
  readonly type: 'incident';
  /** When the change was recorded, ISO 8601. */
  readonly time: string;
  readonly change: IncidentChangeName;
}

/**
 * What was watched of a stream in one minute of the wall clock, for one detector. Seconds of media; a defect's
 * seconds from its onset count in the minute in which it was found. Several processes may each have watched a
 * part of a minute: their records differ in `recordId` and add up.
 */
export interface SummaryRecord extends RecordOrigin {
  readonly type: 'summary';
  /** Start of the minute, ISO 8601. */
  readonly time: string;
  readonly monitoredSeconds: number;
  readonly blindSeconds: number;
  readonly defectSeconds: number;
}

/** Every column that a record can have, with its SQL type (DuckDB, Athena): those that do not apply are absent. */
export const resultColumns = {
  recordId: 'VARCHAR',
  revision: 'INTEGER',
  type: 'VARCHAR',
  time: 'TIMESTAMP',
  namespace: 'VARCHAR',
  monitor: 'VARCHAR',
  stream: 'VARCHAR',
  region: 'VARCHAR',
  shard: 'VARCHAR',
  change: 'VARCHAR',
  state: 'VARCHAR',
  kind: 'VARCHAR',
  severity: 'VARCHAR',
  channel: 'VARCHAR',
  start: 'DOUBLE',
  end: 'DOUBLE',
  startTime: 'TIMESTAMP',
  endTime: 'TIMESTAMP',
  openedAt: 'TIMESTAMP',
  score: 'DOUBLE',
  confidence: 'DOUBLE',
  area: 'DOUBLE',
  source: 'VARCHAR',
  closeReason: 'VARCHAR',
  suppressed: 'VARCHAR',
  outlasts: 'VARCHAR',
  evidence: 'VARCHAR',
  monitoredSeconds: 'DOUBLE',
  blindSeconds: 'DOUBLE',
  defectSeconds: 'DOUBLE',
} as const satisfies Partial<
  Record<keyof IncidentRecord | keyof SummaryRecord, 'VARCHAR' | 'INTEGER' | 'DOUBLE' | 'TIMESTAMP'>
>;
