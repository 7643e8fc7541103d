import { z } from 'zod';
import { severities } from './detector-manifest.ts';

/** The version of the assignment and shard report documents. */
export const shardApiVersion = 'shards.streammonitor.dev/v1alpha1';

const secretKey = z.strictObject({ name: z.string(), key: z.string() });

const detectorSettings = z.strictObject({
  enabled: z.boolean(),
  severity: z.enum(severities),
  minDuration: z.number().nonnegative(),
  mergeGap: z.number().nonnegative(),
  parameters: z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])),
});

/** One webhook, with its Secrets by name: what a Secret holds is never in a document. */
export const webhookTargetSchema = z.strictObject({
  url: z.string().optional(),
  urlFrom: secretKey.optional(),
  /** Secret of Standard Webhooks form (`whsec_` + base64); unsigned without. */
  secretFrom: secretKey.optional(),
  headersFrom: secretKey.optional(),
});

/** One bucket, with its Secret by name. */
export const s3TargetSchema = z.strictObject({
  bucket: z.string(),
  prefix: z.string().default(''),
  region: z.string().optional(),
  endpoint: z.string().optional(),
  forcePathStyle: z.boolean().default(false),
  credentialsFrom: secretKey.optional(),
});

const resultsTarget = z.strictObject({ s3: s3TargetSchema.optional(), directory: z.string().optional() });

const monitorSettings = z.strictObject({
  namespace: z.string(),
  name: z.string(),
  /** Every enabled detector with its defaults filled in, by type. */
  detectors: z.record(z.string(), detectorSettings),
  notifications: z.array(z.strictObject({ webhook: webhookTargetSchema })).default([]),
  results: resultsTarget.optional(),
});

const streamAssignment = z.strictObject({
  /** `namespace/name` of the StreamMonitor: a key of `monitors`. */
  monitor: z.string(),
  name: z.string(),
  url: z.string().optional(),
  urlFrom: secretKey.optional(),
  headersFrom: secretKey.optional(),
  rendition: z
    .union([z.enum(['highest', 'lowest']), z.strictObject({ maxHeight: z.number().int().positive() })])
    .default('highest'),
  priority: z.number().int().default(50),
  /** The detectors of this stream that run on this shard. */
  detectors: z.array(z.string()),
  /** `owner` speaks for the (stream, subset); `warming` watches and stays silent. */
  role: z.enum(['owner', 'warming']).default('owner'),
});

const assignmentSchema = z.strictObject({
  apiVersion: z.literal(shardApiVersion),
  kind: z.literal('Assignment'),
  shard: z.string(),
  /** A monitor refuses an assignment with a lower generation than the one it runs. */
  generation: z.number().int().nonnegative(),
  region: z.string().optional(),
  monitors: z.record(z.string(), monitorSettings),
  streams: z.array(streamAssignment),
});

/** What a shard must run: written by the operator, read by the monitor. */
export type Assignment = z.infer<typeof assignmentSchema>;
export type MonitorSettings = z.infer<typeof monitorSettings>;
export type StreamAssignment = z.infer<typeof streamAssignment>;
export type SecretKey = z.infer<typeof secretKey>;
export type WebhookTarget = z.infer<typeof webhookTargetSchema>;
export type ResultsTarget = z.infer<typeof resultsTarget>;

/**
 * Reads an assignment document.
 * @throws Error naming each wrong field by its path
 */
export function parseAssignment(document: unknown): Assignment {
  const parsed = assignmentSchema.safeParse(document);
  if (!parsed.success) throw new Error(`assignment: ${z.prettifyError(parsed.error)}`);
  for (const [index, stream] of parsed.data.streams.entries()) {
    if (!(stream.monitor in parsed.data.monitors)) {
      throw new Error(`assignment: streams[${index}].monitor "${stream.monitor}" is not among monitors`);
    }
    if ((stream.url === undefined) === (stream.urlFrom === undefined)) {
      throw new Error(`assignment: streams[${index}] needs exactly one of url and urlFrom`);
    }
  }
  return parsed.data;
}
