import { streamMonitorApiVersion } from '../../crds/stream-monitor.ts';
import type { OwnerReference } from './kubernetes-objects.ts';

/** A StreamMonitor that an object is there for. */
export interface Owner {
  readonly name: string;
  readonly uid: string;
}

/**
 * The owners of an object, in the order of their names. Once all are gone the API server's garbage collector deletes
 * it, with the operator or without. None is the controller: several StreamMonitors can share a shard; and none blocks
 * the deletion of its StreamMonitor, which would need rights on its finalizers.
 */
export function ownerReferences(owners: readonly Owner[]): OwnerReference[] {
  return owners
    .map(({ name, uid }) => ({ apiVersion: streamMonitorApiVersion, kind: 'StreamMonitor', name, uid }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.uid < b.uid ? -1 : 1));
}
