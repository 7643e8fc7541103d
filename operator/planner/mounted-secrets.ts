import type { Assignment, MonitorSettings, SecretKey } from '../../crds/assignment.ts';
import type { StreamEntry } from './desired-monitor.ts';

/** Names of the Secrets that a pod surely has: those that its assignment names. */
export function mountedSecrets({ monitors, streams }: Assignment): Set<string> {
  return new Set([
    ...Object.values(monitors).flatMap(secretsOfSettings),
    ...streams.flatMap(secretsOfStream),
  ]);
}

/** Names of the Secrets that a stream's source and its reference are opened with. */
export function secretsOfStream({ urlFrom, headersFrom, keyFrom, reference }: StreamEntry): string[] {
  return namesOf([urlFrom, headersFrom, keyFrom, reference?.urlFrom, reference?.headersFrom]);
}

/** Names of the Secrets that a StreamMonitor's notifications, actions and results are sent with. */
export function secretsOfSettings({ notifications, actions = [], results }: MonitorSettings): string[] {
  const webhooks = [...notifications, ...actions].flatMap(({ webhook }) => webhook ?? []);
  const alertmanagers = notifications.flatMap(({ alertmanager }) => alertmanager ?? []);
  return namesOf([
    ...[...webhooks, ...alertmanagers].flatMap(({ urlFrom, headersFrom }) => [urlFrom, headersFrom]),
    ...webhooks.map(({ secretFrom }) => secretFrom),
    results?.s3?.credentialsFrom,
  ]);
}

/** Names of the modules that a StreamMonitor's own detectors are in. */
export function modulesOfSettings({ custom = [] }: MonitorSettings): string[] {
  return custom.map(({ module }) => module);
}

function namesOf(keys: readonly (SecretKey | undefined)[]): string[] {
  return keys.flatMap((key) => key?.name ?? []);
}
