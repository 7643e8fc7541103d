import { Histogram, type Registry } from 'prom-client';
import { detectorCatalogue } from '../../crds/detector-catalogue.ts';
import { streamPhases } from '../../crds/stream-state.ts';
import { ShardMetrics } from '../../monitor/metrics/shard-metrics.ts';
import { OperatorMetrics } from '../../operator/metrics/operator-metrics.ts';
import { parseQuery } from './promql.ts';
import { recordingRules } from './rule-files.ts';

/** A metric's labels, and the values that they were seen with. */
export type Labels = Readonly<Record<string, ReadonlySet<string>>>;

/** What scraping adds to every series, beside the namespace of the pod where a series has none of its own. */
export const targetLabels = ['instance', 'job', 'pod'];
const scraped = Object.fromEntries(
  [...targetLabels, 'namespace', 'region'].map((label) => [label, new Set<string>()]),
);

/** Every metric of a shard, from its own registry. */
export async function shardMetrics(): Promise<ReadonlyMap<string, Labels>> {
  const detectors = Object.values(detectorCatalogue);
  const metrics = new ShardMetrics({ detectors, version: '1.2.3', spoolLimit: 1 });
  for (const phase of streamPhases) {
    const identity = { namespace: 'live', monitor: 'sports', stream: phase };
    metrics.addStream(identity, detectors);
    const since = new Date().toISOString();
    metrics.consume(identity, {
      type: 'state',
      state: { phase, reason: 'Receiving', message: '', since },
    });
  }
  return metricsOf(metrics.registry);
}

/** Every metric of the operator, from its own registry. */
export async function operatorMetrics(): Promise<ReadonlyMap<string, Labels>> {
  const stats = { reconnects: { idle: 1 }, relists: { expired: 1 } };
  const metrics = new OperatorMetrics({
    version: '1.2.3',
    sources: {
      queues: () => ({ plan: { depth: 1 } }),
      watches: () => ({ pods: { lastEventAge: 1, stats } }),
      eventsDropped: () => 0,
    },
  });
  for (const verb of ['get', 'list', 'watch', 'apply']) {
    for (const resource of ['pods', 'leases']) {
      metrics.apiCalled({ verb, resource, code: '200', seconds: 0.1 });
    }
  }
  for (const result of ['success', 'error', 'requeued'] as const) metrics.reconciled('plan', result, 0.1);
  metrics.planned('live', {
    planSeconds: 0.02,
    moveCauses: ['New'],
    shards: [{ pool: 'smon-1', health: 'Ready', planned: 1, capacity: 2 }],
    haltedPools: [],
    placed: 1,
    waiting: 0,
    shed: 0,
  });
  return metricsOf(metrics.registry);
}

/** The series that the recording rules make, with the labels that their queries leave. */
export function recordedMetrics(known: ReadonlyMap<string, Labels>): ReadonlyMap<string, Labels> {
  const recorded = new Map<string, Labels>();
  for (const { record, expr } of recordingRules) {
    const { selectors, groupings } = parseQuery(expr);
    const sources = selectors.map(({ metric }) => known.get(metric) ?? recorded.get(metric) ?? {});
    const names = groupings.length > 0 ? groupings : sources.flatMap((labels) => Object.keys(labels));
    recorded.set(
      record,
      Object.fromEntries(
        names
          .filter((name) => !targetLabels.includes(name))
          .map((name) => [name, new Set(sources.flatMap((labels) => [...(labels[name] ?? [])]))]),
      ),
    );
  }
  return recorded;
}

async function metricsOf(registry: Registry): Promise<ReadonlyMap<string, Labels>> {
  const found = new Map<string, Labels>();
  for (const { name } of registry.getMetricsAsArray()) {
    const metric = registry.getSingleMetric(name)!;
    const { values } = await metric.get();
    const names = new Set([
      ...((metric as unknown as { labelNames: readonly string[] }).labelNames ?? []),
      ...values.flatMap(({ labels }) => Object.keys(labels)),
    ]);
    const labels = {
      ...scraped,
      ...Object.fromEntries(
        [...names].map((label) => [
          label,
          new Set(values.map(({ labels }) => String((labels as Record<string, unknown>)[label]))),
        ]),
      ),
    };
    if (metric instanceof Histogram) {
      found.set(`${name}_bucket`, { ...labels, le: new Set() });
      for (const suffix of ['_sum', '_count']) found.set(name + suffix, labels);
    } else found.set(name, labels);
  }
  return found;
}
