import { z } from 'zod';
import type { DetectorCatalogue } from './detector-catalogue.ts';
import { detectorsSchema } from './detectors-schema.ts';
import { unknownInExpect } from './expect-schema.ts';
import { atLeastOne, cel, dnsSubdomain, exactlyOne } from './fields.ts';
import { unknownInFilter } from './incident-filter-schema.ts';
import { labelMap } from './label-map.ts';
import { actionsSchema, notificationsSchema } from './notifications-schema.ts';
import { podTemplateSchema } from './pod-template-schema.ts';
import { maxSecrets, secretNamesOf } from './secret-names.ts';
import { shardingSchema } from './sharding-schema.ts';
import { s3Schema } from './sinks-schema.ts';
import { streamEntrySchema } from './stream-detectors-schema.ts';
import { streamListLabel } from './stream-list-label.ts';
import { watchedCount } from './stream-renditions.ts';
import { streamPhases } from './stream-state.ts';

const maxStreams = 200;

const tooManyRenditions = `stands for more than ${maxStreams} streams, as each height is one; put them into ConfigMaps (streamsFrom)`;
const watchedSum =
  'self.map(s, has(s.rendition) && has(s.rendition.heights) ? s.rendition.heights.size() : 1).sum()';

const configMapSource = exactlyOne('name', 'selector');

const streamsFrom = z.strictObject({
  configMap: z
    .strictObject({
      name: dnsSubdomain('a ConfigMap, such as channels').optional().describe('Name of one ConfigMap.'),
      selector: z
        .strictObject({
          matchLabels: labelMap(16, false).describe(
            'Labels that a ConfigMap must have beside that of all lists; {} takes every list.',
          ),
        })
        .optional()
        .describe('All ConfigMaps with these labels.'),
    })
    .superRefine(configMapSource.refine)
    .meta(configMapSource.meta)
    .describe('The ConfigMap, or ConfigMaps, in the namespace of the StreamMonitor.'),
});

const anyStreams = atLeastOne('streams', 'streamsFrom');

/** `spec`, with one typed property per detector of the catalogue. */
export function specSchema(catalogue: DetectorCatalogue) {
  const spec = z.strictObject({
    streams: z
      .array(streamEntrySchema(catalogue))
      .min(1, { error: 'is empty; add at least {name, url}' })
      .max(maxStreams, {
        error: `has more than ${maxStreams} entries; put them into ConfigMaps (streamsFrom)`,
      })
      .superRefine(uniqueNames)
      .superRefine(boundedRenditions)
      .optional()
      .meta({
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
        ...cel({ rule: `${watchedSum} <= ${maxStreams}`, message: tooManyRenditions }),
      })
      .describe(`The live streams to watch: up to ${maxStreams} here, more through streamsFrom.`)
      .transform((streams = []) => streams),
    streamsFrom: z
      .array(streamsFrom)
      .min(1, { error: 'is empty; add {configMap: {name}} or leave it out' })
      .max(16)
      .optional()
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .describe(
        'More streams, from ConfigMaps: each key holds a YAML list of entries as in streams. Only ConfigMaps with the ' +
          `label ${streamListLabel}: "true" are read. A wrong entry is left out and named in the condition ` +
          'Degraded, while the others are watched.',
      ),
    detectors: detectorsSchema(catalogue)
      .prefault({})
      .describe('What to look for; each detector of the profile can be tuned or switched off.'),
    sharding: shardingSchema(Object.keys(catalogue))
      .optional()
      .describe('How the work of one stream is divided.'),
    notifications: notificationsSchema(),
    actions: actionsSchema(),
    results: z
      .strictObject({ s3: s3Schema.describe('An S3 bucket.') })
      .optional()
      .describe('Where incidents and summaries are kept.'),
    podTemplate: podTemplateSchema
      .optional()
      .describe('The pods that watch the streams. Streams share pods only where this is the same.'),
    suspend: z.boolean().default(false).describe('Stops watching without deleting anything.'),
  });
  return spec
    .superRefine((value, context) => {
      if (value.streams.length === 0 && value.streamsFrom === undefined)
        context.addIssue({ code: 'custom', message: 'needs streams or streamsFrom' });
      const custom = value.detectors.custom?.map(({ name }) => name) ?? [];
      for (const field of ['notifications', 'actions'] as const) {
        for (const [index, { match = {} }] of value[field].entries()) {
          for (const { path, message } of unknownInFilter(match, catalogue, custom))
            context.addIssue({ code: 'custom', path: [field, index, 'match', ...path], message });
        }
      }
      for (const [index, { expect = {} }] of value.streams.entries()) {
        for (const { path, message } of unknownInExpect(expect, custom))
          context.addIssue({ code: 'custom', path: ['streams', index, 'expect', ...path], message });
      }
      const secrets = secretNamesOf(value, value.streams);
      if (secrets.length > maxSecrets) context.addIssue({ code: 'custom', message: tooManySecrets(secrets) });
    })
    .meta(anyStreams.meta);
}

/** Says that a StreamMonitor names more Secrets than its pods may mount. */
function tooManySecrets(secrets: readonly string[]): string {
  return (
    `names ${secrets.length} Secrets (${secrets.join(', ')}), and its pods mount at most ${maxSecrets}; keep more ` +
    'keys in fewer Secrets, or split it over several StreamMonitors'
  );
}

function boundedRenditions(
  streams: Parameters<typeof watchedCount>[0],
  context: z.core.$RefinementCtx<unknown>,
) {
  // More entries than that are told of already.
  if (streams.length <= maxStreams && watchedCount(streams) > maxStreams)
    context.addIssue({ code: 'custom', message: tooManyRenditions });
}

function uniqueNames(streams: readonly { readonly name: string }[], context: z.core.$RefinementCtx<unknown>) {
  const first = new Map<string, number>();
  for (const [index, { name }] of streams.entries()) {
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, index);
    else {
      const message = `"${name}" is already the name of streams[${earlier}]; names must differ`;
      context.addIssue({ code: 'custom', path: [index, 'name'], message });
    }
  }
}

const conditions = z
  .array(
    z.strictObject({
      type: z.string().max(316).describe('Ready, Progressing, Degraded or Blind.'),
      status: z.enum(['True', 'False', 'Unknown']).describe('Whether the condition holds.'),
      observedGeneration: z.number().int().optional().describe('Generation of the object this was said of.'),
      lastTransitionTime: z.string().meta({ format: 'date-time' }).describe('When the status last changed.'),
      reason: z.string().min(1).max(1024).describe('One word in CamelCase.'),
      message: z.string().max(32768).describe('One sentence for a person.'),
    }),
  )
  .max(8)
  .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] });

const count = () => z.number().int().min(0).optional();

/** `status`: small and bounded whatever the streams do; never the history of defects. */
export const statusSchema = z.strictObject({
  observedGeneration: z.number().int().optional().describe('Generation of the object this status is about.'),
  conditions: conditions.optional().describe('Ready, Progressing, Degraded and Blind.'),
  streams: count().describe('Streams the object asks for; each of several heights is one.'),
  monitored: count().describe('Streams that are watched now.'),
  defects: count().describe('Incidents open now.'),
  shards: count().describe('Pods that watch streams of this object.'),
  worstStreams: z
    .array(
      z.strictObject({
        name: z.string().max(63).describe('Name of the stream.'),
        phase: z.enum([...streamPhases, 'Unknown']).describe('Whether media arrives, as far as it is known.'),
        reason: z.string().max(64).describe('Why, in one word.'),
        message: z.string().max(512).optional().describe('One sentence for a person.'),
        defects: count().describe('Incidents open now.'),
      }),
    )
    .max(50)
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
    .optional()
    .describe('Up to 50 streams that need attention, worst first.'),
});
