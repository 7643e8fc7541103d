import { z } from 'zod';
import { detectorCatalogue } from './detector-catalogue.ts';
import { dnsLabel, type secretReference } from './fields.ts';
import { specSchema, type statusSchema } from './stream-monitor-schema.ts';
import { validate } from './validation-error.ts';

/** The version of the API that users write. */
export const streamMonitorApiVersion = 'streammonitor.dev/v1alpha1';

const spec = specSchema(detectorCatalogue);

const schema = z.strictObject({
  apiVersion: z.literal(streamMonitorApiVersion),
  kind: z.literal('StreamMonitor'),
  // The API server adds fields of its own, such as uid and resourceVersion.
  metadata: z.looseObject({ name: dnsLabel(), namespace: dnsLabel().default('default') }),
  spec,
  // What was said of an object earlier is no part of what is asked for, so a file may carry any of it.
  status: z.unknown().optional(),
});

/** A user's request to watch streams, with the defaults of the API filled in. */
export type StreamMonitor = Omit<z.output<typeof schema>, 'status'>;
export type StreamMonitorSpec = z.output<typeof spec>;
export type StreamMonitorStatus = z.output<typeof statusSchema>;
export type StreamSpec = StreamMonitorSpec['streams'][number];
export type SecretReference = z.output<ReturnType<typeof secretReference>>;

/**
 * Reads a StreamMonitor object.
 * @throws ValidationError naming each wrong field by its path, with the fix
 */
export function parseStreamMonitor(document: unknown): StreamMonitor {
  const { apiVersion, kind, metadata, spec } = validate(schema, document);
  return { apiVersion, kind, metadata, spec };
}
