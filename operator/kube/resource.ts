/** A kind of object that the API server serves, as its REST paths name it. */
export interface Resource {
  /** '' is the core group. */
  readonly group: string;
  readonly version: string;
  /** Lower-case plural, the name in paths and in RBAC rules. */
  readonly plural: string;
  readonly namespaced: boolean;
  readonly kind: string;
}

/** Who owns an object: it is garbage-collected when its last owner is gone. */
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** The metadata that every object has; what the server adds is optional. Times are RFC 3339 text. */
export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  deletionTimestamp?: string;
  creationTimestamp?: string;
}

/** An object as the server's JSON has it; kinds extend this with their fields. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
}

export const configMaps: Resource = core('configmaps', 'ConfigMap');
export const pods: Resource = core('pods', 'Pod');
export const nodes: Resource = { ...core('nodes', 'Node'), namespaced: false };
export const deployments: Resource = namespaced('apps', 'v1', 'deployments', 'Deployment');
export const podDisruptionBudgets: Resource = namespaced(
  'policy',
  'v1',
  'poddisruptionbudgets',
  'PodDisruptionBudget',
);
export const networkPolicies: Resource = namespaced(
  'networking.k8s.io',
  'v1',
  'networkpolicies',
  'NetworkPolicy',
);
export const leases: Resource = namespaced('coordination.k8s.io', 'v1', 'leases', 'Lease');
export const events: Resource = namespaced('events.k8s.io', 'v1', 'events', 'Event');

/** `v1` or `group/version`, as objects of the resource carry it. */
export function apiVersionOf(resource: Resource): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** Key of an object among those of its kind: `namespace/name`, or the name where there is no namespace. */
export function objectKey(namespace: string | undefined, name: string): string {
  return namespace ? `${namespace}/${name}` : name;
}

/**
 * Path of a collection or of one object.
 * @param namespace left out for objects without one and for collections of all namespaces
 */
export function resourcePath(
  resource: Resource,
  namespace?: string,
  name?: string,
  subresource?: string,
): string {
  const parts = resource.group === '' ? ['api'] : ['apis', resource.group];
  parts.push(resource.version);
  if (resource.namespaced && namespace) parts.push('namespaces', namespace);
  parts.push(resource.plural);
  if (name !== undefined) parts.push(name);
  if (subresource !== undefined) parts.push(subresource);
  return `/${parts.map(encodeURIComponent).join('/')}`;
}

function core(plural: string, kind: string): Resource {
  return namespaced('', 'v1', plural, kind);
}

function namespaced(group: string, version: string, plural: string, kind: string): Resource {
  return { group, version, plural, namespaced: true, kind };
}
