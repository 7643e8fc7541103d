import type { Metadata } from './kubernetes-objects.ts';
import { type Owner, ownerReferences } from './owner-references.ts';

/** Metadata of an object that is there for some StreamMonitors. */
export function metadataOf(
  name: string,
  namespace: string,
  labels: Record<string, string>,
  owners: readonly Owner[],
): Metadata {
  return {
    name,
    namespace,
    labels,
    // The API server keeps no empty list, which would look like a difference for ever.
    ...(owners.length > 0 && { ownerReferences: ownerReferences(owners) }),
  };
}
