import { z } from 'zod';

/** A node of an OpenAPI v3 schema as a CustomResourceDefinition holds it. */
export interface StructuralSchema {
  type?: string;
  description?: string;
  default?: unknown;
  properties?: Record<string, StructuralSchema>;
  /** Of a map: what each value is. */
  additionalProperties?: StructuralSchema;
  items?: StructuralSchema;
  required?: string[];
  enum?: unknown[];
  [keyword: string]: unknown;
}

const dropped = new Set(['$schema', '$id', 'id', 'propertyNames']);

/**
 * The structural schema of what a user may write: JSON Schema 2020-12 as zod gives it, brought into the form that
 * Kubernetes takes (apiextensions.k8s.io/v1, "Specifying a structural schema").
 * @throws Error at a construct that has no structural form, such as a union of types
 */
export function structuralSchema(schema: z.ZodType): StructuralSchema {
  // Schemas that are used twice must stand in both places: a structural schema has no $ref.
  return structural(z.toJSONSchema(schema, { io: 'input', reused: 'inline' }) as StructuralSchema, 'spec');
}

function structural(node: StructuralSchema, path: string): StructuralSchema {
  if (node['x-kubernetes-int-or-string'] === true) {
    // The one union that a structural schema knows, and it states no type.
    const { anyOf: _, ...intOrString } = node;
    return intOrString;
  }
  if (typeof node.type !== 'string') throw new Error(`${path} has no single type, so no structural schema`);
  const result: StructuralSchema = {};
  for (const [keyword, value] of Object.entries(node)) {
    if (dropped.has(keyword) || isSafeIntegerBound(keyword, value)) continue;
    if (keyword === 'exclusiveMinimum' || keyword === 'exclusiveMaximum') {
      throw new Error(
        `${path} uses ${keyword}, which has another form in OpenAPI v3; use an inclusive bound`,
      );
    }
    if (keyword === 'additionalProperties') {
      // What the API server takes as it is has no form.
      if (node['x-kubernetes-preserve-unknown-fields'] === true) continue;
      // Objects with fields take no others anyway: unknown fields are refused.
      if (typeof value === 'object') result[keyword] = structural(value as StructuralSchema, `${path}{}`);
      continue;
    }
    result[keyword] = value;
  }
  if (node.properties) {
    result.properties = Object.fromEntries(
      Object.entries(node.properties).map(([name, child]) => [name, structural(child, `${path}.${name}`)]),
    );
  }
  if (node.items) result.items = structural(node.items, `${path}[]`);
  return result;
}

/** zod bounds every integer by what a double holds exactly; that says nothing to a reader. */
function isSafeIntegerBound(keyword: string, value: unknown): boolean {
  return (
    (keyword === 'minimum' || keyword === 'maximum') && Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER
  );
}
