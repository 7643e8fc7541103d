import { z } from 'zod';
import { severities } from './detector-manifest.ts';
import { incidentSchema } from './incident.ts';
import { slateHashPattern } from './slate-hash.ts';

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

/** One Alertmanager, with its Secrets by name. */
export const alertmanagerTargetSchema = z.strictObject({
  url: z.string().optional(),
  urlFrom: secretKey.optional(),
  headersFrom: secretKey.optional(),
  /** Address of the live page, for links. */
  pageUrl: z.string().optional(),
});

/** Which incidents a receiver is for; what is absent matches all, but for `severity`, the least: `warning` then. */
const incidentFilter = z.strictObject({
  streams: z.array(z.string()).optional(),
  detectors: z.array(z.string()).optional(),
  kinds: z.array(z.string()).optional(),
  severity: z.enum(severities).optional(),
});

/** Exactly one of `webhook` and `alertmanager` is there. */
const notification = z.strictObject({
  match: incidentFilter.optional(),
  webhook: webhookTargetSchema.optional(),
  alertmanager: alertmanagerTargetSchema.optional(),
});

const action = z.strictObject({
  name: z.string(),
  match: incidentFilter,
  /** Seconds that an incident must have been open. */
  after: z.number().nonnegative(),
  /** Least seconds between two for one stream. */
  cooldown: z.number().nonnegative(),
  webhook: webhookTargetSchema,
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

/** A detector of a module: its manifest, and so its defaults, are known where the module is mounted alone. */
const customDetector = z.strictObject({
  name: z.string(),
  module: z.string(),
  enabled: z.boolean().optional(),
  severity: z.enum(severities).optional(),
  /** Durations as text. */
  minDuration: z.string().optional(),
  mergeGap: z.string().optional(),
  parameters: z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])).optional(),
});

const monitorSettings = z.strictObject({
  namespace: z.string(),
  name: z.string(),
  /** Every enabled detector with its defaults filled in, by type. */
  detectors: z.record(z.string(), detectorSettings),
  /** Enabled detectors of modules; absent where there is none. */
  custom: z.array(customDetector).optional(),
  notifications: z.array(notification).default([]),
  actions: z.array(action).optional(),
  results: resultsTarget.optional(),
});

/** When defects are expected; durations in seconds. Without `detectors`, of those whose manifests say so. */
const expect = z.strictObject({
  static: z
    .array(
      z.strictObject({
        cron: z.string(),
        duration: z.number().positive(),
        timeZone: z.string(),
        detectors: z.array(z.string()).optional(),
      }),
    )
    .default([]),
  /** Absent where breaks that the stream announces change nothing. */
  breaks: z
    .strictObject({
      detectors: z.array(z.string()).optional(),
      maxDuration: z.number().positive(),
      margin: z.number().nonnegative(),
    })
    .optional(),
  slates: z
    .array(
      z.strictObject({
        name: z.string(),
        hash: z.string().regex(slateHashPattern),
        /** Bits. */
        tolerance: z.number().int().nonnegative(),
        detectors: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});

const handOver = z.strictObject({
  /** The shard that watched before. */
  from: z.string(),
  /** Wall clock up to which that shard judged and told everything, ISO 8601. */
  watermarkTime: z.iso.datetime(),
  /** Incidents that it left open, and those that it closed within the last minute before the watermark. */
  incidents: z.array(incidentSchema),
  /** When actions were last taken for the stream, by name of the action, ISO 8601. */
  actionTimes: z.record(z.string(), z.iso.datetime()).optional(),
});

const placement = z.strictObject({
  /** Generation of the assignment in which the stream got its role here. */
  generation: z.number().int().nonnegative(),
  /** Wall clock since when the stream is on this shard, ISO 8601. */
  since: z.iso.datetime(),
  /** Why it was put here: one sentence. */
  reason: z.string(),
  /** Shard that it came from. */
  from: z.string().optional(),
  /** CPU that it is planned with, in ms per second: declared first, measured later. */
  cost: z.number().nonnegative(),
});

const streamAssignment = z.strictObject({
  /** `namespace/name` of the StreamMonitor: a key of `monitors`. */
  monitor: z.string(),
  name: z.string(),
  url: z.string().optional(),
  urlFrom: secretKey.optional(),
  headersFrom: secretKey.optional(),
  /** Of the keys of encrypted segments. */
  keyFrom: secretKey.optional(),
  /** The same programme from elsewhere, to compare the stream with. */
  reference: z
    .strictObject({
      url: z.string().optional(),
      urlFrom: secretKey.optional(),
      headersFrom: secretKey.optional(),
    })
    .optional(),
  rendition: z
    .union([
      z.enum(['highest', 'lowest']),
      z.strictObject({ maxHeight: z.number().int().positive() }),
      /** This one, and no other in its place. */
      z.strictObject({ height: z.number().int().positive() }),
    ])
    .default('highest'),
  /** Of several audio tracks, from 1; the default one without. */
  audioTrack: z.number().int().positive().optional(),
  /** Instead of its number: BCP 47. */
  audioLanguage: z.string().optional(),
  priority: z.number().int().default(50),
  expect: expect.optional(),
  /** The detectors of this stream that run on this shard. */
  detectors: z.array(z.string()),
  /** Severities by detector, where they differ from the StreamMonitor's. */
  severities: z.record(z.string(), z.enum(severities)).optional(),
  /**
   * `owner` speaks for the (stream, subset). In a move, the shard that the stream goes to is `warming`: it watches,
   * judges, holds what it finds, and stays silent. The shard that it leaves is `demoted`: silent too, its report
   * holds the hand-over. At most one assignment names an owner.
   */
  role: z.enum(['owner', 'warming', 'demoted']).default('owner'),
  /** The source allows one reader: only the owner opens it, and a demoted shard lets go of it at once. */
  exclusive: z.literal(true).optional(),
  /** What the owner takes over from the shard that watched before it. */
  adopt: handOver.optional(),
  /** Why the stream is here; of no effect on the watching. */
  placement: placement.optional(),
});

const assignmentSchema = z.strictObject({
  apiVersion: z.literal(shardApiVersion),
  kind: z.literal('Assignment'),
  shard: z.string(),
  /** A monitor refuses an assignment with a lower generation than the one it runs. */
  generation: z.number().int().nonnegative(),
  /** Wall clock of the writing, ISO 8601. */
  time: z.iso.datetime().optional(),
  region: z.string().optional(),
  monitors: z.record(z.string(), monitorSettings),
  streams: z.array(streamAssignment),
});

/** What a shard must run: written by the operator, read by the monitor. */
export type Assignment = z.infer<typeof assignmentSchema>;
export type MonitorSettings = z.infer<typeof monitorSettings>;
export type StreamAssignment = z.infer<typeof streamAssignment>;
/** What a shard hands to the next owner of a stream. */
export type HandOver = z.infer<typeof handOver>;
export type ExpectSettings = z.infer<typeof expect>;
export type StreamRole = StreamAssignment['role'];
export type SecretKey = z.infer<typeof secretKey>;
export type WebhookTarget = z.infer<typeof webhookTargetSchema>;
export type AlertmanagerTarget = z.infer<typeof alertmanagerTargetSchema>;
export type IncidentFilter = z.infer<typeof incidentFilter>;
export type ActionSettings = z.infer<typeof action>;
export type ResultsTarget = z.infer<typeof resultsTarget>;

/**
 * Reads an assignment document.
 * @param onUnknown told the path of each field that this version does not know, which is left out; without, they are
 *   refused as anything that is wrong
 * @throws Error naming each wrong field by its path
 */
export function parseAssignment(document: unknown, onUnknown?: (path: string) => void): Assignment {
  let parsed = assignmentSchema.safeParse(document);
  if (!parsed.success && onUnknown) {
    const unknown = unknownFields(parsed.error);
    if (unknown) {
      parsed = assignmentSchema.safeParse(withoutFields(document, unknown));
      for (const path of unknown) onUnknown(path.join('.'));
    }
  }
  if (!parsed.success) throw new Error(`assignment: ${z.prettifyError(parsed.error)}`);
  for (const [index, stream] of parsed.data.streams.entries()) {
    if (!Object.hasOwn(parsed.data.monitors, stream.monitor)) {
      throw new Error(`assignment: streams[${index}].monitor "${stream.monitor}" is not among monitors`);
    }
    const { reference } = stream;
    for (const [path, source] of [
      ['', stream],
      ['.reference', reference],
    ] as const) {
      if (source && (source.url === undefined) === (source.urlFrom === undefined)) {
        throw new Error(`assignment: streams[${index}]${path} needs exactly one of url and urlFrom`);
      }
    }
  }
  return parsed.data;
}

type Path = readonly PropertyKey[];

/** What is unknown, where nothing else is wrong. */
function unknownFields({ issues }: z.ZodError): readonly Path[] | undefined {
  const paths = issues.map((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : undefined,
  );
  return paths.every((path) => path !== undefined) ? paths.flat() : undefined;
}

/**
 * A copy without some fields. An action loses its place with any of its own: what narrows it down may be among them, and
 * it changes what viewers see.
 */
function withoutFields(document: unknown, paths: readonly Path[]): unknown {
  const copy = structuredClone(document);
  for (const path of paths) {
    const [, , list, index] = path;
    const whole = list === 'actions' && typeof index === 'number';
    const holder = at(copy, whole ? path.slice(0, 3) : path.slice(0, -1));
    if (whole) (holder as unknown[])[index] = undefined;
    else delete (holder as Record<PropertyKey, unknown>)[path.at(-1)!];
  }
  for (const path of paths) {
    if (path[2] !== 'actions') continue;
    const monitor = at(copy, path.slice(0, 2)) as { actions: unknown[] };
    monitor.actions = monitor.actions.filter((action) => action !== undefined);
  }
  return copy;
}

function at(document: unknown, path: Path): unknown {
  return path.reduce((value, key) => (value as Record<PropertyKey, unknown>)[key], document);
}
