import { parseStreamMonitor, type StreamMonitor } from '../../../crds/stream-monitor.ts';
import { type PodInstallation, specialRanges } from '../../../operator/resources/pod-installation.ts';

/** An installation as its defaults make it, cluster-wide. */
export const installation: PodInstallation = {
  image: 'ghcr.io/streammonitor/streammonitor:0.1.0',
  imagePullPolicy: 'IfNotPresent',
  imagePullSecrets: [],
  logLevel: 'info',
  cpu: 2000,
  memory: 2 * 1024 ** 3,
  spoolBytes: 512 * 1024 ** 2,
  user: { uid: 10001, gid: 10001 },
  allowedRanges: [],
  egress: { enabled: true, allow: [], deny: specialRanges, dns: true, resolvers: [] },
  ingressFrom: [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'streammonitor' } },
      podSelector: { matchLabels: { 'app.kubernetes.io/component': 'operator' } },
    },
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } },
      podSelector: { matchLabels: { 'app.kubernetes.io/name': 'prometheus' } },
    },
  ],
  nodesVisible: true,
};

/** One that may see one namespace only, and whose origin has private addresses. */
export const namespacedInstallation: PodInstallation = {
  ...installation,
  image:
    'registry.example/streammonitor@sha256:0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0',
  imagePullSecrets: ['registry-login'],
  allowedRanges: ['10.20.0.0/16', 'fd12:3456:789a::/48'],
  egress: { ...installation.egress, allow: ['10.96.30.7/32'] },
  ingressFrom: [{ podSelector: { matchLabels: { 'app.kubernetes.io/component': 'operator' } } }],
  nodesVisible: false,
};

const { user: _, ...anybody } = installation;
/** One that names no user, lets nobody in, and has no wall around what goes out. */
export const closedInstallation: PodInstallation = {
  ...anybody,
  egress: { ...installation.egress, enabled: false },
  ingressFrom: [],
};

/** A StreamMonitor with one stream and whatever else `spec` says. */
export function streamMonitor(spec: object = {}, name = 'sports'): StreamMonitor {
  const streams = [{ name: 'channel-1', url: 'https://origin.example/ch1/master.m3u8' }];
  return parseStreamMonitor({
    apiVersion: 'streammonitor.dev/v1alpha1',
    kind: 'StreamMonitor',
    metadata: { name, namespace: 'live' },
    spec: { streams, ...spec },
  });
}

/** All that `spec.podTemplate` can say. */
export const wholePodTemplate = {
  annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' },
  labels: { team: 'sports', 'cost-centre': '4711' },
  nodeSelector: { 'node.example/pool': 'video' },
  tolerations: [
    { key: 'dedicated', operator: 'Equal', value: 'video', effect: 'NoSchedule' },
    { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 },
  ],
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'DoNotSchedule' },
  ],
  priorityClassName: 'live-video',
  serviceAccountName: 'results-writer',
  resources: { requests: { cpu: 4, memory: '3Gi' }, limits: { cpu: 6, memory: '4Gi' } },
};
