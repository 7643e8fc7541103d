import {
  type Assignment,
  type MonitorSettings,
  type ResultsTarget,
  type SecretKey,
  type StreamAssignment,
  shardApiVersion,
  type WebhookTarget,
} from '../../crds/assignment.ts';
import { resolveDetectors } from '../../crds/detector-settings.ts';
import type { SecretReference, StreamMonitor, StreamSpec } from '../../crds/stream-monitor.ts';
import { monitorKey } from './demand.ts';
import type { Placement, Plan } from './pool-plan.ts';

/** What the installation adds to every assignment. */
export interface Installation {
  /** Labels metrics, results and events. */
  readonly region?: string;
  /** Folder for the results of StreamMonitors that name no bucket. */
  readonly resultsDirectory?: string;
}

/** The assignment document of each shard of a plan; `monitors` are those that the plan was made for. */
export function assignmentsOf(
  plan: Plan,
  monitors: readonly StreamMonitor[],
  installation: Installation,
): Assignment[] {
  const byKey = new Map(monitors.map((monitor) => [monitorKey(monitor), monitor]));
  return Object.entries(plan.shards).map(([shard, placements]) => {
    const keys = [...new Set(placements.map(({ monitor }) => monitor))].sort();
    return {
      apiVersion: shardApiVersion,
      kind: 'Assignment',
      shard,
      generation: plan.generation,
      ...(installation.region !== undefined && { region: installation.region }),
      monitors: Object.fromEntries(keys.map((key) => [key, monitorSettings(byKey.get(key)!, installation)])),
      streams: placements.map((placement) => streamAssignment(placement, byKey.get(placement.monitor)!)),
    };
  });
}

/** The plan that assignment documents hold: what ran before a restart of the planner. Costs are not in them. */
export function planOf(assignments: readonly Assignment[]): Plan {
  const generation = Math.max(0, ...assignments.map((assignment) => assignment.generation));
  const shards = assignments.map(({ shard, streams }): [string, Placement[]] => [
    shard,
    streams.map(({ monitor, name, detectors }) => ({
      monitor,
      name,
      detectors: detectors.toSorted(),
      cost: 0,
    })),
  ]);
  return { generation, shards: Object.fromEntries(shards), shed: [] };
}

function monitorSettings({ metadata, spec }: StreamMonitor, installation: Installation): MonitorSettings {
  const results = resultsTarget(spec.results, installation.resultsDirectory);
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    detectors: resolveDetectors(spec.detectors) as MonitorSettings['detectors'],
    notifications: spec.notifications.map(({ webhook }) => ({ webhook: webhookTarget(webhook) })),
    ...(results && { results }),
  };
}

function webhookTarget(webhook: StreamMonitor['spec']['notifications'][number]['webhook']): WebhookTarget {
  return {
    ...(webhook.url !== undefined && { url: webhook.url }),
    ...secret('urlFrom', webhook.urlFrom),
    ...secret('secretFrom', webhook.secretFrom),
    ...secret('headersFrom', webhook.headersFrom),
  };
}

function resultsTarget(
  results: StreamMonitor['spec']['results'],
  directory: string | undefined,
): ResultsTarget | undefined {
  if (!results) return directory === undefined ? undefined : { directory };
  const { credentialsFrom, ...s3 } = results.s3;
  return { s3: { ...s3, ...secret('credentialsFrom', credentialsFrom) } };
}

function streamAssignment(placement: Placement, monitor: StreamMonitor): StreamAssignment {
  const stream = monitor.spec.streams.find(({ name }) => name === placement.name)!;
  return {
    monitor: placement.monitor,
    name: stream.name,
    ...(stream.url !== undefined && { url: stream.url }),
    ...secret('urlFrom', stream.urlFrom),
    ...secret('headersFrom', stream.headersFrom),
    rendition: renditionOf(stream),
    priority: stream.priority,
    detectors: [...placement.detectors],
    role: 'owner',
  };
}

function renditionOf({ rendition }: StreamSpec): StreamAssignment['rendition'] {
  return rendition.maxHeight === undefined ? rendition.select : { maxHeight: rendition.maxHeight };
}

function secret<K extends string>(name: K, reference: SecretReference | undefined): { [P in K]?: SecretKey } {
  return (reference ? { [name]: reference.secretKeyRef } : {}) as { [P in K]?: SecretKey };
}
