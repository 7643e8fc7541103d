import { resolveDetectors } from '../../crds/detector-settings.ts';
import type { StreamMonitor } from '../../crds/stream-monitor.ts';
import { expectedVideo } from './cost.ts';
import type { StreamDemand } from './plan.ts';

/** How a StreamMonitor is called in plans and assignments: `namespace/name`. */
export function monitorKey({ metadata }: StreamMonitor): string {
  return `${metadata.namespace}/${metadata.name}`;
}

/** What a StreamMonitor asks to be watched: nothing while it is suspended. */
export function demandsOf(monitor: StreamMonitor): StreamDemand[] {
  if (monitor.spec.suspend) return [];
  const enabled = Object.keys(resolveDetectors(monitor.spec.detectors));
  const subsets = subsetsOf(enabled, monitor.spec.sharding?.subsets);
  return monitor.spec.streams.map(({ name, priority, rendition }) => ({
    monitor: monitorKey(monitor),
    name,
    priority,
    video: expectedVideo(rendition.maxHeight),
    subsets,
  }));
}

/** Enabled detectors in the subsets asked for; those that none names run with the first. */
function subsetsOf(enabled: readonly string[], asked: readonly (readonly string[])[] = []): string[][] {
  const named = new Set(asked.flat());
  const rest = enabled.filter((type) => !named.has(type));
  const [first = [], ...others] = asked;
  return [[...rest, ...first], ...others]
    .map((subset) => subset.filter((type) => enabled.includes(type)))
    .filter((subset) => subset.length > 0);
}
