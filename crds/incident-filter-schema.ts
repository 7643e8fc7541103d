import { z } from 'zod';
import type { DetectorCatalogue } from './detector-catalogue.ts';
import { severities } from './detector-manifest.ts';

/** `match`: which incidents a notification or an action is for. What is left out matches all. */
export function incidentFilterSchema(catalogue: DetectorCatalogue) {
  const kinds = new Set(Object.values(catalogue).flatMap((manifest) => Object.keys(manifest.kinds)));
  return z.strictObject({
    streams: set(streamPattern, 64)
      .optional()
      .describe('Names of streams; * stands for any letters, as in hd-*. All streams without.'),
    detectors: set(z.enum(Object.keys(catalogue) as [string, ...string[]]), 32)
      .optional()
      .describe('Detectors. All of them without.'),
    kinds: set(z.enum([...kinds].sort() as [string, ...string[]]), 64)
      .optional()
      .describe('Kinds of defect, as in the tables of the detectors. All of them without.'),
    severity: z
      .enum(severities)
      .optional()
      .describe('Least severity. An incident that is less severe counts from when it rises to that.'),
  });
}

const streamPattern = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[-a-z0-9*]+$/, { error: 'must be the name of a stream, or a pattern such as hd-*' });

function set<T extends z.ZodType>(item: T, most: number) {
  return z
    .array(item)
    .min(1, { error: 'is empty; leave it out to match all' })
    .max(most)
    .meta({ 'x-kubernetes-list-type': 'set' });
}
