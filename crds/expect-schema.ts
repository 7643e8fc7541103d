import { Cron } from 'croner';
import { z } from 'zod';
import { detectorCatalogue } from './detector-catalogue.ts';
import { cel, dnsLabel, duration } from './fields.ts';
import { slateHashPattern, slateTolerance } from './slate-hash.ts';
import type { SuppressionReason } from './suppression.ts';

/** A leap year, so that a rule for 29 February counts as one that comes. */
const reference = new Date('2024-01-01T00:00:00Z');
const cronHint = 'must be five fields: minute, hour, day of month, month, day of week, such as "0 3 * * *"';
const zoneHint = 'must be the name of a time zone, such as Europe/Berlin or UTC';

const cron = z
  .string()
  .max(100)
  .superRefine((pattern, context) => {
    const message = cronProblem(pattern);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  })
  .meta(cel({ rule: "self.matches('^[0-9A-Za-z*/,#?L-]+( +[0-9A-Za-z*/,#?L-]+){4}$')", message: cronHint }));

const timeZone = z
  .string()
  .max(64)
  .regex(/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/, { error: zoneHint, abort: true })
  .refine(isTimeZone, { error: zoneHint })
  // A zone that the API server does not know makes the rule itself fail, which refuses the object as well.
  .meta(cel({ rule: "timestamp('2024-01-01T00:00:00Z').getHours(self) >= 0", message: zoneHint }));

/** Which detectors a rule covers; `unknownInExpect` says whether there are such. */
function detectors(reason: SuppressionReason) {
  const usual = () =>
    Object.values(detectorCatalogue)
      .filter(({ expectable }) => expectable?.includes(reason))
      .map(({ type }) => type)
      .join(', ');
  return z
    .array(dnsLabel())
    .min(1, { error: `is empty; leave it out for the usual ones: ${usual()}` })
    .max(32)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'set' })
    .describe(
      'Detectors whose defects are expected then, those of modules included. Left out, those that say so of themselves.',
    );
}

const staticWindow = z.strictObject({
  cron: cron.describe('When it begins: minute, hour, day of month, month, day of week.'),
  duration: duration('1s', '168h').describe(
    'How long it lasts, in time that passes: a change of clocks is no part of it.',
  ),
  timeZone: timeZone.default('UTC').describe('The clock that cron reads, such as Europe/Berlin.'),
  detectors: detectors('schedule'),
});

const breaks = z.strictObject({
  detectors: detectors('break'),
  maxDuration: duration('1s', '3h')
    .default('10m')
    .describe('A break is over after so long, whatever was announced, and whether or not its end is.'),
  margin: duration('0s', '30s')
    .default('1s')
    .describe('So long before and after a break is expected as well: edges are not to the frame.'),
});

const hashHint = 'must be 64 hexadecimal digits, as the command "streammonitor slate" prints them';

const slate = z.strictObject({
  name: dnsLabel().describe('Name of the slate, unique in its stream; its incidents carry it.'),
  hash: z
    .string()
    .max(64, { error: hashHint, abort: true })
    .refine((text) => slateHashPattern.test(text), { error: hashHint })
    .meta(cel({ rule: "self.matches('^[0-9a-fA-F]{64}$')", message: hashHint }))
    .describe('What the picture looks like: 64 hexadecimal digits, from "streammonitor slate FILE".'),
  tolerance: z
    .number()
    .int()
    .min(0)
    .max(64)
    .default(slateTolerance)
    .describe('Bits of 256 in which a picture may differ and still be the slate.'),
  detectors: detectors('slate'),
});

/** `expect` of a stream: when a picture that stands still, is black or silent is no defect. */
export const expectSchema = z.strictObject({
  static: z
    .array(staticWindow)
    .min(1, { error: 'is empty; add {cron, duration} or leave it out' })
    .max(8)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .describe('Slates and off-air hours by the clock.'),
  breaks: breaks
    .optional()
    .describe(
      'Breaks that the stream announces: SCTE-35 in MPEG-TS, cue tags and date ranges of HLS, event streams of DASH. ' +
        'Write {} for the defaults; without, a defect in a break is one like any other.',
    ),
  slates: z
    .array(slate)
    .min(1, { error: 'is empty; add {name, hash} or leave it out' })
    .max(8)
    .superRefine(uniqueSlates)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
    .describe('Pictures that are shown on purpose, known by what they look like, at whatever time.'),
});

interface Rule {
  readonly detectors?: readonly string[] | undefined;
}

/**
 * Detectors that `expect` names and that there are not: the path of each within it, with a message.
 * @param custom names of the StreamMonitor's detectors of modules
 */
export function unknownInExpect(
  expect: z.output<typeof expectSchema>,
  custom: readonly string[],
): { readonly path: (string | number)[]; readonly message: string }[] {
  const known = [...Object.keys(detectorCatalogue), ...custom];
  const unknownIn = ({ detectors = [] }: Rule, path: (string | number)[]) =>
    detectors.flatMap((name, index) => {
      const message = `"${name}" is not a detector; there are ${known.join(', ')}`;
      return known.includes(name) ? [] : [{ path: [...path, 'detectors', index], message }];
    });
  return Object.entries<Rule | readonly Rule[]>(expect).flatMap(([field, rules]) =>
    'length' in rules
      ? rules.flatMap((rule, index) => unknownIn(rule, [field, index]))
      : unknownIn(rules, [field]),
  );
}

function uniqueSlates(slates: readonly { readonly name: string }[], context: z.core.$RefinementCtx<unknown>) {
  for (const [index, { name }] of slates.entries()) {
    const first = slates.findIndex((each) => each.name === name);
    if (first === index) continue;
    const message = `"${name}" is already the name of slates[${first}]; names must differ`;
    context.addIssue({ code: 'custom', path: [index, 'name'], message });
  }
}

function cronProblem(pattern: string): string | undefined {
  if (!/^\S+( +\S+){4}$/.test(pattern)) return cronHint;
  try {
    // Its own messages quote no more than the pattern.
    const next = new Cron(pattern, { mode: '5-part', timezone: 'UTC', paused: true }).nextRun(reference);
    return next ? undefined : 'never comes: there is no such date';
  } catch (error) {
    return `${cronHint}; ${(error as Error).message.replace(/^CronPattern: /, '')}`;
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
