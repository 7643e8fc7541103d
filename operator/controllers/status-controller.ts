import { AheadCache, type ObjectSource } from '../kube/ahead-cache.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import { streamMonitors } from './cluster-caches.ts';
import { type MonitorView, observeMonitor } from './observe-monitor.ts';
import { monitorStatus } from './status/monitor-status.ts';
import { type StatusHolder, StatusWriter } from './status/status-writer.ts';

export interface StatusControllerOptions {
  readonly monitors: ObjectSource<StatusHolder>;
  readonly client: KubeClient;
  readonly onResult: (result: 'written' | 'failed' | 'suppressed') => void;
  readonly view: (key: string) => MonitorView | undefined;
}

/** Says of each StreamMonitor how it is. */
export class StatusController {
  readonly #options: StatusControllerOptions;
  readonly #monitors: AheadCache<StatusHolder>;
  readonly #writer: StatusWriter;

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

  /** @param key `namespace/name` */
  async reconcile(key: string): Promise<{ readonly after?: number } | undefined> {
    const [namespace = '', name = ''] = key.split('/');
    const monitor = this.#monitors.get(namespace, name);
    const view = this.#options.view(key);
    const observation = monitor && view && observeMonitor(key, view);
    if (!monitor || !observation) return undefined;
    const status = monitorStatus(observation, monitor.status, new Date().toISOString());
    return this.#writer.write(monitor, status);
  }

  /** The StreamMonitor is gone. */
  forget(monitor: StatusHolder): void {
    this.#monitors.gone(monitor);
    this.#writer.forget(monitor);
  }
}
