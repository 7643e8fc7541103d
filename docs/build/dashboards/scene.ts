import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { rulePaths } from '../../../test/charts/rule-files.ts';
import { type DemoSenders, startDemoSenders } from '../../../test/demo/senders.ts';
import { startControlPlane } from '../../../test/integration/cluster/control-plane.ts';
import { startFakeNodes } from '../../../test/integration/cluster/fake-nodes.ts';
import { freePorts } from '../../../test/integration/cluster/free-ports.ts';
import { startSimulatedShards } from '../../../test/integration/cluster/simulated-shards.ts';
import { MonitoredNamespace, plainStreams } from '../../../test/integration/monitored-namespace.ts';
import {
  operatorManifests,
  quickSettings,
  startOperator,
} from '../../../test/integration/operator-process.ts';
import { PrometheusServer } from '../../../test/integration/prometheus-server.ts';
import { eventually, RunProcess } from '../../../test/integration/run-process.ts';
import { newWebhookSecret } from '../../../test/integration/state-directory.ts';
import { startWebhookServer } from '../../../test/integration/webhook-server.ts';

const region = 'lab';
const namespace = 'live';
/** Which streams of the demo each StreamMonitor has. */
const monitors = { films: ['cartoon-hls', 'film-srt'], sports: ['road-udp', 'clean-udp'] } as const;

/** Prometheus with what a run with defects and an operator said in the last `seconds`. */
export interface Scene {
  readonly prometheus: PrometheusServer;
  readonly seconds: number;
  stop(): Promise<void>;
}

/**
 * Watches the live streams of the demo with their defects, has an operator place as many streams on shards, and scrapes
 * both until the demo is over. The windows of the recording rules are a twentieth of those of the chart, as the run is.
 */
export async function playScene(seconds: number): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'streammonitor-dashboards-'));
  const stops: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  const atEnd = (each: () => unknown) => void stops.push(each);
  try {
    const [port] = (await freePorts(1)) as [number];
    const listen = `127.0.0.1:${port}`;
    const operator = await startScaledOperator(atEnd);
    const prometheus = await PrometheusServer.start(
      [
        { job_name: 'monitors', honor_labels: true, static_configs: [{ targets: [listen] }] },
        { job_name: 'operator', honor_labels: true, static_configs: [{ targets: [operator.address] }] },
      ],
      shortenedRules(folder),
    );
    atEnd(() => prometheus.stop());
    const media = join(folder, 'media');
    mkdirSync(media);
    const senders = await startDemoSenders({ directory: media, seconds });
    atEnd(() => senders.stop());
    await startRun(folder, listen, senders, atEnd);
    const started = Date.now();
    await operator.place();
    await sleep(started + 1000 * seconds - Date.now());
    return { prometheus, seconds, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startRun(
  folder: string,
  listen: string,
  senders: DemoSenders,
  atEnd: (stop: () => unknown) => void,
): Promise<void> {
  const secret = newWebhookSecret();
  const webhook = await startWebhookServer(() => secret);
  atEnd(() => webhook.close());
  mkdirSync(join(folder, 'secrets', 'webhook'), { recursive: true });
  writeFileSync(join(folder, 'secrets', 'webhook', 'key'), secret);
  const key = { secretKeyRef: { name: 'webhook', key: 'key' } };
  const documents = Object.entries(monitors).map(([name, streams]) => ({
    ...{ apiVersion: 'streammonitor.dev/v1alpha1', kind: 'StreamMonitor', metadata: { name, namespace } },
    spec: {
      streams: senders.streams.filter((stream) => (streams as readonly string[]).includes(stream.name)),
      notifications: [{ webhook: { url: webhook.url, secretFrom: key } }],
      actions: [{ name: 'switch', match: { detectors: ['freeze', 'stall'] }, webhook: { url: webhook.url } }],
    },
  }));
  const file = join(folder, 'live.yaml');
  writeFileSync(file, documents.map((document) => stringify(document)).join('---\n'));
  new RunProcess(
    [
      ...['-f', file, '--listen', listen, '--state', join(folder, 'state'), '--region', region],
      ...['--secrets', join(folder, 'secrets'), '--results', join(folder, 'results')],
    ],
    { atEnd },
  );
  await eventually(
    'an answer of the run',
    async () => (await fetch(`http://${listen}/metrics`).catch(() => undefined))?.ok,
    60,
  );
}

/** An operator with shards that say what real ones say; `place` gives it more streams, in two steps. */
async function startScaledOperator(atEnd: (stop: () => unknown) => void) {
  const cluster = await startControlPlane({ manifests: operatorManifests() });
  atEnd(() => cluster.stop());
  const nodes = await startFakeNodes(cluster);
  atEnd(() => nodes.stop());
  const shards = await startSimulatedShards(cluster);
  atEnd(() => shards.stop());
  const operator = await startOperator(cluster, { settings: { ...quickSettings, region }, atEnd });
  await operator.leads();
  return {
    address: operator.address,
    async place() {
      const live = await MonitoredNamespace.create(cluster, namespace);
      for (const [name, streams] of Object.entries(monitors)) {
        await live.apply(name, { streams: plainStreams(...streams) });
        await live.owns(name, streams, 60);
        await sleep(20_000);
      }
    },
  };
}

function shortenedRules(folder: string): string[] {
  const rules = join(folder, 'rules');
  mkdirSync(rules);
  return rulePaths.map((path) => {
    const copy = join(rules, basename(path));
    writeFileSync(copy, readFileSync(path, 'utf8').replaceAll('[5m]', '[15s]').replaceAll('[1h]', '[3m]'));
    return copy;
  });
}
