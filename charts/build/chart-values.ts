import { isCollection, isMap, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml';

/** A node of a JSON Schema, draft-07. */
export interface JsonSchema {
  type?: string | readonly string[];
  description?: string;
  default?: unknown;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  $ref?: string;
  [keyword: string]: unknown;
}

/** A key of values.yaml with what its comment says. */
export interface ChartValue {
  /** Dotted, such as `image.tag`. */
  readonly path: string;
  /** The comment without its annotations. */
  readonly description: string;
  /** Name of the section that begins with this key. */
  readonly section?: string;
  readonly preset: unknown;
  /** From `@schema`; a key that has it is described as a whole, whatever its value holds. */
  readonly schema?: JsonSchema;
  /** Keys below; absent where the value is one of its own. */
  readonly children?: readonly ChartValue[];
}

/**
 * Reads a commented values.yaml. Above each key stands what it is for; `@section NAME` begins a section of the page,
 * `@schema {…}` holds keywords of a JSON Schema that the value alone does not tell.
 * @throws Error naming each key that nothing is said of
 */
export function readChartValues(text: string): ChartValue[] {
  const document = parseDocument(text);
  if (document.errors.length > 0) throw document.errors[0];
  if (!isMap(document.contents)) throw new Error('values.yaml must hold keys');
  const values = valuesOf(document.contents, '', document.commentBefore);
  const bare = [...everyValue(values)].filter(({ description }) => description === '');
  if (bare.length > 0)
    throw new Error(`values.yaml says nothing of ${bare.map(({ path }) => path).join(', ')}`);
  return values;
}

/** All keys, each before those below it. */
export function* everyValue(values: readonly ChartValue[]): Generator<ChartValue> {
  for (const value of values) {
    yield value;
    yield* everyValue(value.children ?? []);
  }
}

function valuesOf(map: YAMLMap, prefix: string, above?: string | null): ChartValue[] {
  return map.items.map((pair, index) => {
    // The parser keeps what stands above the first key with the map that it begins.
    const first = index === 0 ? [above, map.commentBefore] : [];
    return chartValue(pair, prefix, first);
  });
}

function chartValue(
  { key, value }: Pair,
  prefix: string,
  above: readonly (string | null | undefined)[],
): ChartValue {
  if (!isScalar(key)) throw new Error(`values.yaml has a key below "${prefix}" that is no text`);
  const path = `${prefix}${key.value}`;
  const { description, section, schema } = readComment(
    [...above, key.commentBefore].filter(Boolean).join('\n'),
    path,
  );
  const isBranch = schema === undefined && isMap(value) && value.items.length > 0;
  return {
    path,
    description,
    ...(section !== undefined && { section }),
    ...(schema && { schema }),
    preset: isCollection(value) ? value.toJSON() : isScalar(value) ? value.value : null,
    ...(isBranch && { children: valuesOf(value, `${path}.`) }),
  };
}

function readComment(
  comment: string,
  path: string,
): { description: string; section?: string; schema?: JsonSchema } {
  const lines = comment.split('\n').map((line) => line.trim());
  const annotation = (name: string) =>
    lines.find((line) => line.startsWith(`@${name} `))?.slice(name.length + 2);
  const [section, schema] = [annotation('section'), annotation('schema')];
  const unknown = lines.find((line) => /^@(?!section |schema )/.test(line));
  if (unknown) throw new Error(`values.yaml, ${path}: "${unknown}" is neither @section nor @schema`);
  return {
    description: lines.filter((line) => line !== '' && !line.startsWith('@')).join(' '),
    ...(section !== undefined && { section }),
    ...(schema !== undefined && { schema: parseDocument(schema).toJS() as JsonSchema }),
  };
}
