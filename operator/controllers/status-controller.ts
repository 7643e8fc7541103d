import { AheadCache, type ObjectSource } from '../kube/ahead-cache.ts';
import { referenceTo } from '../kube/event.ts';
import type { EventRecorder } from '../kube/event-recorder.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import { apiVersionOf } from '../kube/resource.ts';
import { streamMonitors } from './cluster-caches.ts';
import { type MonitorView, observeMonitor } from './observe-monitor.ts';
import { type EventMemory, monitorEvents, type Sighting } from './status/monitor-events.ts';
import type { MonitorObservation } from './status/monitor-observation.ts';
import { monitorStatus } from './status/monitor-status.ts';
import { type StatusHolder, StatusWriter } from './status/status-writer.ts';

export interface StatusControllerOptions {
  readonly monitors: ObjectSource<StatusHolder>;
  readonly client: KubeClient;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly onResult: (result: 'written' | 'failed' | 'suppressed') => void;
  readonly view: (key: string) => MonitorView | undefined;
}

/** Longest until every shard has been asked for the first time, in ms. */
const settlingTime = 15_000;

/** Says of each StreamMonitor how it is. */
export class StatusController {
  readonly #options: StatusControllerOptions;
  readonly #monitors: AheadCache<StatusHolder>;
  readonly #writer: StatusWriter;
  /** When every shard has been asked, in ms of the monotonic clock; infinite before the first question. */
  #settledAt = Number.POSITIVE_INFINITY;
  /** By uid. */
  readonly #eventMemory = new Map<string, EventMemory>();

  constructor(options: StatusControllerOptions) {
    const { monitors, client, onResult } = options;
    this.#options = options;
    this.#monitors = new AheadCache(monitors);
    this.#writer = new StatusWriter({
      client,
      resource: streamMonitors,
      onWritten: (monitor) => this.#monitors.written(monitor),
      onResult,
    });
  }

  /** The shards are asked from now on. */
  begin(): void {
    this.#settledAt = performance.now() + settlingTime;
  }

  /** @param key `namespace/name` */
  async reconcile(key: string): Promise<{ readonly after?: number } | undefined> {
    const [namespace = '', name = ''] = key.split('/');
    const monitor = this.#monitors.get(namespace, name);
    const view = this.#options.view(key);
    const observation = monitor && view && observeMonitor(key, view);
    if (!monitor || !observation) return undefined;
    const previous = monitor.status;
    // Nothing is known yet of what another operator knew: that is no news.
    if (previous?.conditions && isUnheard(observation) && performance.now() < this.#settledAt)
      return { after: 1_000 };
    const status = monitorStatus(observation, previous, new Date().toISOString());
    const { after: eventsAfter } = this.#tell(monitor, { observation, status, previous });
    const { after: statusAfter } = await this.#writer.write(monitor, status);
    const times = [eventsAfter, statusAfter].filter((after) => after !== undefined);
    return times.length > 0 ? { after: Math.min(...times) } : undefined;
  }

  /** The StreamMonitor is gone. */
  forget(monitor: StatusHolder): void {
    this.#monitors.gone(monitor);
    this.#eventMemory.delete(monitor.metadata.uid ?? '');
    this.#writer.forget(monitor);
  }

  /** As Events, for `kubectl describe` and for tools that follow them. */
  #tell(monitor: StatusHolder, sighting: Sighting): { readonly after?: number } {
    const { uid = '' } = monitor.metadata;
    const { memory, events, ...next } = monitorEvents(this.#eventMemory.get(uid), sighting, Date.now());
    this.#eventMemory.set(uid, memory);
    const regarding = referenceTo({
      ...monitor,
      apiVersion: apiVersionOf(streamMonitors),
      kind: streamMonitors.kind,
    });
    for (const event of events) this.#options.events.record({ regarding, ...event });
    return next;
  }
}

function isUnheard({ placements }: MonitorObservation): boolean {
  return placements.some(({ report }) => report === undefined);
}
