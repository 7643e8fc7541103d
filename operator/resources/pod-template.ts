import type {
  V1Container,
  V1PodSpec,
  V1PodTemplateSpec,
  V1Toleration,
  V1TopologySpreadConstraint,
  V1Volume,
} from '@kubernetes/client-node';
import { bytesQuantity } from '../../crds/quantity.ts';
import { assignmentKey } from './assignment-config-map.ts';
import { poolSelector, shardLabels } from './labels.ts';
import type { PodInstallation } from './pod-installation.ts';
import type { PodPool } from './pod-pool.ts';
import { podResources } from './pod-resources.ts';

/** Port of metrics, probes, report and page. */
export const monitorPort = 8080;

const paths = {
  assignment: '/etc/streammonitor/assignment',
  secrets: '/etc/streammonitor/secrets',
  modules: '/etc/streammonitor/modules',
  state: '/var/lib/streammonitor',
  // Where Node and ffmpeg put their sockets.
  temporary: '/tmp',
};

const megabyte = 1024 * 1024;
/** Beside the spool: evidence (100 MB), journals of results, open incidents. */
const stateReserve = 256 * megabyte;

/** The pod of a shard: the same for every shard of a pool, but for the shard's name. */
export function podTemplate(pool: PodPool, shard: string, installation: PodInstallation): V1PodTemplateSpec {
  const { annotations, labels } = pool.podTemplate;
  return {
    metadata: {
      labels: { ...labels, ...shardLabels(pool.id, shard) },
      annotations: {
        'kubectl.kubernetes.io/default-container': 'monitor',
        'prometheus.io/scrape': 'true',
        'prometheus.io/port': String(monitorPort),
        'prometheus.io/path': '/metrics',
        ...annotations,
      },
    },
    spec: podSpec(pool, shard, installation),
  };
}

function podSpec(pool: PodPool, shard: string, installation: PodInstallation): V1PodSpec {
  const { nodeSelector = {}, tolerations = [], priorityClassName, serviceAccountName } = pool.podTemplate;
  const constraints = spreadConstraints(pool);
  const { user, imagePullSecrets } = installation;
  return {
    containers: [container(pool, installation)],
    volumes: volumes(pool, shard, installation),
    // A monitor reads hostile media: it holds nothing with which to go on from there.
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      ...(user && { runAsUser: user.uid, runAsGroup: user.gid, fsGroup: user.gid }),
      seccompProfile: { type: 'RuntimeDefault' },
    },
    // Deliveries get 5 s when a monitor ends, after its streams were closed.
    terminationGracePeriodSeconds: 30,
    ...(serviceAccountName !== undefined && { serviceAccountName }),
    ...(imagePullSecrets.length > 0 && { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }),
    ...(priorityClassName !== undefined && { priorityClassName }),
    // The API server keeps nothing that is empty, so neither do we: the pod is to compare equal.
    ...(Object.keys(nodeSelector).length > 0 && { nodeSelector }),
    ...(tolerations.length > 0 && { tolerations: tolerations.map(withoutEmptyValue) }),
    ...(constraints.length > 0 && { topologySpreadConstraints: constraints }),
  };
}

function withoutEmptyValue({ value, ...toleration }: V1Toleration): V1Toleration {
  return value ? { ...toleration, value } : toleration;
}

/** Over nodes, so that the loss of one is the loss of few shards; where the user says nothing, if possible only. */
function spreadConstraints({ id, podTemplate }: PodPool): V1TopologySpreadConstraint[] {
  const overNodes = {
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'ScheduleAnyway',
  };
  const constraints = podTemplate.topologySpreadConstraints ?? [overNodes];
  return constraints.map((constraint) => ({ ...constraint, labelSelector: poolSelector(id) }));
}

function container(pool: PodPool, installation: PodInstallation): V1Container {
  const port = 'http';
  return {
    name: 'monitor',
    image: installation.image,
    imagePullPolicy: installation.imagePullPolicy,
    args: monitorArguments(pool, installation),
    ports: [{ name: port, containerPort: monitorPort, protocol: 'TCP' }],
    resources: podResources(pool.podTemplate.resources, installation),
    startupProbe: { httpGet: { path: '/healthz', port }, periodSeconds: 1, failureThreshold: 60 },
    // As patient as the embedded host is with a process of its own.
    livenessProbe: {
      httpGet: { path: '/healthz', port },
      periodSeconds: 5,
      timeoutSeconds: 5,
      failureThreshold: 6,
    },
    readinessProbe: {
      httpGet: { path: '/readyz', port },
      periodSeconds: 5,
      timeoutSeconds: 5,
      failureThreshold: 3,
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      // Never a single key (subPath): the kubelet would not refresh it.
      { name: 'assignment', mountPath: paths.assignment, readOnly: true },
      { name: 'state', mountPath: paths.state },
      { name: 'temporary', mountPath: paths.temporary },
      ...pool.secrets.map((secret, index) => ({
        name: secretVolume(index),
        mountPath: `${paths.secrets}/${secret}`,
        readOnly: true,
      })),
      ...pool.modules.map((module, index) => ({
        name: moduleVolume(index),
        mountPath: `${paths.modules}/${module}`,
        readOnly: true,
      })),
    ],
  };
}

function monitorArguments({ secrets, modules }: PodPool, installation: PodInstallation): string[] {
  return [
    'monitor',
    `--assignment=${paths.assignment}/${assignmentKey}`,
    `--state=${paths.state}`,
    `--listen=:${monitorPort}`,
    `--spool-megabytes=${Math.max(1, Math.floor(installation.spoolBytes / megabyte))}`,
    `--log-level=${installation.logLevel}`,
    ...(secrets.length > 0 ? [`--secrets=${paths.secrets}`] : []),
    ...(modules.length > 0 ? [`--modules=${paths.modules}`] : []),
    ...installation.allowedRanges.map((range) => `--allow-range=${range}`),
  ];
}

function volumes(
  { secrets, modules }: PodPool,
  shard: string,
  { spoolBytes, user }: PodInstallation,
): V1Volume[] {
  return [
    { name: 'assignment', configMap: { name: shard } },
    { name: 'state', emptyDir: { sizeLimit: bytesQuantity(2 * spoolBytes + stateReserve) } },
    { name: 'temporary', emptyDir: { sizeLimit: '64Mi' } },
    ...secrets.map((secretName, index) => ({
      name: secretVolume(index),
      // A Secret that is not there yet must not keep the streams that need none of it from being watched.
      secret: { secretName, optional: true, defaultMode: user ? 0o440 : 0o444 },
    })),
    ...modules.map((name, index) => ({
      name: moduleVolume(index),
      // The other detectors do without it.
      configMap: { name, optional: true, defaultMode: 0o444 },
    })),
  ];
}

/** A Secret's name can be longer than that of a volume. */
function secretVolume(index: number): string {
  return `secret-${index}`;
}

function moduleVolume(index: number): string {
  return `module-${index}`;
}
