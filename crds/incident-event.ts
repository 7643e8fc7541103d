import { z } from 'zod';
import { incidentSchema } from './incident.ts';

/**
 * `opened` comes first; `updated` when the severity rises, a worse picture is there, or an action was answered;
 * `closed` comes last, but for the answer of an action that came later still.
 */
export const incidentChangeNames = ['opened', 'updated', 'closed'] as const;
export type IncidentChangeName = (typeof incidentChangeNames)[number];

const source = z
  .string()
  .describe('/apis/streammonitor.dev/v1alpha1/namespaces/{namespace}/streammonitors/{monitor}');
const region = z
  .string()
  .optional()
  .describe('Extension attribute: the vantage point, where one is configured.');

/**
 * What a webhook receives: a CloudEvent 1.0 in structured JSON (`application/cloudevents+json`), signed as
 * Standard Webhooks say. Delivered at least once and in order per incident; `id` tells a repetition, and of two
 * events of one incident the one whose `data.incident.revision` is higher is later.
 */
export const incidentEventSchema = z.strictObject({
  specversion: z.literal('1.0').describe('Version of CloudEvents.'),
  id: z.string().describe('{incident.id}.{incident.revision}; also the header webhook-id.'),
  source,
  type: z
    .enum(incidentChangeNames.map((change) => `dev.streammonitor.incident.${change}` as const))
    .describe('What happened to the incident.'),
  subject: z.string().describe('Name of the stream.'),
  time: z.iso.datetime().describe('When the change happened, ISO 8601.'),
  datacontenttype: z.literal('application/json').describe('Form of data.'),
  region,
  data: z
    .strictObject({
      incident: incidentSchema.describe('The incident with all that is known of it.'),
      scores: z
        .array(z.tuple([z.number(), z.number()]).readonly())
        .readonly()
        .optional()
        .describe('[media seconds, score], oldest first: how the defect came about.'),
      picture: z
        .strictObject({
          mediaType: z.literal('image/jpeg').describe('Form of the picture.'),
          base64: z.string().describe('The picture.'),
        })
        .optional()
        .describe('The last good frame beside the worst one; absent when there is none or it is too big.'),
    })
    .describe('The incident and its evidence.'),
});

/** What the webhook of an action receives, in the same form; `id` tells a repetition. */
export const actionEventSchema = incidentEventSchema.extend({
  id: z.string().describe('{incident.id}.{name of the action}; also the header webhook-id.'),
  type: z.literal('dev.streammonitor.action').describe('An action is to be taken.'),
  time: z.iso.datetime().describe('When the action was decided, ISO 8601.'),
  data: z
    .strictObject({
      action: z.string().describe('Name of the action.'),
      incident: incidentSchema.describe('The incident that it is taken for, as it was then.'),
    })
    .describe('What is to be done, and why.'),
});

export type IncidentEvent = Readonly<z.infer<typeof incidentEventSchema>>;
export type ActionEvent = Readonly<z.infer<typeof actionEventSchema>>;
