import { AggregatorRegistry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { detectorCatalogue } from '../../../crds/detector-catalogue.ts';
import type { Incident } from '../../../crds/incident.ts';
import { ShardMetrics } from '../../../monitor/metrics/shard-metrics.ts';
import type { WatchEvent } from '../../../monitor/watch/watch-event.ts';

const identity = { namespace: 'live', monitor: 'sports', stream: 'channel-1' };
const ofStream = 'namespace="live",monitor="sports",stream="channel-1"';
const detectors = [detectorCatalogue.black!, detectorCatalogue['av-sync']!];
const now = Date.parse('2026-01-01T00:00:00Z');

function shard(options: { region?: string; spoolBytes?: () => number; spoolLimit?: number } = {}) {
  const metrics = new ShardMetrics({
    detectors: Object.values(detectorCatalogue),
    version: '1.2.3',
    now: () => now,
    ...options,
  });
  metrics.addStream(identity, detectors);
  return metrics;
}

/** The value of one series, or undefined where there is none. */
async function value(metrics: ShardMetrics, series: string): Promise<number | undefined> {
  const lines = (await metrics.registry.metrics()).split('\n');
  const line = lines.find((candidate) => candidate.startsWith(`streammonitor_${series} `));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')));
}

function incident(values: Partial<Incident> = {}): Incident {
  return {
    id: 'a',
    revision: 1,
    state: 'open',
    ...identity,
    detector: 'black',
    kind: 'black',
    severity: 'warning',
    start: 10,
    startTime: '2026-01-01T00:00:10.000Z',
    openedAt: '2026-01-01T00:00:12.500Z',
    score: 1,
    confidence: 1,
    ...values,
  };
}

const opened: WatchEvent = { type: 'incident', change: 'opened', incident: incident() };

describe('ShardMetrics', () => {
  it('declares every series of a stream at 0', async () => {
    const metrics = shard();
    for (const series of [
      `monitored_seconds_total{${ofStream}}`,
      `blind_seconds_total{${ofStream},reason="Unauthorized"}`,
      `defect_seconds_total{${ofStream},detector="black",severity="critical"}`,
      `suppressed_seconds_total{${ofStream},reason="schedule"}`,
      `defects_total{${ofStream},detector="av-sync",kind="audio-late",severity="warning"}`,
      `defect_active{${ofStream},detector="black",severity="critical"}`,
      `frames_total{${ofStream}}`,
      `transport_evidence_total{${ofStream},evidence="continuity-gap"}`,
      `stream_up{${ofStream}}`,
      `stream_reconnects_total{${ofStream},reason="SenderStopped"}`,
      `cpu_seconds_total{${ofStream}}`,
      'notifications_total{namespace="live",monitor="sports",sink="webhook",outcome="dropped"}',
      'notifications_total{namespace="live",monitor="sports",sink="alertmanager",outcome="failed"}',
      'detection_delay_seconds_count{namespace="live",monitor="sports",detector="black"}',
      'result_uploads_total{sink="s3",outcome="failed"}',
    ]) {
      expect(await value(metrics, series), series).toBe(0);
    }
  });

  it('counts what became of actions, from 0 on, as long as their StreamMonitor has a stream', async () => {
    const metrics = shard();
    const action = { namespace: 'live', monitor: 'sports', action: 'switch' };
    const series = (outcome: string) =>
      `actions_total{namespace="live",monitor="sports",action="switch",outcome="${outcome}"}`;
    expect(await value(metrics, series('delivered'))).toBeUndefined();
    metrics.declareActions(new Map([['live/sports', ['switch']]]));
    expect(await value(metrics, series('delivered'))).toBe(0);
    metrics.acted(action, 'delivered');
    metrics.acted(action, 'cooldown');
    metrics.declareActions(new Map([['live/sports', ['switch']]]));
    expect(await value(metrics, series('delivered'))).toBe(1);
    expect(await value(metrics, series('cooldown'))).toBe(1);
    metrics.removeStream(identity);
    expect(await value(metrics, series('delivered'))).toBeUndefined();
    metrics.addStream(identity, detectors);
    expect(await value(metrics, series('delivered'))).toBe(0);
  });

  it('says how full the spool is at each scrape, and what it may hold', async () => {
    let bytes = 0;
    const metrics = shard({ spoolBytes: () => bytes, spoolLimit: 4096 });
    bytes = 1024;
    expect(await value(metrics, 'spool_bytes')).toBe(1024);
    expect(await value(metrics, 'spool_limit_bytes')).toBe(4096);
  });

  it('counts seconds, frames, evidence and CPU, and survives a clock that is set back', async () => {
    const metrics = shard();
    const seconds = {
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-01-01T00:00:01.000Z',
      monitored: 1,
      blind: { Unreachable: 0.25 },
      defect: [{ detector: 'black', severity: 'critical' as const, seconds: 0.5 }],
      frames: 25,
      evidence: { 'continuity-gap': 3 },
      cpu: 0.125,
    };
    metrics.consume(identity, { type: 'seconds', seconds });
    metrics.consume(identity, { type: 'seconds', seconds: { ...seconds, monitored: -7 } });
    expect(await value(metrics, `monitored_seconds_total{${ofStream}}`)).toBe(1);
    expect(await value(metrics, `blind_seconds_total{${ofStream},reason="Unreachable"}`)).toBe(0.5);
    expect(
      await value(metrics, `defect_seconds_total{${ofStream},detector="black",severity="critical"}`),
    ).toBe(1);
    expect(await value(metrics, `frames_total{${ofStream}}`)).toBe(50);
    expect(await value(metrics, `transport_evidence_total{${ofStream},evidence="continuity-gap"}`)).toBe(6);
    expect(await value(metrics, `cpu_seconds_total{${ofStream}}`)).toBe(0.25);
  });

  it('follows an incident from its opening through a rise in severity to its close', async () => {
    const metrics = shard();
    const active = (severity: string) =>
      value(metrics, `defect_active{${ofStream},detector="black",severity="${severity}"}`);
    metrics.consume(identity, opened);
    expect(await active('warning')).toBe(1);
    const risen = incident({ severity: 'critical', revision: 2 });
    metrics.consume(identity, { type: 'incident', change: 'updated', incident: risen });
    expect([await active('warning'), await active('critical')]).toEqual([0, 1]);
    const over = { ...risen, state: 'closed', revision: 3 } as const;
    metrics.consume(identity, { type: 'incident', change: 'closed', incident: over });
    expect([await active('warning'), await active('critical')]).toEqual([0, 0]);
    // The answer to an action that came late.
    metrics.consume(identity, { type: 'incident', change: 'updated', incident: { ...over, revision: 4 } });
    expect([await active('warning'), await active('critical')]).toEqual([0, 0]);
    expect(
      await value(metrics, `defects_total{${ofStream},detector="black",kind="black",severity="warning"}`),
    ).toBe(1);
    const delay = 'detection_delay_seconds_sum{namespace="live",monitor="sports",detector="black"}';
    expect(await value(metrics, delay)).toBe(2.5);
  });

  it('shows an adopted incident as active without counting it again', async () => {
    const metrics = shard();
    const adopted = incident({ openedAt: '2025-12-31T23:59:59.000Z' });
    metrics.consume(identity, { type: 'incident', change: 'opened', incident: adopted });
    const active = `defect_active{${ofStream},detector="black",severity="warning"}`;
    const counted = `defects_total{${ofStream},detector="black",kind="black",severity="warning"}`;
    expect([await value(metrics, active), await value(metrics, counted)]).toEqual([1, 0]);
  });

  it('tells the state with its reason in one series at a time, and what is unknown', async () => {
    const metrics = shard();
    const since = '2026-01-01T00:00:00.000Z';
    const up = { phase: 'Up', reason: 'Receiving', message: '', since } as const;
    metrics.consume(identity, { type: 'state', state: up });
    expect(await value(metrics, `stream_up{${ofStream}}`)).toBe(1);
    const down = { phase: 'Down', reason: 'NotFound', message: '', since } as const;
    metrics.consume(identity, { type: 'state', state: down });
    expect(await value(metrics, `stream_up{${ofStream}}`)).toBe(0);
    expect(await value(metrics, `stream_state{${ofStream},phase="Down",reason="NotFound"}`)).toBe(1);
    expect(await value(metrics, `stream_state{${ofStream},phase="Up",reason="Receiving"}`)).toBeUndefined();
    metrics.consume(identity, { type: 'unknown', detector: 'av-sync', reason: 'no marker' });
    expect(await value(metrics, `detector_unknown{${ofStream},detector="av-sync"}`)).toBe(1);
    metrics.consume(identity, {
      type: 'measurement',
      measurement: { name: 'av_offset_seconds', value: -0.08 },
    });
    expect(await value(metrics, `av_offset_seconds{${ofStream}}`)).toBe(-0.08);
    for (const [window, value] of [
      ['short-term', -22.5],
      ['integrated', -23.5],
    ] as const) {
      metrics.consume(identity, {
        type: 'measurement',
        measurement: { name: 'loudness_lufs', window, value },
      });
    }
    metrics.consume(identity, {
      type: 'measurement',
      measurement: { name: 'true_peak_dbtp', value: -1.5 },
    });
    metrics.consume(identity, {
      type: 'measurement',
      measurement: { name: 'loudness_range_lu', value: 7.5 },
    });
    expect(await value(metrics, `loudness_range_lu{${ofStream}}`)).toBe(7.5);
    expect(await value(metrics, `loudness_lufs{${ofStream},window="short-term"}`)).toBe(-22.5);
    expect(await value(metrics, `loudness_lufs{${ofStream},window="integrated"}`)).toBe(-23.5);
    expect(await value(metrics, `true_peak_dbtp{${ofStream}}`)).toBe(-1.5);
    metrics.consume(identity, { type: 'reconnect', reason: 'https://origin.example/?token=abc' });
    expect(await value(metrics, `stream_reconnects_total{${ofStream},reason="InternalError"}`)).toBe(1);
  });

  it('counts deliveries', async () => {
    const metrics = shard();
    const monitor = { namespace: 'live', monitor: 'sports' };
    metrics.delivered({ sink: 'webhook', outcome: 'delivered', ...monitor, latencySeconds: 0.2 });
    metrics.delivered({ sink: 's3', outcome: 'retried' });
    const labels = 'namespace="live",monitor="sports",sink="webhook"';
    expect(await value(metrics, `notifications_total{${labels},outcome="delivered"}`)).toBe(1);
    expect(await value(metrics, `notification_latency_seconds_sum{${labels}}`)).toBe(0.2);
    expect(await value(metrics, 'result_uploads_total{sink="s3",outcome="retried"}')).toBe(1);
  });

  it('counts what detectors of modules were stopped for and too slow for, from 0', async () => {
    const metrics = shard();
    metrics.addStream(identity, detectors, ['black']);
    const failures = (reason: string) =>
      value(metrics, `detector_failures_total{${ofStream},detector="black",reason="${reason}"}`);
    const dropped = () => value(metrics, `detector_dropped_observations_total{${ofStream},detector="black"}`);
    expect([await failures('blocked'), await dropped()]).toEqual([0, 0]);
    metrics.consume(identity, {
      type: 'detector-failed',
      detector: 'black',
      reason: 'blocked',
      message: 'x',
    });
    metrics.consume(identity, { type: 'dropped', detector: 'black', observations: 12 });
    expect([await failures('blocked'), await failures('threw'), await dropped()]).toEqual([1, 0, 12]);
    expect(await metrics.registry.metrics()).not.toContain('detector_failures_total{detector="av-sync"');
  });

  it('removes a departed stream whole, and its StreamMonitor with the last one', async () => {
    const metrics = shard();
    const other = { ...identity, stream: 'channel-2' };
    metrics.addStream(other, detectors);
    metrics.consume(identity, opened);
    metrics.removeStream(identity);
    metrics.consume(identity, opened);
    const left = await metrics.registry.metrics();
    expect(left).not.toContain('channel-1');
    expect(left).toContain(
      'detection_delay_seconds_sum{namespace="live",monitor="sports",detector="black"} 2.5',
    );
    metrics.removeStream(other);
    expect(await metrics.registry.metrics()).not.toContain('sports');
  });

  it('labels everything with the region, and adds up with other shards', async () => {
    const one = shard({ region: 'north' });
    const two = shard({ region: 'north' });
    one.consume(identity, opened);
    const documents = await Promise.all([one, two].map((metrics) => metrics.registry.getMetricsAsJSON()));
    const sum = await AggregatorRegistry.aggregate(documents).metrics();
    expect(sum).toMatch(/streammonitor_defects_total\{[^}]*kind="black"[^}]*severity="warning"[^}]*\} 1/);
    expect(sum).toMatch(/streammonitor_build_info\{[^}]*region="north"[^}]*\} 1/);
  });

  it('takes what it says of detectors from their manifests', async () => {
    expect(await shard().registry.metrics()).toMatch(
      /# HELP streammonitor_defects_total .*av-sync \(audio-late, /,
    );
  });

  it('counts what was to be expected by its seconds alone', async () => {
    const metrics = shard();
    metrics.consume(identity, { ...opened, incident: incident({ suppressed: 'schedule' }) });
    metrics.consume(identity, {
      type: 'seconds',
      seconds: {
        ...{ from: '2026-01-01T00:00:10.000Z', to: '2026-01-01T00:00:11.000Z', monitored: 1, blind: {} },
        ...{ defect: [], suppressed: { schedule: 0.75 }, frames: 25, evidence: {}, cpu: 0 },
      },
    });
    expect(await value(metrics, `suppressed_seconds_total{${ofStream},reason="schedule"}`)).toBe(0.75);
    expect(await value(metrics, `monitored_seconds_total{${ofStream}}`)).toBe(1);
    const ofBlack = `${ofStream},detector="black"`;
    expect(await value(metrics, `defects_total{${ofBlack},kind="black",severity="warning"}`)).toBe(0);
    expect(await value(metrics, `defect_active{${ofBlack},severity="warning"}`)).toBe(0);
  });
});
