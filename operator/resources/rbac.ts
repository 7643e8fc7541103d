import type { V1PolicyRule } from '@kubernetes/client-node';
import { streamMonitorApiVersion } from '../../crds/stream-monitor.ts';
import type { Metadata, Role, RoleBinding, ServiceAccount } from './kubernetes-objects.ts';
import { labelKeys } from './labels.ts';

/** Where the operator runs, and what it may see. */
export interface OperatorAccess {
  /** Name of its account, roles and bindings. */
  readonly name: string;
  /** Namespace that it runs in, and where its Lease is. */
  readonly namespace: string;
  readonly lease: string;
  /** Namespaces whose StreamMonitors it serves; all of the cluster when absent. */
  readonly watched?: readonly string[];
}

// All is read from copies. Of a StreamMonitor alone the server itself is asked, whether it is really gone.
const reading = ['list', 'watch'];
// Server-side apply is a patch, and where the object is new a create too.
const applying = [...reading, 'create', 'patch', 'delete'];

/**
 * What the operator may do where it serves StreamMonitors: nothing with Secrets, nothing by wildcard.
 * @param namespaced whether it serves some namespaces only; Nodes belong to none of them
 */
export function operatorRules({ namespaced }: { readonly namespaced: boolean }): V1PolicyRule[] {
  const [group] = streamMonitorApiVersion.split('/') as [string];
  return [
    { apiGroups: [group], resources: ['streammonitors'], verbs: ['get', ...reading] },
    { apiGroups: [group], resources: ['streammonitors/status'], verbs: ['patch'] },
    // Assignments, replaced by the version that was read; lists of streams.
    { apiGroups: [''], resources: ['configmaps'], verbs: [...reading, 'create', 'update', 'delete'] },
    { apiGroups: [''], resources: ['pods'], verbs: [...reading, 'patch'] },
    { apiGroups: ['apps'], resources: ['deployments'], verbs: applying },
    { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: applying },
    { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: applying },
    { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
    ...(namespaced ? [] : [{ apiGroups: [''], resources: ['nodes'], verbs: reading }]),
  ];
}

/** What the operator may do in its own namespace, to know whether it is the one that leads. */
export function electionRules(lease: string): V1PolicyRule[] {
  const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] };
  return [
    // No object has a name yet when the right to create it is checked.
    { ...leases, verbs: ['create'] },
    { ...leases, resourceNames: [lease], verbs: ['get', 'update'] },
  ];
}

/** The operator's account with all that it needs, and no more. */
export function operatorAccess(access: OperatorAccess): (ServiceAccount | Role | RoleBinding)[] {
  const { name, namespace, lease, watched } = access;
  const account: ServiceAccount = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: metadata(name, namespace),
  };
  const serving =
    watched === undefined
      ? grant(access, operatorRules({ namespaced: false }), name)
      : watched.flatMap((served) => grant(access, operatorRules({ namespaced: true }), name, served));
  return [account, ...serving, ...grant(access, electionRules(lease), `${name}-election`, namespace)];
}

/** A role and its binding to the operator's account: in one namespace, or of the cluster without. */
function grant(
  access: OperatorAccess,
  rules: V1PolicyRule[],
  name: string,
  namespace?: string,
): [Role, RoleBinding] {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const [roleKind, bindingKind] =
    namespace === undefined
      ? (['ClusterRole', 'ClusterRoleBinding'] as const)
      : (['Role', 'RoleBinding'] as const);
  return [
    { apiVersion, kind: roleKind, metadata: metadata(name, namespace), rules },
    {
      apiVersion,
      kind: bindingKind,
      metadata: metadata(name, namespace),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: roleKind, name },
      subjects: [{ kind: 'ServiceAccount', name: access.name, namespace: access.namespace }],
    },
  ];
}

function metadata(name: string, namespace?: string): Metadata {
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    labels: { [labelKeys.name]: 'streammonitor', [labelKeys.component]: 'operator' },
  };
}
