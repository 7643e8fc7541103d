import { z } from 'zod';
import type { DetectorCatalogue } from './detector-catalogue.ts';
import { severities } from './detector-manifest.ts';
import { dnsLabel } from './fields.ts';

/** `match`: which incidents a notification or an action is for. What is left out matches all, but for what is advisory. */
export function incidentFilterSchema() {
  return z.strictObject({
    streams: set(streamPattern, 64)
      .optional()
      .describe(
        'Names of streams; * stands for any letters, as in hd-* or channel-1@*. All streams without.',
      ),
    detectors: set(dnsLabel(), 32)
      .optional()
      .describe('Detectors, those of modules included. All of them without.'),
    kinds: set(dnsLabel(), 64)
      .optional()
      .describe('Kinds of defect, as in the tables of the detectors. All of them without.'),
    severity: z
      .enum(severities)
      .optional()
      .describe(
        'Least severity. An incident that is less severe counts from when it rises to that. Without, warning: what is ' +
          'advisory (info) alarms nobody who does not ask for it.',
      ),
  });
}

/** What a filter names that there is not: the path of each name, with a message. */
export function unknownInFilter(
  { detectors = [], kinds = [] }: z.output<ReturnType<typeof incidentFilterSchema>>,
  catalogue: DetectorCatalogue,
  custom: readonly string[],
): { readonly path: [string, number]; readonly message: string }[] {
  const types = [...Object.keys(catalogue), ...custom];
  const known = [
    ...new Set(Object.values(catalogue).flatMap((manifest) => Object.keys(manifest.kinds))),
  ].sort();
  return [
    ...detectors.flatMap((name, index) =>
      types.includes(name) ? [] : problem('detectors', index, `"${name}" is not a detector`, types),
    ),
    // Only the pods know the kinds of modules.
    ...kinds.flatMap((name, index) =>
      custom.length > 0 || known.includes(name)
        ? []
        : problem('kinds', index, `"${name}" is not a kind of defect`, known),
    ),
  ];
}

function problem(field: string, index: number, what: string, known: readonly string[]) {
  return [{ path: [field, index] as [string, number], message: `${what}; there are ${known.join(', ')}` }];
}

const streamPattern = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[-a-z0-9*@]+$/, { error: 'must be the name of a stream, or a pattern such as hd-*' });

function set<T extends z.ZodType>(item: T, most: number) {
  return z
    .array(item)
    .min(1, { error: 'is empty; leave it out to match all' })
    .max(most)
    .meta({ 'x-kubernetes-list-type': 'set' });
}
