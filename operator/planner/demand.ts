import type {
  ExpectSettings,
  MonitorSettings,
  ResultsTarget,
  SecretKey,
  WebhookTarget,
} from '../../crds/assignment.ts';
import { resolveDetectors } from '../../crds/detector-settings.ts';
import { durationSeconds } from '../../crds/duration.ts';
import type { SecretReference, StreamMonitor, StreamSpec } from '../../crds/stream-monitor.ts';
import type { Installation } from './assignments.ts';
import { expectedVideo } from './cost.ts';
import {
  type DesiredMonitor,
  type DesiredStream,
  documentBytes,
  type StreamEntry,
} from './desired-monitor.ts';
import { isWatchTime } from './watch-window.ts';

/** How a StreamMonitor is called in plans and assignments: `namespace/name`. */
export function monitorKey({ metadata }: StreamMonitor): string {
  return `${metadata.namespace}/${metadata.name}`;
}

/**
 * What a StreamMonitor asks to be watched now: none of its streams while it is suspended, none outside its window.
 * @param streams its own and those of its lists
 * @param pool whose shards watch them
 * @param now ms since 1970
 */
export function desiredMonitor(
  monitor: StreamMonitor,
  streams: readonly StreamSpec[],
  pool: string,
  installation: Installation,
  now: number,
): DesiredMonitor {
  const { spec, metadata } = monitor;
  const key = monitorKey(monitor);
  const detectors = resolveDetectors(spec.detectors);
  const enabled = Object.keys(detectors).sort();
  const subsets = spec.sharding?.subsets && subsetsOf(enabled, spec.sharding.subsets);
  const results = resultsTarget(spec.results, installation.resultsDirectory);
  const settings: MonitorSettings = {
    namespace: metadata.namespace,
    name: metadata.name,
    detectors: detectors as MonitorSettings['detectors'],
    notifications: spec.notifications.map(({ webhook }) => ({ webhook: webhookTarget(webhook) })),
    ...(results && { results }),
  };
  const wanted = spec.suspend ? [] : streams.filter(({ window }) => isWatchTime(window, now));
  return {
    key,
    settings,
    streams: wanted.map((stream): DesiredStream => {
      const entry = entryOf(key, stream);
      return {
        entry,
        demand: {
          monitor: key,
          name: stream.name,
          pool,
          priority: stream.priority,
          video: expectedVideo(stream.rendition.maxHeight),
          detectors: enabled,
          ...(subsets && { subsets }),
          ...(entry.exclusive && { exclusive: true }),
          bytes: documentBytes(entry) + placementBytes,
        },
      };
    }),
  };
}

/** Room for what a placement adds to an entry: detectors, role, reason, and a hand-over with a few incidents. */
const placementBytes = 2048;
/** Sources that are sent to one address have one reader. */
const pushed = /^(udp|rtp):|^srt:.*[?&]mode=listener/i;

/** Enabled detectors in the subsets asked for; those that none names run with the first. */
function subsetsOf(enabled: readonly string[], asked: readonly (readonly string[])[]): string[][] {
  const named = new Set(asked.flat());
  const rest = enabled.filter((type) => !named.has(type));
  const [first = [], ...others] = asked;
  return [[...rest, ...first], ...others]
    .map((subset) => subset.filter((type) => enabled.includes(type)))
    .filter((subset) => subset.length > 0);
}

function entryOf(monitor: string, stream: StreamSpec): StreamEntry {
  const exclusive = stream.connections === 1 || (stream.url !== undefined && pushed.test(stream.url));
  return {
    monitor,
    name: stream.name,
    ...(stream.url !== undefined && { url: stream.url }),
    ...secret('urlFrom', stream.urlFrom),
    ...secret('headersFrom', stream.headersFrom),
    rendition: renditionOf(stream),
    priority: stream.priority,
    ...(stream.expect && { expect: expectSettings(stream.expect) }),
    ...(exclusive && { exclusive: true }),
  };
}

function expectSettings({ static: windows = [] }: NonNullable<StreamSpec['expect']>): ExpectSettings {
  return {
    static: windows.map(({ duration, ...window }) => ({ ...window, duration: durationSeconds(duration) })),
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

function renditionOf({ rendition }: StreamSpec): StreamEntry['rendition'] {
  return rendition.maxHeight === undefined ? rendition.select : { maxHeight: rendition.maxHeight };
}

function secret<K extends string>(name: K, reference: SecretReference | undefined): { [P in K]?: SecretKey } {
  return (reference ? { [name]: reference.secretKeyRef } : {}) as { [P in K]?: SecretKey };
}
