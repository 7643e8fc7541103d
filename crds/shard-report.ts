import { z } from 'zod';
import { shardApiVersion } from './assignment.ts';
import { incidentSchema } from './incident.ts';
import { streamPhases, streamReasonNames } from './stream-state.ts';

const streamReport = z.object({
  phase: z.enum(streamPhases),
  reason: z.enum(streamReasonNames),
  message: z.string(),
  since: z.iso.datetime(),
  /** `namespace/name` of the StreamMonitor. */
  monitor: z.string(),
  name: z.string(),
  role: z.enum(['owner', 'warming', 'demoted']),
  detectors: z.array(z.string()).readonly(),
  /** What is watched, for a person; see the page API. */
  video: z.string().optional(),
  audio: z.string().optional(),
  /** Wall clock of the first analysed frame, ISO 8601. */
  firstFrameTime: z.iso.datetime().optional(),
  monitoredSeconds: z.number(),
  blindSeconds: z.number(),
  /** Of these, the seconds in which the shard got too little CPU to keep up. */
  overloadedSeconds: z.number().optional(),
  defectSeconds: z.number(),
  /** CPU of this stream's converter, in seconds. */
  cpuSeconds: z.number(),
  /** Why a detector cannot tell, by type. */
  unknown: z.record(z.string(), z.string()),
  /** Those of them that do not run: they failed, or this version of the shard does not have them. */
  failedDetectors: z.array(z.string()).readonly().optional(),
  openIncidents: z.array(incidentSchema).readonly(),
  /** Incidents closed within the last minute: the next owner of the stream must not tell of them again. */
  closedIncidents: z.array(incidentSchema).readonly(),
  /** When actions were last taken for the stream, by name of the action, ISO 8601: the next owner goes on from there. */
  actionTimes: z.record(z.string(), z.iso.datetime()).optional(),
  /** Wall clock up to which every incident has been judged and handed on, ISO 8601. */
  watermarkTime: z.iso.datetime(),
});

/** Fields that a later shard adds are left out, so that shards can be newer than the operator. */
const shardReport = z.object({
  apiVersion: z.literal(shardApiVersion),
  kind: z.literal('ShardReport'),
  shard: z.string(),
  /** Random, new at every start of the process. */
  bootId: z.string(),
  /** Of the assignment that the shard follows now. */
  generation: z.number().int().nonnegative(),
  time: z.iso.datetime(),
  startedAt: z.iso.datetime(),
  /** CPU of the whole shard, converters included, in seconds. */
  cpuSeconds: z.number(),
  memoryBytes: z.number(),
  /** What waits for delivery, result records not yet sent included: a shard without streams is deleted at 0. */
  spoolBytes: z.number(),
  /** Records given up because the spool was full; never negative, never reset while the process lives. */
  dropped: z.object({ notifications: z.number(), results: z.number() }),
  /** Why the current assignment document was refused, when it was. */
  assignmentError: z.string().optional(),
  streams: z.array(streamReport).readonly(),
});

/** What a shard says of one of its (stream, detector subset) pairs. Seconds are sums since the shard took it over. */
export type StreamReport = z.infer<typeof streamReport>;
/** What a shard says of itself: served at `/report`, polled by the operator. */
export type ShardReport = z.infer<typeof shardReport>;

/**
 * Reads what a shard answered.
 * @throws Error naming each wrong field by its path
 */
export function parseShardReport(document: unknown): ShardReport {
  const parsed = shardReport.safeParse(document);
  if (!parsed.success) throw new Error(`shard report: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
