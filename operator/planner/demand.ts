import type { ExpectSettings, MonitorSettings, ResultsTarget, SecretKey } from '../../crds/assignment.ts';
import { enabledCustomDetectors } from '../../crds/custom-detectors.ts';
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
 * @param streams its own and those of its lists, as `watchedStreams` gives them
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
  const custom = enabledCustomDetectors(spec.detectors.custom);
  const enabled = [...Object.keys(detectors), ...custom.map(({ name }) => name)].sort();
  const subsets = spec.sharding?.subsets && subsetsOf(enabled, spec.sharding.subsets);
  const results = resultsTarget(spec.results, installation.resultsDirectory);
  const actions = spec.actions.map(({ after, cooldown, webhook, ...action }) => ({
    ...action,
    after: durationSeconds(after),
    cooldown: durationSeconds(cooldown),
    webhook: receiver(webhook),
  }));
  const settings: MonitorSettings = {
    namespace: metadata.namespace,
    name: metadata.name,
    detectors: detectors as MonitorSettings['detectors'],
    ...(custom.length > 0 && { custom }),
    notifications: spec.notifications.map(({ match, webhook, alertmanager }) => ({
      ...(match && { match }),
      ...(webhook && { webhook: receiver(webhook) }),
      ...(alertmanager && { alertmanager: receiver(alertmanager) }),
    })),
    ...(actions.length > 0 && { actions }),
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
          video: expectedVideo(entry.rendition),
          detectors: enabled,
          ...(subsets && { subsets }),
          ...(entry.exclusive && { exclusive: true }),
          ...(entry.reference && { reference: true }),
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
  const { reference } = stream;
  const severities = severitiesOf(stream);
  const isPushed = [stream.url, reference?.url].some((url) => url !== undefined && pushed.test(url));
  const exclusive = stream.connections === 1 || isPushed;
  return {
    monitor,
    name: stream.name,
    ...(stream.url !== undefined && { url: stream.url }),
    ...secret('urlFrom', stream.urlFrom),
    ...secret('headersFrom', stream.headersFrom),
    ...secret('keyFrom', stream.decryption?.keyFrom),
    ...(reference && {
      reference: {
        ...(reference.url !== undefined && { url: reference.url }),
        ...secret('urlFrom', reference.urlFrom),
        ...secret('headersFrom', reference.headersFrom),
      },
    }),
    rendition: renditionOf(stream),
    ...(stream.audio?.track !== undefined && { audioTrack: stream.audio.track }),
    ...(stream.audio?.language !== undefined && { audioLanguage: stream.audio.language }),
    priority: stream.priority,
    ...(severities && { severities }),
    ...(stream.expect && { expect: expectSettings(stream.expect) }),
    ...(exclusive && { exclusive: true }),
  };
}

function expectSettings({
  static: windows = [],
  breaks,
  slates,
}: NonNullable<StreamSpec['expect']>): ExpectSettings {
  return {
    static: windows.map(({ duration, ...window }) => ({ ...window, duration: durationSeconds(duration) })),
    ...(breaks && {
      breaks: {
        ...breaks,
        maxDuration: durationSeconds(breaks.maxDuration),
        margin: durationSeconds(breaks.margin),
      },
    }),
    ...(slates && { slates }),
  };
}

interface Receiver {
  readonly urlFrom?: SecretReference | undefined;
  readonly secretFrom?: SecretReference | undefined;
  readonly headersFrom?: SecretReference | undefined;
}

/** Its Secrets by name. */
function receiver<T extends Receiver>({ urlFrom, secretFrom, headersFrom, ...own }: T) {
  return {
    ...own,
    ...secret('urlFrom', urlFrom),
    ...secret('secretFrom', secretFrom),
    ...secret('headersFrom', headersFrom),
  };
}

function severitiesOf({ detectors = {} }: StreamSpec): StreamEntry['severities'] {
  const chosen = Object.entries(detectors).flatMap(([type, { severity }]) =>
    severity === undefined ? [] : [[type, severity] as const],
  );
  return chosen.length > 0 ? Object.fromEntries(chosen) : undefined;
}

function resultsTarget(
  results: StreamMonitor['spec']['results'],
  directory: string | undefined,
): ResultsTarget | undefined {
  if (!results) return directory === undefined ? undefined : { directory };
  const { credentialsFrom, ...s3 } = results.s3;
  return { s3: { ...s3, ...secret('credentialsFrom', credentialsFrom) } };
}

/** Which rendition is watched, as an assignment says it. */
export function renditionOf({ rendition }: StreamSpec): StreamEntry['rendition'] {
  const { select, maxHeight, heights: [height] = [] } = rendition;
  if (height !== undefined) return { height };
  return maxHeight === undefined ? select : { maxHeight };
}

function secret<K extends string>(name: K, reference: SecretReference | undefined): { [P in K]?: SecretKey } {
  return (reference ? { [name]: reference.secretKeyRef } : {}) as { [P in K]?: SecretKey };
}
