import { z } from 'zod';
import { actionEventSchema, incidentEventSchema } from '../incident-event.ts';
import { resultRecordSchema } from '../result-record.ts';

const published = {
  'result-record': {
    schema: resultRecordSchema,
    title: 'ResultRecord',
    description: 'One line of a result object.',
  },
  'incident-event': {
    schema: incidentEventSchema,
    title: 'IncidentEvent',
    description: 'What a webhook of spec.notifications receives: a CloudEvent.',
  },
  'action-event': {
    schema: actionEventSchema,
    title: 'ActionEvent',
    description: 'What a webhook of spec.actions receives: a CloudEvent.',
  },
};

/**
 * JSON Schemas (draft 2020-12) of what StreamMonitor writes for others, by path. They allow fields that they do not
 * name: a later version adds some.
 */
export function publishedSchemas(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(published).map(([name, { schema, title, description }]) => {
      const { $schema, ...body } = z.toJSONSchema(schema, {
        override: ({ jsonSchema }) => {
          delete jsonSchema.additionalProperties;
          // The format says it; so long a pattern hides everything else.
          if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
          if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
          if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
        },
      });
      const $id = `https://streammonitor.dev/schemas/v1alpha1/${name}.schema.json`;
      const document = { $schema, $id, title, description, ...body };
      return [`crds/generated/${name}.schema.json`, `${JSON.stringify(document, undefined, 2)}\n`];
    }),
  );
}
