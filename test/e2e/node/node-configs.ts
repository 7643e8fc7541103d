import type { CertificateFiles } from '../../integration/cluster/certificates.ts';
import { machineLayout, type NodeLayout, nodeLayouts } from './node-layout.ts';

/** https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1 */
export function kubeletConfig(node: NodeLayout, authority: string, serving: CertificateFiles): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: node.address,
    readOnlyPort: 0,
    healthzPort: 0,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: authority },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: serving.certificate,
    tlsPrivateKeyFile: serving.key,
    containerRuntimeEndpoint: `unix://${node.socket}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${node.controlGroup}`,
    // The machine may be one that has neither version 2 of cgroups nor the right to lower a score.
    failCgroupV1: false,
    oomScoreAdj: 0,
    failSwapOn: false,
    clusterDomain: 'cluster.local',
    clusterDNS: [machineLayout.address],
    resolvConf: '',
    podLogsDir: node.podLogs,
    volumePluginDir: `${node.kubelet}/plugins-exec`,
    // Images come from no registry: one that is collected as garbage could not be fetched again.
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    shutdownGracePeriod: '0s',
  };
}

/**
 * One for all nodes, since they share the rules of one kernel.
 * https://kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1
 */
export function proxyConfig(kubeconfig: string): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    iptables: { minSyncPeriod: '100ms' },
    clientConnection: { kubeconfig },
    clusterCIDR: machineLayout.podRange,
    hostnameOverride: nodeLayouts[0]!.name,
    bindAddress: machineLayout.address,
    nodePortAddresses: [`${machineLayout.address}/32`],
    healthzBindAddress: `${machineLayout.address}:10256`,
    metricsBindAddress: '127.0.0.1:10249',
    oomScoreAdj: 0,
    // Limits of the machine stay as they are.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
}

/** Names of the cluster; names of the world do not exist. */
export function corefile(kubeconfig: string): string {
  return `cluster.local 10.in-addr.arpa {
  bind ${machineLayout.address}
  errors
  kubernetes {
    kubeconfig ${kubeconfig}
  }
}
. {
  bind ${machineLayout.address}
  template ANY ANY {
    rcode NXDOMAIN
  }
}
`;
}

/** What CoreDNS reads of the cluster. */
export const resolverAccess = [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'system:coredns' },
    rules: [
      { apiGroups: [''], resources: ['services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'system:coredns' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:coredns' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'system:coredns' }],
  },
];
