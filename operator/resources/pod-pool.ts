import { createHash } from 'node:crypto';
import { moduleNamesOf } from '../../crds/custom-detectors.ts';
import { quantityValue } from '../../crds/quantity.ts';
import type { StreamMonitor } from '../../crds/stream-monitor.ts';
import type { PodInstallation } from './pod-installation.ts';
import { podTemplate } from './pod-template.ts';

/** What a user may say of pods. */
export type UserPodTemplate = NonNullable<StreamMonitor['spec']['podTemplate']>;

/** Shards whose pods look the same: streams move freely between them. */
export interface PodPool {
  /** `smon-` and ten hexadecimal digits: another pod is another id, so a shard's pod never changes. */
  readonly id: string;
  readonly namespace: string;
  /** Names of the mounted Secrets, sorted. */
  readonly secrets: readonly string[];
  /** Names of the mounted modules, sorted. */
  readonly modules: readonly string[];
  readonly podTemplate: UserPodTemplate;
  /** The one StreamMonitor that it is for, with `isolation: Dedicated`. */
  readonly monitor?: string;
  /** CPU that each of its pods is sure to get, in ms per second: what one shard is given in work. */
  readonly cpu: number;
}

/**
 * The pool whose pods can watch a StreamMonitor's streams. The same pods give the same id; anything that changes the
 * pods gives another, be it the StreamMonitor, the installation, or the operator's version.
 * @param secrets names of the Secrets that its streams, notifications and results need
 */
export function podPoolOf(
  monitor: StreamMonitor,
  secrets: readonly string[],
  installation: PodInstallation,
): PodPool {
  const { metadata, spec } = monitor;
  const template = spec.podTemplate ?? {};
  const pool = {
    id: '',
    namespace: metadata.namespace,
    secrets: [...new Set(secrets)].sort(),
    modules: moduleNamesOf(spec.detectors.custom),
    podTemplate: template,
    ...(spec.sharding?.isolation === 'Dedicated' && { monitor: metadata.name }),
    cpu: cpuOf(template, installation),
  };
  const identity = [pool.namespace, pool.monitor ?? '', podTemplate(pool, '', installation)];
  return { ...pool, id: `smon-${digest(identity)}` };
}

function cpuOf({ resources }: UserPodTemplate, installation: PodInstallation): number {
  const asked = resources?.requests?.cpu ?? resources?.limits?.cpu;
  return asked === undefined ? installation.cpu : Math.round(quantityValue(asked) * 1000);
}

function digest(value: unknown): string {
  const text = JSON.stringify(value, (_, part: unknown) => (isObject(part) ? inKeyOrder(part) : part));
  return createHash('sha256').update(text).digest('hex').slice(0, 10);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function inKeyOrder(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}
