import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { DetectorManifest } from '../../crds/detector-manifest.ts';
import type { ActionOutcome } from '../actions/actions.ts';
import type { DeliveryOutcome } from '../spool/delivery.ts';
import type { StreamIdentity, WatchEvent } from '../watch/watch-event.ts';
import { createMetricSet, type MetricSet, metricPrefix } from './metric-set.ts';
import { deliveryOutcomes, MonitorSeries } from './monitor-series.ts';
import { StreamSeries } from './stream-series.ts';

export interface ShardMetricsOptions {
  /** The catalogue, for the help texts. */
  readonly detectors: readonly DetectorManifest[];
  readonly version: string;
  /** Label of every series, where set. */
  readonly region?: string;
  /** Bytes that wait for their delivery. */
  readonly spoolBytes?: () => number;
  /** Most bytes that may wait. */
  readonly spoolLimit?: number;
  /** Wall clock, in ms since 1970. */
  readonly now?: () => number;
}

/** Gauges that Prometheus' naming rules would have end otherwise. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/**
 * What a shard tells Prometheus: fed with the events of its streams and the outcomes of its deliveries. Labels are
 * names and bounded sets, never a URL or an id; a stream's series exist at 0 from `addStream` to `removeStream`.
 */
export class ShardMetrics {
  readonly registry = new Registry();
  readonly #set: MetricSet;
  readonly #now: () => number;
  readonly #streams = new Map<string, StreamSeries>();
  readonly #monitors = new Map<string, MonitorSeries>();
  /** Names of each StreamMonitor's actions. */
  #actions: ReadonlyMap<string, readonly string[]> = new Map();

  constructor({ detectors, version, region, spoolBytes, spoolLimit, now = Date.now }: ShardMetricsOptions) {
    this.#now = now;
    this.#set = createMetricSet(this.registry, detectors);
    if (region) this.registry.setDefaultLabels({ region });
    this.#collectProcess(spoolBytes ?? (() => 0));
    if (spoolLimit !== undefined) this.#set.spoolLimit.set(spoolLimit);
    this.#set.buildInfo.set({ version, node_version: process.version }, 1);
    for (const sink of ['s3', 'directory']) {
      for (const outcome of deliveryOutcomes) this.#set.resultUploads.inc({ sink, outcome }, 0);
    }
  }

  /**
   * Declares a stream's series; what it counted before under the same name is forgotten.
   * @param ofModules types of those detectors that are in modules
   */
  addStream(
    identity: StreamIdentity,
    detectors: readonly DetectorManifest[],
    ofModules: readonly string[] = [],
  ): void {
    this.removeStream(identity);
    const series = new StreamSeries(this.#set, identity, detectors, this.#now());
    series.declareModules(ofModules);
    this.#streams.set(streamKey(identity), series);
    const key = monitorKey(identity);
    let monitor = this.#monitors.get(key);
    if (!monitor) {
      monitor = new MonitorSeries(this.#set, identity);
      monitor.declareActions(this.#actions.get(key) ?? []);
      this.#monitors.set(key, monitor);
    }
    monitor.add(identity.stream, detectors);
  }

  /** Removes every series of the stream, and those of its StreamMonitor with its last stream. */
  removeStream(identity: StreamIdentity): void {
    const key = streamKey(identity);
    this.#streams.get(key)?.remove();
    this.#streams.delete(key);
    const monitor = this.#monitors.get(monitorKey(identity));
    if (monitor?.delete(identity.stream)) this.#monitors.delete(monitorKey(identity));
  }

  /** What a stream watcher said. Events of streams that were not added are ignored: they are late. */
  consume(identity: StreamIdentity, event: WatchEvent): void {
    const delay = this.#streams.get(streamKey(identity))?.consume(event);
    if (delay) this.#monitors.get(monitorKey(identity))?.detected(delay.detector, delay.seconds);
  }

  /** Names of the actions of each StreamMonitor, by `namespace/name`. */
  declareActions(actions: ReadonlyMap<string, readonly string[]>): void {
    this.#actions = actions;
    for (const [key, names] of actions) this.#monitors.get(key)?.declareActions(names);
  }

  /** What became of an action. */
  acted(
    {
      namespace,
      monitor,
      action,
    }: { readonly namespace: string; readonly monitor: string; readonly action: string },
    outcome: ActionOutcome,
  ): void {
    this.#monitors.get(monitorKey({ namespace, monitor }))?.acted(action, outcome);
  }

  /** What became of a notification or a result object. */
  delivered({ sink, outcome, namespace, monitor, latencySeconds }: DeliveryOutcome): void {
    if (sink === 's3' || sink === 'directory') this.#set.resultUploads.inc({ sink, outcome });
    else if (namespace !== undefined && monitor !== undefined) {
      this.#monitors.get(monitorKey({ namespace, monitor }))?.notified(sink, outcome, latencySeconds);
    }
  }

  #collectProcess(spoolBytes: () => number): void {
    collectDefaultMetrics({ register: this.registry, prefix: metricPrefix });
    for (const name of misnamed) this.registry.removeSingleMetric(metricPrefix + name);
    new Gauge({
      name: `${metricPrefix}spool_bytes`,
      help: 'Bytes of notifications and results that wait for their delivery.',
      registers: [this.registry],
      collect() {
        this.set(spoolBytes());
      },
    });
  }
}

function streamKey({ namespace, monitor, stream }: StreamIdentity): string {
  return `${namespace}/${monitor}/${stream}`;
}

function monitorKey({ namespace, monitor }: Pick<StreamIdentity, 'namespace' | 'monitor'>): string {
  return `${namespace}/${monitor}`;
}
