import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { generatedFiles } from '../../../crds/build/generate.ts';
import type { StructuralSchema } from '../../../crds/build/structural-schema.ts';

const files = await generatedFiles();
const definition = parse(files['crds/streammonitor.dev_streammonitors.yaml']!);
const objectSchema: StructuralSchema = definition.spec.versions[0].schema.openAPIV3Schema;

function* nodes(schema: StructuralSchema, path = 'object'): Generator<[string, StructuralSchema]> {
  yield [path, schema];
  for (const [name, child] of Object.entries(schema.properties ?? {})) yield* nodes(child, `${path}.${name}`);
  if (schema.items) yield* nodes(schema.items, `${path}[]`);
  if (schema.additionalProperties) yield* nodes(schema.additionalProperties, `${path}{}`);
}

describe('generated files', () => {
  it.each(Object.keys(files))('%s is what npm run generate writes', async (path) => {
    const written = await readFile(new URL(`../../../${path}`, import.meta.url), 'utf8');
    expect(written, 'stale: run npm run generate').toBe(files[path]);
  });
});

describe('the CustomResourceDefinition', () => {
  it('holds only keywords that a structural schema may have', () => {
    const known = new Set(
      'type description default properties additionalProperties items required enum format pattern minimum maximum minLength maxLength minItems maxItems maxProperties'.split(
        ' ',
      ),
    );
    for (const [path, node] of nodes(objectSchema)) {
      if (node['x-kubernetes-int-or-string'] !== true)
        expect(node.type, path).toMatch(/^(object|array|string|number|integer|boolean)$/);
      for (const keyword of Object.keys(node)) {
        expect(known.has(keyword) || keyword.startsWith('x-kubernetes-'), `${path}: ${keyword}`).toBe(true);
      }
    }
  });

  it('describes every field for kubectl explain', () => {
    const bare = [...nodes(objectSchema)].filter(
      ([path, { description }]) => !description && !/(\[\]|\{\})$/.test(path),
    );
    expect(bare.map(([path]) => path)).toEqual(['object.metadata']);
  });

  it('bounds every list, map and text of the spec, so that the cost of rules is bounded', () => {
    for (const [path, node] of nodes(objectSchema.properties!.spec!, 'spec')) {
      if (node.type === 'array') expect(node.maxItems, path).toBeDefined();
      if (node.additionalProperties) expect(node.maxProperties, path).toBeDefined();
      if (node.type === 'string') expect(node.maxLength ?? node.enum, path).toBeDefined();
    }
  });

  it('names every key of a keyed list as required', () => {
    for (const [path, node] of nodes(objectSchema)) {
      for (const key of (node['x-kubernetes-list-map-keys'] as string[] | undefined) ?? []) {
        expect(node.items?.required, path).toContain(key);
      }
    }
  });
});
