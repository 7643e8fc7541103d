import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Of every metric, those of the process included. */
export const metricPrefix = 'streammonitor_operator_';

/** From an answer out of a cache to one that a busy API server gives late. In seconds. */
const callBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** From nothing to do to a first placement of thousands of streams. In seconds. */
const reconcileBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** From a pool that stays as it is to one of 20,000 streams. In seconds. */
const planBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Every metric of the operator that is told to it; what it is asked for is in `OperatorMetrics`. */
export function createMetricSet(registry: Registry) {
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Counter<string>({ name: metricPrefix + name, help, labelNames: [...labelNames], registers });
  const gauge = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Gauge<string>({ name: metricPrefix + name, help, labelNames: [...labelNames], registers });
  const histogram = (name: string, help: string, labelNames: readonly string[], buckets: number[]) =>
    new Histogram<string>({
      name: metricPrefix + name,
      help,
      labelNames: [...labelNames],
      buckets,
      registers,
    });

  return {
    reconcileSeconds: histogram(
      'reconcile_seconds',
      'Time of one reconcile, by controller.',
      ['controller'],
      reconcileBuckets,
    ),
    reconciles: counter('reconciles_total', 'Reconciles by controller and how they ended.', [
      'controller',
      'result',
    ]),
    apiCalls: counter('api_calls_total', 'Requests to the API server by verb, resource and answer.', [
      'verb',
      'resource',
      'code',
    ]),
    apiSeconds: histogram(
      'api_call_seconds',
      'Time until the API server answered, watches left out.',
      ['verb', 'resource'],
      callBuckets,
    ),
    planSeconds: histogram('plan_seconds', 'Time to plan one namespace.', [], planBuckets),
    moves: counter('moves_total', 'Streams placed, moved and taken away, by cause.', ['cause']),
    shards: gauge('shards', 'Shards by pool and health.', ['namespace', 'pool', 'health']),
    halted: gauge(
      'pool_halted',
      'Whether moves into the pool are halted, as streams do not start there (1), or not (0).',
      ['namespace', 'pool'],
    ),
    plannedCores: gauge(
      'pool_planned_cores',
      'CPU that the streams of the pool are planned with, in cores.',
      ['namespace', 'pool'],
    ),
    capacityCores: gauge(
      'pool_capacity_cores',
      'CPU that the shards of the pool ask for and may be given in work, in cores.',
      ['namespace', 'pool'],
    ),
    streams: gauge(
      'streams',
      'Streams by what the last plan says of them: placed, waiting for a move, or shed for want of capacity.',
      ['namespace', 'state'],
    ),
    statusWrites: counter('status_writes_total', 'Writes of status by how they ended.', ['result']),
    statusSuppressed: counter(
      'status_writes_suppressed_total',
      'Statuses that were not written: the same again, or too soon after the last.',
    ),
    polls: counter('report_polls_total', 'Questions to shards for their reports by how they ended.', [
      'result',
    ]),
    leader: gauge('leader', 'Whether this process leads (1) or stands by (0).'),
    buildInfo: gauge('build_info', 'Version of StreamMonitor and of Node, as a series of value 1.', [
      'version',
      'node_version',
    ]),
  };
}

export type MetricSet = ReturnType<typeof createMetricSet>;
