import { type Assignment, parseAssignment } from '../../crds/assignment.ts';
import type { ConfigMap } from './kubernetes-objects.ts';
import { labelKeys, shardLabels } from './labels.ts';
import { metadataOf } from './metadata.ts';
import type { Owner } from './owner-references.ts';

/** Key of the ConfigMap, and name of the file in the pod. */
export const assignmentKey = 'assignment.json';

/** The ConfigMap that holds a shard's assignment: the plan itself, from which the operator goes on after a restart. */
export function assignmentConfigMap(
  pool: string,
  assignment: Assignment,
  owners: readonly Owner[],
  namespace: string,
): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadataOf(assignment.shard, namespace, shardLabels(pool, assignment.shard), owners),
    data: { [assignmentKey]: JSON.stringify(assignment) },
  };
}

/** What is read of a ConfigMap that should hold an assignment; anybody may have written it. */
export interface FoundConfigMap {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly data?: Readonly<Record<string, string>>;
}

/**
 * The assignment in a ConfigMap, with the pool of its shard.
 * @throws Error naming the ConfigMap and what is wrong with it; never what stands in it
 */
export function readAssignmentConfigMap({ metadata, data }: FoundConfigMap): {
  pool: string;
  assignment: Assignment;
} {
  const wrong = (problem: string, cause?: unknown) =>
    new Error(`ConfigMap ${metadata.name}: ${problem}`, { cause });
  const pool = metadata.labels?.[labelKeys.pool];
  if (!pool) throw wrong(`has no label ${labelKeys.pool}`);
  const text = data?.[assignmentKey];
  if (text === undefined) throw wrong(`has no key ${assignmentKey}`);
  let assignment: Assignment;
  try {
    assignment = parseAssignment(parsedJson(text));
  } catch (error) {
    throw wrong(`${assignmentKey}: ${(error as Error).message}`, error);
  }
  if (assignment.shard !== metadata.name) throw wrong(`holds the assignment of ${assignment.shard}`);
  return { pool, assignment };
}

/** The parser's own message would quote the document. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('is not JSON');
  }
}
