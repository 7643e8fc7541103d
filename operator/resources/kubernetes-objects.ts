import type {
  V1ConfigMap,
  V1DeploymentSpec,
  V1LabelSelector,
  V1PodDisruptionBudgetSpec,
  V1PolicyRule,
  V1RoleRef,
} from '@kubernetes/client-node';

/** One owner of an object, as the API server keeps it. */
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
}

/** What the operator writes of an object's metadata. */
export interface Metadata {
  name: string;
  namespace?: string;
  labels: Record<string, string>;
  ownerReferences?: OwnerReference[];
}

export interface ConfigMap {
  apiVersion: 'v1';
  kind: 'ConfigMap';
  metadata: Metadata;
  data: NonNullable<V1ConfigMap['data']>;
}

export interface Deployment {
  apiVersion: 'apps/v1';
  kind: 'Deployment';
  metadata: Metadata;
  spec: V1DeploymentSpec;
}

export interface PodDisruptionBudget {
  apiVersion: 'policy/v1';
  kind: 'PodDisruptionBudget';
  metadata: Metadata;
  spec: V1PodDisruptionBudgetSpec;
}

export interface NetworkPeer {
  ipBlock?: { cidr: string; except?: string[] };
  namespaceSelector?: V1LabelSelector;
  podSelector?: V1LabelSelector;
}

interface NetworkPort {
  protocol: 'TCP' | 'UDP';
  port: number | string;
}

/** As JSON: the client's own class calls `from` something else. */
export interface NetworkPolicy {
  apiVersion: 'networking.k8s.io/v1';
  kind: 'NetworkPolicy';
  metadata: Metadata;
  spec: {
    podSelector: V1LabelSelector;
    policyTypes: ('Ingress' | 'Egress')[];
    ingress?: { from?: NetworkPeer[]; ports?: NetworkPort[] }[];
    egress?: { to?: NetworkPeer[]; ports?: NetworkPort[] }[];
  };
}

export interface ServiceAccount {
  apiVersion: 'v1';
  kind: 'ServiceAccount';
  metadata: Metadata;
}

export interface Role {
  apiVersion: 'rbac.authorization.k8s.io/v1';
  kind: 'ClusterRole' | 'Role';
  metadata: Metadata;
  rules: V1PolicyRule[];
}

export interface RoleBinding {
  apiVersion: 'rbac.authorization.k8s.io/v1';
  kind: 'ClusterRoleBinding' | 'RoleBinding';
  metadata: Metadata;
  roleRef: V1RoleRef;
  subjects: { kind: 'ServiceAccount'; name: string; namespace: string }[];
}
