import { type ChartValue, type JsonSchema, readChartValues } from './chart-values.ts';
import { valueDefinitions } from './value-definitions.ts';

/**
 * The JSON Schema by which Helm checks what a user sets: closed, so that a mistyped key is named and not ignored.
 * @param text a commented values.yaml
 * @throws Error naming a key whose kind the value does not tell
 */
export function valuesSchema(text: string): JsonSchema {
  return {
    // The newest that every Helm 3 knows.
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values',
    ...closed(readChartValues(text)),
    definitions: valueDefinitions,
  };
}

function closed(values: readonly ChartValue[]): JsonSchema {
  return {
    type: 'object',
    properties: Object.fromEntries(values.map((value) => [value.path.split('.').at(-1)!, schemaOf(value)])),
    additionalProperties: false,
  };
}

function schemaOf(value: ChartValue): JsonSchema {
  const { description, preset, schema, children } = value;
  if (children) return { description, ...closed(children) };
  return { description, ...(schema?.$ref === undefined && typeOf(value)), ...schema, default: preset };
}

function typeOf({ path, preset, schema }: ChartValue): JsonSchema {
  if (schema?.type !== undefined) return {};
  if (typeof preset === 'string' || typeof preset === 'boolean') return { type: typeof preset };
  if (typeof preset === 'number') return { type: Number.isInteger(preset) ? 'integer' : 'number' };
  if (Array.isArray(preset) && schema?.items) return { type: 'array' };
  throw new Error(`values.yaml, ${path}: the value does not tell its type; add @schema`);
}
