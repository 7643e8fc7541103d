import { z } from 'zod';
import { type DetectorManifest, severities } from './detector-manifest.ts';
import { dnsLabel, duration } from './fields.ts';
import { suppressionReasons } from './suppression.ts';
import { validate } from './validation-error.ts';

const text = (most: number) => z.string().min(1).max(most);
const span = () => duration('0s', '24h');
/** Names that become fields of the CRD's `parameters`. */
const parameterName = /^[a-zA-Z][a-zA-Z0-9]{0,62}$/;

const parameter = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('duration'),
      default: span(),
      minimum: span().optional(),
      maximum: span().optional(),
      description: text(500),
    }),
    z.strictObject({
      type: z.literal('number'),
      default: z.number(),
      minimum: z.number(),
      maximum: z.number(),
      unit: text(50).optional(),
      description: text(500),
    }),
    z.strictObject({ type: z.literal('boolean'), default: z.boolean(), description: text(500) }),
    z.strictObject({
      type: z.literal('choice'),
      values: z.array(text(100)).min(1).max(64),
      default: z.string(),
      description: text(500),
    }),
  ])
  .superRefine((spec, context) => {
    const within =
      spec.type === 'number'
        ? spec.default >= spec.minimum && spec.default <= spec.maximum
        : spec.type !== 'choice' || spec.values.includes(spec.default);
    if (!within)
      context.addIssue({ code: 'custom', path: ['default'], message: 'is not among the values allowed' });
  });

const kind = z.strictObject({
  description: text(500),
  severity: z.enum(severities).optional(),
  minDuration: duration('0s', '1h').optional(),
});

const manifestSchema = z.strictObject({
  manifest: z.strictObject({
    type: dnsLabel(),
    title: text(100),
    description: text(1000),
    kinds: boundedMap(kind, 1, 16, dnsLabel()),
    needs: z
      .array(z.enum(['reduced', 'native', 'audio', 'transport', 'clock', 'reference']))
      .min(1)
      .max(6),
    expectable: z.array(z.enum(suppressionReasons)).max(suppressionReasons.length).optional(),
    cost: z.strictObject({ fixed: z.number().min(0).max(10_000), perMegapixel: z.number().min(0).max(1000) }),
    defaults: z.strictObject({
      enabled: z.boolean(),
      severity: z.enum(severities),
      minDuration: duration('0s', '1h'),
    }),
    thresholds: z
      .strictObject({ enter: z.number().min(0).max(1), exit: z.number().min(0).max(1) })
      .refine(({ enter, exit }) => enter > 0 && exit <= enter, {
        error: 'needs enter above 0 and exit not above enter',
      }),
    parameters: boundedMap(parameter, 0, 32, z.string().regex(parameterName, { error: 'must be a word' })),
  }),
});

function boundedMap<V extends z.ZodType>(value: V, least: number, most: number, name: z.ZodType<string>) {
  return z.record(z.string(), value).superRefine((map, context) => {
    const names = Object.keys(map);
    if (names.length < least || names.length > most)
      context.addIssue({ code: 'custom', message: `must have from ${least} to ${most} entries` });
    for (const wrong of names.filter((one) => !name.safeParse(one).success))
      context.addIssue({ code: 'custom', path: [wrong], message: 'is no name: letters and digits' });
  });
}

/**
 * Reads the manifest of a module that somebody else wrote.
 * @throws ValidationError naming each wrong field by its path from `manifest` on
 */
export function parseModuleManifest(manifest: unknown): DetectorManifest {
  // zod writes `undefined` into the type of optional fields, which a JSON-like manifest never has.
  return validate(manifestSchema, { manifest }).manifest as DetectorManifest;
}
