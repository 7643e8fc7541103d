import { z } from 'zod';
import { dnsLabel, duration, exactlyOne } from './fields.ts';
import { incidentFilterSchema } from './incident-filter-schema.ts';
import { alertmanagerSchema, webhookSchema } from './sinks-schema.ts';

const receiver = exactlyOne('webhook', 'alertmanager');

/** `spec.notifications`. */
export function notificationsSchema() {
  return z
    .array(
      z
        .strictObject({
          match: incidentFilterSchema()
            .optional()
            .describe('Incidents that are told of. Without, all but those that are advisory or expected.'),
          webhook: webhookSchema.optional().describe('An HTTP address that receives CloudEvents.'),
          alertmanager: alertmanagerSchema
            .optional()
            .describe('An Alertmanager, which gets one alert for each open incident.'),
        })
        .superRefine(receiver.refine)
        .meta(receiver.meta),
    )
    .max(16)
    .default([])
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .describe('Who is told of incidents.');
}

/** `spec.actions`. */
export function actionsSchema() {
  return z
    .array(
      z.strictObject({
        name: dnsLabel().describe('Name of the action, unique in its StreamMonitor.'),
        match: incidentFilterSchema().describe('Incidents that it is taken for.'),
        after: duration('0s', '1h')
          .default('10s')
          .describe('How long the incident must have been open, its defect still there.'),
        cooldown: duration('0s', '24h')
          .default('5m')
          .describe(
            'Least time between two of these actions for one stream. An incident that falls into it has the action ' +
              'taken afterwards, if it is still open then.',
          ),
        webhook: webhookSchema.describe('An HTTP address that takes the action.'),
      }),
    )
    .max(16)
    .superRefine(uniqueNames)
    .default([])
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
    .describe('What is done about incidents that last: each once for an incident.');
}

function uniqueNames(actions: readonly { readonly name: string }[], context: z.core.$RefinementCtx<unknown>) {
  for (const [index, { name }] of actions.entries()) {
    const first = actions.findIndex((action) => action.name === name);
    if (first === index) continue;
    const message = `"${name}" is already the name of actions[${first}]; names must differ`;
    context.addIssue({ code: 'custom', path: [index, 'name'], message });
  }
}
