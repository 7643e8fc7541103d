import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';

/** One wrong field. `path` and `message` read as a sentence: `spec.suspend must be true or false, not a string`. */
export interface FieldError {
  readonly path: string;
  readonly keys: readonly PropertyKey[];
  readonly message: string;
}

/** A document that does not follow its schema. Messages hold no value that could be secret. */
export class ValidationError extends Error {
  readonly errors: readonly FieldError[];

  constructor(errors: readonly FieldError[]) {
    super(errors.map(({ path, message }) => `${path} ${message}`.trim()).join('\n'));
    this.name = 'ValidationError';
    this.errors = errors;
  }
}

/**
 * Reads a document by its schema.
 * @throws ValidationError with every wrong field: its path as a user writes it, and the fix
 */
export function validate<S extends z.ZodType>(schema: S, document: unknown): z.output<S> {
  const parsed = schema.safeParse(document, { error: messageOf });
  if (parsed.success) return parsed.data;
  throw new ValidationError(
    parsed.error.issues.flatMap((issue) => {
      if (issue.code !== 'unrecognized_keys') return [fieldError(issue.path, issue.message)];
      return issue.keys.map((key) => fieldError([...issue.path, key], unknownField(schema, issue.path, key)));
    }),
  );
}

function fieldError(keys: readonly PropertyKey[], message: string): FieldError {
  return { keys, path: pathText(keys), message };
}

/** A path as a user writes it: `streams[0].name`. */
export function pathText(keys: readonly PropertyKey[]): string {
  return keys.reduce<string>((path, key) => {
    if (typeof key === 'number') return `${path}[${key}]`;
    return path === '' ? String(key) : `${path}.${String(key)}`;
  }, '');
}

/** Messages where the schema gives none of its own. */
function messageOf(issue: z.core.$ZodRawIssue): string | undefined {
  const value = issue.input;
  if (value === undefined) return 'is missing';
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${typeNames[issue.expected] ?? issue.expected}, not ${kindOf(value)}`;
    case 'invalid_value':
      return oneOf(issue.values.map(String), value);
    case 'too_small':
      return `must ${sizeOf(issue.origin)} at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `must ${sizeOf(issue.origin)} at most ${issue.maximum}${unitOf(issue.origin)}`;
    default:
      return undefined;
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object with named fields',
};

function kindOf(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'a text';
  return typeof value === 'object'
    ? 'an object'
    : `${typeof value === 'number' ? 'the number ' : ''}${value}`;
}

function sizeOf(origin: string): string {
  return origin === 'string' || origin === 'array' ? 'have' : 'be';
}

function unitOf(origin: string): string {
  return origin === 'string' ? ' characters' : origin === 'array' ? ' entries' : '';
}

function oneOf(values: readonly string[], value: unknown): string {
  if (values.length === 1) return `must be ${values[0]}`;
  return `must be one of ${values.join(', ')}${typeof value === 'string' ? meant(value, values) : ''}`;
}

function unknownField(schema: z.ZodType, path: readonly PropertyKey[], key: string): string {
  const known = fieldsAt(schema, path);
  const inDetectors = path.length === 2 && path[1] === 'detectors';
  const what = inDetectors ? 'is not a detector' : 'is not a field';
  return `${what}${meant(key, known) || `; known here are ${known.join(', ')}`}`;
}

function meant(text: string, candidates: readonly string[]): string {
  if (candidates.length === 0) return '';
  const candidate = closest(text, [...candidates]);
  return distance(text, candidate) <= Math.ceil(candidate.length / 3) ? `; did you mean ${candidate}?` : '';
}

/** Names of the fields that an object at `path` of the schema can have. */
function fieldsAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let current: unknown = bare(schema);
  for (const key of path) {
    if (current instanceof z.ZodObject) current = bare(current.shape[String(key)]);
    else if (current instanceof z.ZodArray) current = bare(current.element);
  }
  return current instanceof z.ZodObject ? Object.keys(current.shape) : [];
}

function bare(schema: unknown): unknown {
  if (schema instanceof z.ZodPipe) return bare(schema.in);
  const wrapped =
    schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
  return wrapped ? bare(schema.unwrap()) : schema;
}
