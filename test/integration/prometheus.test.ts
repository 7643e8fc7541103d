import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { interpolated, panelQueries } from '../charts/dashboard-queries.ts';
import { recordingRules, rulePaths } from '../charts/rule-files.ts';
import { type ControlPlane, startControlPlane } from './cluster/control-plane.ts';
import { type FakeNodes, startFakeNodes } from './cluster/fake-nodes.ts';
import { freePorts } from './cluster/free-ports.ts';
import { type SimulatedShards, startSimulatedShards } from './cluster/simulated-shards.ts';
import { drawsEverything } from './dashboards-drawn.ts';
import { writeFreezingClip } from './freezing-clip.ts';
import { writeLateClip } from './late-clip.ts';
import { MonitoredNamespace, plainStreams } from './monitored-namespace.ts';
import { type OperatorProcess, operatorManifests, quickSettings, startOperator } from './operator-process.ts';
import { answersEverything, hasData } from './prometheus-answers.ts';
import { PrometheusServer } from './prometheus-server.ts';
import { eventually, RunProcess } from './run-process.ts';
import { clip, freeUdpPort, type Sender, startHttpTs, startUdpTs } from './senders.ts';
import { newWebhookSecret } from './state-directory.ts';
import { startWebhookServer, type WebhookServer } from './webhook-server.ts';

/** A stream that freezes, one whose sound is late against its marker, and one whose sender goes away. */
const streams = ['frozen', 'late', 'gone'] as const;

let folder: string;
let cluster: ControlPlane;
let fake: FakeNodes;
let shards: SimulatedShards;
let operator: OperatorProcess;
let webhook: WebhookServer;
let senders: Sender[] = [];
let stopRun = async () => {};
let prometheus: PrometheusServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'prometheus-test-'));
  writeFreezingClip(join(folder, 'freezing.mp4'), { from: 6, to: 60, seconds: 90 });
  writeLateClip(join(folder, 'late.mp4'));
  cluster = await startControlPlane({ manifests: operatorManifests() });
  [fake, shards, operator] = await Promise.all([
    startFakeNodes(cluster),
    startSimulatedShards(cluster),
    startOperator(cluster, { settings: { ...quickSettings, region: 'lab' }, atEnd: () => {} }),
  ]);
  await operator.leads();
  const [port] = (await freePorts(1)) as [number];
  const target = `127.0.0.1:${port}`;
  const scraped = { monitors: target, operator: operator.address };
  const scrapeConfigs = Object.entries(scraped).map(([job, address]) => ({
    job_name: job,
    honor_labels: true,
    static_configs: [{ targets: [address] }],
  }));
  prometheus = await PrometheusServer.start(scrapeConfigs, rulePaths);
  // A rate needs what happens between two scrapes, and a namespace at rest is planned once a minute.
  await eventually('the operator in Prometheus', async () =>
    hasData(await prometheus.query('streammonitor_operator_leader')),
  );
  const live = await MonitoredNamespace.create(cluster, 'live');
  await live.apply('sports', { streams: plainStreams('one', 'two') });
  await live.owns('sports', ['one', 'two']);
  await startWatching(target);
});
afterAll(async () => {
  await stopRun();
  await Promise.all([prometheus?.stop(), operator?.stop(), webhook?.close()]);
  await Promise.all(senders.map((sender) => sender.stop()));
  await shards?.stop();
  await fake?.stop();
  await cluster?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts `streammonitor run`, and the defects once Prometheus has seen the streams without any. */
async function startWatching(listen: string): Promise<void> {
  const secret = newWebhookSecret();
  webhook = await startWebhookServer(() => secret);
  mkdirSync(join(folder, 'secrets', 'webhook'), { recursive: true });
  writeFileSync(join(folder, 'secrets', 'webhook', 'key'), secret);
  const frozenPort = await freeUdpPort();
  const [late, gone] = await Promise.all([
    startHttpTs({ source: clip(join(folder, 'late.mp4')) }),
    startHttpTs({ source: clip('road') }),
  ]);
  senders = [late, gone];
  const urls = { frozen: `udp://127.0.0.1:${frozenPort}`, late: late.url, gone: gone.url };
  const document = {
    apiVersion: 'streammonitor.dev/v1alpha1',
    kind: 'StreamMonitor',
    metadata: { name: 'sports', namespace: 'live' },
    spec: {
      streams: streams.map((name) => ({ name, url: urls[name] })),
      notifications: [
        { webhook: { url: webhook.url, secretFrom: { secretKeyRef: { name: 'webhook', key: 'key' } } } },
      ],
      actions: [{ name: 'switch', match: { streams: ['other'] }, webhook: { url: webhook.url } }],
    },
  };
  const file = join(folder, 'live.yaml');
  writeFileSync(file, stringify(document));
  new RunProcess(
    [
      ...['-f', file, '--listen', listen, '--state', join(folder, 'state'), '--region', 'lab'],
      ...['--secrets', join(folder, 'secrets'), '--results', join(folder, 'results')],
    ],
    {
      atEnd: (stop) => {
        stopRun = stop;
      },
    },
  );
  await eventually(
    'streams in Prometheus',
    async () => (await prometheus.query('streammonitor_frames_total > 25')).length >= 2,
    60,
  );
  senders.push(await startUdpTs({ source: clip(join(folder, 'freezing.mp4')), port: frozenPort }));
  await gone.stop();
}

describe('on a real Prometheus that scrapes a real run with defects and a real operator', () => {
  answersEverything(() => prometheus, 'live');
  drawsEverything(() => prometheus);

  test('the defects are in the figures that a dashboard shows first', async () => {
    const value = async (dashboard: string, panel: string) => {
      const { expr } = panelQueries.find((query) => query.dashboard === dashboard && query.panel === panel)!;
      const [series] = await prometheus.query(interpolated(expr, '2m', '20s'));
      return Number(series!.value![1]);
    };
    const frozen = 'stream:streammonitor_defect:ratio_rate5m{stream="frozen"} > 0';
    await eventually('a frozen stream', async () => (await prometheus.query(frozen)).length === 1, 60);
    expect(await value('fleet', 'Streams with a critical defect')).toBeGreaterThan(0);
    expect(await value('fleet', 'Streams')).toBe(streams.length);
    expect(await value('fleet', 'Streams down')).toBe(1);
    expect(await value('fleet', 'Free of defects')).toBeLessThan(0.999);
    expect(await value('fleet', 'Free of defects')).toBeGreaterThan(0);
    expect(await value('fleet', 'Blind')).toBeGreaterThan(0.01);
    expect(await value('operator', 'Streams placed')).toBe(2);
    expect(await value('operator', 'Leaders')).toBe(1);
  });

  test('series of streams have no label of whoever watches them', async () => {
    for (const { record } of recordingRules) {
      for (const { metric } of await prometheus.query(record)) {
        expect(Object.keys(metric), record).not.toContain('instance');
        expect(Object.keys(metric), record).not.toContain('job');
      }
    }
  });
});
