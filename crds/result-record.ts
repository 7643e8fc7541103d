import { z } from 'zod';
import { incidentSchema } from './incident.ts';
import { incidentChangeNames } from './incident-event.ts';

const origin = {
  recordId: z.string().describe('What the record is about: the id of the incident, or the summary itself.'),
  revision: z
    .number()
    .int()
    .positive()
    .describe('Counts up with what is known of the subject of recordId; the highest counts.'),
  time: z.iso.datetime().describe('When a change was recorded; the start of the minute. ISO 8601.'),
  region: z.string().optional().describe('Vantage point, where one is configured.'),
  shard: z.string().describe('Name of the shard that wrote the record.'),
};

const incidentRecord = incidentSchema.omit({ id: true }).extend({
  ...origin,
  type: z.literal('incident').describe('One change of an incident, with all that is known of it then.'),
  change: z.enum(incidentChangeNames).describe('What happened to the incident.'),
});

const { namespace, monitor, stream, detector } = incidentSchema.shape;
const summaryRecord = z.strictObject({
  ...origin,
  type: z.literal('summary').describe('What was watched of a stream in one minute, for one detector.'),
  ...{ namespace, monitor, stream, detector },
  monitoredSeconds: z.number().describe('Seconds of media that were watched.'),
  blindSeconds: z.number().describe('Seconds that should have been watched and were not.'),
  defectSeconds: z.number().describe('Watched seconds with a defect, in the minute in which it was found.'),
});

/**
 * The objects below a results target's prefix, gzipped JSON lines of `ResultRecord`:
 * `detector={type}/date={YYYY-MM-DD}/hour={HH}/{shard}-{bootId}-{sequence}.jsonl.gz`, date and hour in UTC, of the
 * records' `time`. An object never changes once it is there. Of records with one `recordId` the one with the
 * highest `revision` counts; repetitions are equal. Pictures lie at `evidence/{file name}`.
 */
export const resultRecordSchema = z.discriminatedUnion('type', [incidentRecord, summaryRecord]);

/**
 * When records become an object: summaries and incidents at their age, both at this size as JSON; and about what one
 * summary takes as JSON. Of incidents a node that is lost takes no more than seconds along.
 */
export const resultObjects = {
  seconds: 300,
  incidentSeconds: 5,
  bytes: 8_000_000,
  summaryBytes: 300,
} as const;

export type ResultRecord = Readonly<z.infer<typeof resultRecordSchema>>;
/** One change of an incident, with all that is known of it then. `recordId` is the incident's id. */
export type IncidentRecord = Readonly<z.infer<typeof incidentRecord>>;
/**
 * What was watched of a stream in one minute of the wall clock, for one detector. Seconds of media; a defect's
 * seconds from its onset count in the minute in which it was found. Several processes may each have watched a
 * part of a minute: their records differ in `recordId` and add up.
 */
export type SummaryRecord = Readonly<z.infer<typeof summaryRecord>>;

/** `detector` is a partition, as `date` and `hour` are: it is read from the path. */
type Column = Exclude<keyof IncidentRecord | keyof SummaryRecord, 'detector'>;

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
  slate: 'VARCHAR',
  outlasts: 'VARCHAR',
  evidence: 'VARCHAR',
  actions: 'STRUCT("name" VARCHAR, "at" TIMESTAMP, outcome VARCHAR, status INTEGER, result VARCHAR)[]',
  monitoredSeconds: 'DOUBLE',
  blindSeconds: 'DOUBLE',
  defectSeconds: 'DOUBLE',
} as const satisfies Readonly<Record<Column, string>>;
