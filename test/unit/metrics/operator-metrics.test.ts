import { describe, expect, it } from 'vitest';
import { OperatorMetrics, type OperatorSources } from '../../../operator/metrics/operator-metrics.ts';

const still = { lastEventAge: 12, stats: { reconnects: { ended: 3, idle: 1 }, relists: { expired: 2 } } };

function operator(sources: Partial<OperatorSources> = {}) {
  return new OperatorMetrics({
    version: '1.2.3',
    sources: {
      queues: () => ({ placement: { depth: 4 } }),
      watches: () => ({ pods: still }),
      eventsDropped: () => 5,
      ...sources,
    },
  });
}

/** The value of one series, or undefined where there is none. */
async function value(metrics: OperatorMetrics, series: string): Promise<number | undefined> {
  const lines = (await metrics.registry.metrics()).split('\n');
  const line = lines.find((candidate) => candidate.startsWith(`streammonitor_operator_${series} `));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')));
}

const figures = {
  planSeconds: 0.02,
  moveCauses: ['New', 'New', 'Lost'],
  haltedPools: ['smon-2'],
  placed: 7,
  waiting: 1,
  shed: 2,
};

describe('OperatorMetrics', () => {
  it('asks others for what they count, at each scrape anew', async () => {
    const pods = { ...still };
    const metrics = operator({ watches: () => ({ pods }) });
    expect(await value(metrics, 'queue_depth{controller="placement"}')).toBe(4);
    expect(await value(metrics, 'watch_age_seconds{resource="pods"}')).toBe(12);
    expect(await value(metrics, 'watch_reconnects_total{resource="pods",cause="ended"}')).toBe(3);
    expect(await value(metrics, 'relists_total{resource="pods",cause="expired"}')).toBe(2);
    expect(await value(metrics, 'events_dropped_total')).toBe(5);
    pods.lastEventAge = 0;
    expect(await value(metrics, 'watch_age_seconds{resource="pods"}')).toBe(0);
    expect(await value(metrics, 'watch_reconnects_total{resource="pods",cause="ended"}')).toBe(3);
  });

  it('counts calls by answer, and leaves watches out of their time', async () => {
    const metrics = operator();
    metrics.apiCalled({ verb: 'apply', resource: 'streammonitors/status', code: '200', seconds: 0.02 });
    metrics.apiCalled({ verb: 'watch', resource: 'pods', code: '200', seconds: 61 });
    const apply = 'verb="apply",resource="streammonitors/status"';
    expect(await value(metrics, `api_calls_total{${apply},code="200"}`)).toBe(1);
    expect(await value(metrics, `api_call_seconds_sum{${apply}}`)).toBe(0.02);
    expect(await value(metrics, 'api_calls_total{verb="watch",resource="pods",code="200"}')).toBe(1);
    expect(await value(metrics, 'api_call_seconds_count{verb="watch",resource="pods"}')).toBeUndefined();
  });

  it('says what plans came to, and forgets pools and namespaces that are gone', async () => {
    const metrics = operator();
    const ready = { pool: 'smon-1', health: 'Ready', planned: 1250, capacity: 2000 } as const;
    metrics.planned('live', {
      ...figures,
      shards: [ready, ready, { ...ready, pool: 'smon-2', health: 'Lost' }],
    });
    expect(await value(metrics, 'moves_total{cause="New"}')).toBe(2);
    expect(await value(metrics, 'shards{namespace="live",pool="smon-1",health="Ready"}')).toBe(2);
    expect(await value(metrics, 'shards{namespace="live",pool="smon-2",health="Lost"}')).toBe(1);
    expect(await value(metrics, 'streams{namespace="live",state="shed"}')).toBe(2);
    expect(await value(metrics, 'pool_halted{namespace="live",pool="smon-1"}')).toBe(0);
    expect(await value(metrics, 'pool_halted{namespace="live",pool="smon-2"}')).toBe(1);
    expect(await value(metrics, 'pool_planned_cores{namespace="live",pool="smon-1"}')).toBe(2.5);
    expect(await value(metrics, 'pool_capacity_cores{namespace="live",pool="smon-1"}')).toBe(4);
    metrics.planned('live', { ...figures, shards: [ready] });
    expect(await metrics.registry.metrics()).not.toContain('smon-2');
    metrics.forget('live');
    expect(await metrics.registry.metrics()).not.toContain('namespace="live"');
  });

  it('has the series of rare outcomes at 0 from the start', async () => {
    const metrics = operator();
    expect(await value(metrics, 'leader')).toBe(0);
    expect(await value(metrics, 'report_polls_total{result="silent"}')).toBe(0);
    expect(await value(metrics, 'status_writes_total{result="failed"}')).toBe(0);
    expect(await value(metrics, 'status_writes_suppressed_total')).toBe(0);
    metrics.leads(true);
    metrics.polled('silent');
    metrics.statusWritten('written');
    metrics.statusWritten('suppressed');
    metrics.reconciled('placement', 'success', 0.1);
    expect(await value(metrics, 'leader')).toBe(1);
    expect(await value(metrics, 'report_polls_total{result="silent"}')).toBe(1);
    expect(await value(metrics, 'status_writes_total{result="written"}')).toBe(1);
    expect(await value(metrics, 'status_writes_suppressed_total')).toBe(1);
    expect(await value(metrics, 'reconciles_total{controller="placement",result="success"}')).toBe(1);
    expect(await metrics.registry.metrics()).toContain('streammonitor_operator_nodejs_eventloop_lag_seconds');
  });
});
