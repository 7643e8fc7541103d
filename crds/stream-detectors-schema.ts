import { z } from 'zod';
import type { DetectorCatalogue } from './detector-catalogue.ts';
import { severities } from './detector-manifest.ts';
import { streamSchema } from './stream-schema.ts';

/** One entry of `spec.streams`, with what a stream has otherwise than `spec.detectors` says. */
export function streamEntrySchema(catalogue: DetectorCatalogue) {
  const override = z
    .strictObject({
      severity: z.enum(severities).optional().describe('Severity of its incidents on this stream.'),
    })
    .optional();
  const types = Object.entries(catalogue).map(([type, { title }]) => [type, override.describe(`${title}.`)]);
  const detectors: z.ZodType<Record<string, { severity?: (typeof severities)[number] }>> = z.strictObject(
    Object.fromEntries(types),
  ) as never;
  return streamSchema
    .safeExtend({
      detectors: detectors.optional().describe('What detectors do otherwise on this stream.'),
    })
    .meta(streamSchema.meta()!);
}
