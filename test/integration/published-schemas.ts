import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const names = ['result-record', 'incident-event', 'action-event'] as const;
const ajv = addFormats.default(new Ajv2020({ strict: true, strictTuples: false, allErrors: true }));
const validators = new Map(
  names.map((name) => {
    const file = new URL(`../../crds/generated/${name}.schema.json`, import.meta.url);
    return [name, ajv.compile(JSON.parse(readFileSync(file, 'utf8')))];
  }),
);

/** What a reader who validates with a published schema finds wrong with a document. */
export function schemaFaults(name: (typeof names)[number], document: unknown): string[] {
  const validate = validators.get(name)!;
  return validate(document)
    ? []
    : validate.errors!.map(({ instancePath, message }) => `${instancePath} ${message}`);
}
