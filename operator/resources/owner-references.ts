import { streamMonitorApiVersion } from '../../crds/stream-monitor.ts';
import type { OwnerReference } from './kubernetes-objects.ts';

/** A StreamMonitor that an object is there for. */
export interface Owner {
  readonly name: string;
  readonly uid: string;
}

/**
 * Most owners that an object names: with some 180 bytes each, thousands of StreamMonitors that share a pool would make
 * its objects larger than the API server takes (etcd: 1.5 MiB a request). Should all that are named go at once while
 * others stay, the object is collected with them, and written again.
 */
const mostOwners = 500;

/**
 * The owners of an object, in the order of their names. Once all are gone the API server's garbage collector deletes
 * it, with the operator or without. None is the controller: several StreamMonitors can share a shard; and none blocks
 * the deletion of its StreamMonitor, which would need rights on its finalizers.
 */
export function ownerReferences(owners: readonly Owner[]): OwnerReference[] {
  return owners
    .map(({ name, uid }) => ({ apiVersion: streamMonitorApiVersion, kind: 'StreamMonitor', name, uid }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.uid < b.uid ? -1 : 1))
    .slice(0, mostOwners);
}
