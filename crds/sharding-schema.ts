import { z } from 'zod';
import { cel } from './fields.ts';

/** `spec.sharding`. @param detectorTypes every detector there is */
export function shardingSchema(detectorTypes: readonly string[]) {
  const overlap = 'names a detector twice; each detector runs in one subset';
  return z.strictObject({
    isolation: z
      .enum(['Shared', 'Dedicated'])
      .default('Shared')
      .describe(
        'Shared: pods also watch streams of other StreamMonitors in the namespace that ask for the same pods and ' +
          'Secrets. Dedicated: they watch streams of this one alone.',
      ),
    subsets: z
      .array(
        z
          .array(z.enum(detectorTypes as [string, ...string[]]))
          .min(1)
          .max(32)
          .meta({ 'x-kubernetes-list-type': 'set' })
          .describe('Detectors that run together.'),
      )
      .min(1, { error: 'is empty; leave it out to have subsets chosen' })
      .max(8)
      .superRefine((subsets, context) => {
        const named = subsets.flat();
        const twice = named.find((type, index) => named.indexOf(type) !== index);
        if (twice !== undefined)
          context.addIssue({
            code: 'custom',
            message: `names ${twice} twice; each detector runs in one subset`,
          });
      })
      .meta({
        'x-kubernetes-list-type': 'atomic',
        ...cel({ rule: 'self.all(a, a.all(d, self.exists_one(b, d in b)))', message: overlap }),
      })
      .optional()
      .describe(
        'Detectors that run apart from the others, each list decoding the stream once more. Enabled detectors that ' +
          'no list names run with the first. When left out all run together, unless that is too much for one pod.',
      ),
  });
}
