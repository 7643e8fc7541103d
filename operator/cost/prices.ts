import { parse } from 'yaml';
import { z } from 'zod';
import { validate } from '../../crds/validation-error.ts';
import defaults from './default-prices.json' with { type: 'json' };

/** What a field must be, where it is there. */
const said = (fix: string) => ({
  error: ({ input }: { readonly input?: unknown }) => (input === undefined ? 'is missing' : fix),
});

/** One figure from a price list, and where it stands. */
const figure = (bounds: z.ZodNumber) =>
  z.strictObject({
    amount: bounds,
    source: z.url({ protocol: /^https?$/, ...said('must be the address of the price list, https://…') }),
    note: z.string().optional(),
  });
const price = () => figure(z.number().nonnegative());
const positive = () => figure(z.number().positive({ error: 'must be more than 0' }));
const name = () => z.string().min(1);

/** Prices and quotas at one date, in one region and currency. */
export const pricesSchema = z.strictObject({
  asOf: z.iso.date(said('must be the day of the prices, such as 2026-11-29')),
  region: name(),
  currency: z.string().regex(/^[A-Z]{3}$/, { error: 'must be a code of ISO 4217, such as USD' }),
  note: z.string().optional(),
  /** What pods run on. */
  compute: z.strictObject({
    name: name(),
    /** Of the cluster itself, however many pods it has. */
    clusterHour: price(),
    vcpuHour: price(),
    gbHour: price(),
    /** A pod is billed for at least this much memory. */
    leastGbPerVcpu: price(),
  }),
  /** Capacity paid for whether or not it is used; `share` of the price on demand. */
  reserved: z.strictObject({
    name: name(),
    share: figure(
      z
        .number()
        .positive({ error: 'must be more than 0' })
        .max(1, { error: 'must be at most 1: 0.8 is a fifth off' }),
    ),
  }),
  s3: z.strictObject({ putPerThousand: price(), getPerThousand: price() }),
  lambda: z.strictObject({ requestsPerMillion: price(), gbSecond: price(), mbPerVcpu: positive() }),
  stepFunctions: z.strictObject({
    transitionsPerThousand: price(),
    expressPerMillion: price(),
    expressGbSecond: price(),
    expressMb: positive(),
    /** Seconds to a multiple of which a duration is rounded up. */
    expressRounding: positive(),
  }),
  quotas: z.strictObject({
    transitionsPerSecond: positive(),
    expressStartsPerSecond: positive(),
    lambdaConcurrency: positive(),
  }),
});

export type Prices = Readonly<z.infer<typeof pricesSchema>>;

export const defaultPrices: Prices = pricesSchema.parse(defaults);

/**
 * Reads prices: YAML or JSON, as `operator/cost/default-prices.json`.
 * @throws Error naming each wrong field and the fix
 */
export function parsePrices(text: string): Prices {
  return validate(pricesSchema, parse(text) as unknown);
}
