import { readFileSync } from 'node:fs';
import ipaddr from 'ipaddr.js';
import { parse } from 'yaml';
import { z } from 'zod';
import { durationPattern, durationSeconds } from '../../crds/duration.ts';
import { quantity, quantityValue } from '../../crds/quantity.ts';
import { ValidationError, validate } from '../../crds/validation-error.ts';
import { defaultPolicy, type PoolPolicy } from '../planner/pool-policy.ts';
import type { NetworkPeer } from '../resources/kubernetes-objects.ts';
import { type PodInstallation, specialRanges } from '../resources/pod-installation.ts';
import type { HealthPolicy } from '../shards/shard-health.ts';

const seconds = () =>
  z
    .string()
    .regex(durationPattern, { error: 'must be a duration with a unit, such as 30s or 10m' })
    .transform(durationSeconds);
const cores = (minimum: string) => quantity(minimum, '256').transform(quantityValue);
const bytes = () => quantity('64Mi', '4Ti').transform(quantityValue);
const ranges = () =>
  z.array(
    z
      .string()
      .refine((text) => ipaddr.isValidCIDR(text), { error: 'must be in CIDR form, such as 10.1.0.0/16' }),
  );
/** Peers as in a NetworkPolicy. */
const peers = () => z.array(z.record(z.string(), z.unknown()));
const count = () => z.number().int().min(1);

const shards = z.strictObject({
  /** CPU and memory of one shard's pod. */
  cpu: cores('100m').prefault('2'),
  memory: bytes().prefault('3Gi'),
  streams: count().default(defaultPolicy.streamsPerShard),
  max: count().default(defaultPolicy.maxShards),
  warmHeadroom: cores('0').prefault('0'),
  movesInFlight: count().default(defaultPolicy.movesInFlight),
  movesPerMinute: count().default(defaultPolicy.movesPerMinute),
  coolDown: seconds().prefault('10m'),
  hysteresis: z.number().min(0).max(0.5).default(defaultPolicy.hysteresis),
  grace: seconds().prefault('45s'),
  startTimeout: seconds().prefault('5m'),
  warmTimeout: seconds().prefault('2m'),
  drainTimeout: seconds().prefault('1h'),
});

const monitor = z.strictObject({
  logLevel: z.enum(['fatal', 'error', 'warn', 'info', 'debug']).default('info'),
  spool: bytes().prefault('512Mi'),
  user: z.strictObject({ uid: count(), gid: count() }).default({ uid: 10001, gid: 10001 }),
  allowedRanges: ranges().default([]),
  egress: z
    .strictObject({
      enabled: z.boolean().default(true),
      allow: ranges().default([]),
      deny: ranges().default([...specialRanges]),
      dns: z.boolean().default(true),
      resolvers: peers().default([]),
    })
    .prefault({}),
  /** Such as Prometheus, beside the operator's own namespace. */
  ingressFrom: peers().default([]),
});

const configuration = z.strictObject({
  image: z.string().min(1).optional(),
  imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent'),
  imagePullSecrets: z.array(z.string()).default([]),
  region: z.string().min(1).max(63).optional(),
  shards: shards.prefault({}),
  monitor: monitor.prefault({}),
  /** Calls of the API server per second, in the long run and at once. */
  api: z.strictObject({ qps: count().default(50), burst: count().default(100) }).prefault({}),
});

/** What the operator is told about the installation: by its file, else by defaults. */
export type OperatorConfig = z.output<typeof configuration>;

/**
 * Reads the operator's configuration.
 * @param path YAML file; defaults alone when left out
 * @throws Error naming each wrong field, with the fix
 */
export function readOperatorConfig(path: string | undefined): OperatorConfig {
  const document: unknown = path === undefined ? {} : (parsedYaml(path) ?? {});
  try {
    return validate(configuration, document);
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    throw new Error(error.errors.map((field) => `${path}: ${field.path} ${field.message}`).join('\n'));
  }
}

function parsedYaml(path: string): unknown {
  const text = readFileSync(path, 'utf8');
  try {
    return parse(text);
  } catch (error) {
    throw new Error(`${path}: not valid YAML: ${(error as Error).message}`, { cause: error });
  }
}

/** What a pool may use; its capacity is that of its pods. */
export function poolPolicyOf({ shards }: OperatorConfig): PoolPolicy {
  return {
    ...defaultPolicy,
    shardCapacity: Math.round(shards.cpu * 1000),
    streamsPerShard: shards.streams,
    maxShards: shards.max,
    warmHeadroom: Math.round(shards.warmHeadroom * 1000),
    movesInFlight: shards.movesInFlight,
    movesPerMinute: shards.movesPerMinute,
    coolDown: shards.coolDown,
    hysteresis: shards.hysteresis,
    warmTimeout: shards.warmTimeout,
  };
}

export function healthPolicyOf({ shards: { grace, startTimeout } }: OperatorConfig): HealthPolicy {
  return { grace, startTimeout };
}

/** What all monitor pods have in common. */
export function podInstallationOf(
  config: OperatorConfig,
  {
    image,
    nodesVisible,
    namespace,
  }: { readonly image: string; readonly nodesVisible: boolean; readonly namespace: string | undefined },
): PodInstallation {
  const { shards, monitor, imagePullPolicy, imagePullSecrets } = config;
  return {
    image: config.image ?? image,
    imagePullPolicy,
    imagePullSecrets,
    logLevel: monitor.logLevel,
    cpu: Math.round(shards.cpu * 1000),
    memory: shards.memory,
    spoolBytes: monitor.spool,
    user: monitor.user,
    allowedRanges: monitor.allowedRanges,
    egress: monitor.egress,
    ingressFrom: [...operatorPeers(namespace), ...monitor.ingressFrom],
    nodesVisible,
  };
}

/** @param namespace of the operator; outside of the cluster it can have any address */
function operatorPeers(namespace: string | undefined): NetworkPeer[] {
  if (namespace === undefined) return [{ namespaceSelector: {} }];
  return [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } }];
}
