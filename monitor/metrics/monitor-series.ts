import type { DetectorManifest } from '../../crds/detector-manifest.ts';
import { type ActionOutcome, actionOutcomes } from '../actions/actions.ts';
import type { DeliveryOutcome } from '../spool/delivery.ts';
import type { StreamIdentity } from '../watch/watch-event.ts';
import type { MetricSet } from './metric-set.ts';
import { SeriesGroup } from './series-group.ts';

export const deliveryOutcomes: readonly DeliveryOutcome['outcome'][] = [
  'delivered',
  'retried',
  'failed',
  'dropped',
];

/** The series that the streams of one StreamMonitor share: they live as long as it has a stream here. */
export class MonitorSeries {
  readonly #set: MetricSet;
  readonly #series: SeriesGroup;
  readonly #streams = new Set<string>();

  constructor(set: MetricSet, { namespace, monitor }: Pick<StreamIdentity, 'namespace' | 'monitor'>) {
    this.#set = set;
    this.#series = new SeriesGroup({ namespace, monitor });
    for (const sink of ['webhook', 'alertmanager']) {
      for (const outcome of deliveryOutcomes) this.#series.increase(set.notifications, { sink, outcome }, 0);
      this.#series.declare(set.notificationLatency, { sink });
    }
  }

  add(stream: string, detectors: readonly DetectorManifest[]): void {
    this.#streams.add(stream);
    for (const { type } of detectors) this.#series.declare(this.#set.detectionDelay, { detector: type });
  }

  /** Whether that was the last stream, with which the series went. */
  delete(stream: string): boolean {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return false;
    this.#series.removeAll();
    return true;
  }

  /** An incident opened, so many seconds after its onset. */
  detected(detector: string, seconds: number): void {
    this.#series.observe(this.#set.detectionDelay, { detector }, seconds);
  }

  /** The StreamMonitor's actions: each exists at 0. */
  declareActions(names: readonly string[]): void {
    for (const action of names) {
      for (const outcome of actionOutcomes) this.#series.increase(this.#set.actions, { action, outcome }, 0);
    }
  }

  acted(action: string, outcome: ActionOutcome): void {
    this.#series.increase(this.#set.actions, { action, outcome }, 1);
  }

  notified(sink: string, outcome: DeliveryOutcome['outcome'], latencySeconds: number | undefined): void {
    this.#series.increase(this.#set.notifications, { sink, outcome }, 1);
    if (latencySeconds !== undefined) {
      this.#series.observe(this.#set.notificationLatency, { sink }, Math.max(0, latencySeconds));
    }
  }
}
