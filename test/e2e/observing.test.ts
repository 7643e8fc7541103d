import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, inject } from 'vitest';
import { rulePaths } from '../charts/rule-files.ts';
import { writeLateClip } from '../integration/late-clip.ts';
import { answersEverything } from '../integration/prometheus-answers.ts';
import { PrometheusServer } from '../integration/prometheus-server.ts';
import { eventually } from '../integration/run-process.ts';
import {
  clip,
  type LivePicture,
  type Sender,
  startHttpTs,
  startLivePicture,
} from '../integration/senders.ts';
import { imageTags } from './image-tags.ts';
import { smallInstallation } from './installation.ts';
import { Scene } from './scene.ts';
import { documentedScrapeConfig } from './scrape-config.ts';

/** A Prometheus that finds pods as docs/metrics.md has it, while one stream freezes, one is late and one goes away. */
let scene: Scene;
let directory: string;
let prometheus: PrometheusServer;
let senders: Sender[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'streammonitor-e2e-'));
  scene = await Scene.open();
  writeLateClip(join(directory, 'late.mp4'));
  const picture: LivePicture = await startLivePicture();
  const late = await startHttpTs({ source: clip(join(directory, 'late.mp4')) });
  const gone = await startHttpTs({ source: clip('road') });
  senders = [picture, late, gone];

  const small = smallInstallation(imageTags.current);
  await scene.installation.install({ ...small, region: 'lab' });
  const scrapeConfig = await documentedScrapeConfig(inject('kubeconfig'), join(directory, 'certificates'));
  prometheus = await PrometheusServer.start([scrapeConfig], rulePaths, builtPrometheus());
  // Counters of the operator must be seen before they first rise.
  await eventually('the operator in Prometheus', () => hasSeries('streammonitor_operator_leader'), 60);

  const live = await scene.namespace('observed');
  const urls = { frozen: picture.url, late: late.url, gone: gone.url };
  const streams = await Promise.all(
    Object.entries(urls).map(async ([name, url]) => ({ name, url: await scene.doorways.to(url) })),
  );
  const switching = { name: 'switch', match: { streams: ['other'] } };
  const router = { url: await scene.doorways.to(live.webhook.url) };
  await live.write({ streams, actions: [{ ...switching, webhook: router }] });
  await live.watched(streams.map(({ name }) => name));
  await eventually(
    'all streams in Prometheus',
    () => hasSeries('count(streammonitor_frames_total > 25) == 3'),
    60,
  );
  picture.freeze(true);
  await gone.stop();
});
afterAll(async () => {
  await prometheus?.stop();
  await scene?.close();
  await Promise.all(senders.map((sender) => sender.stop()));
  await rm(directory, { recursive: true, force: true });
});

/** Path of one that asks a cluster for its pods, which that of Debian cannot. */
function builtPrometheus(): string {
  const builder = new URL('../setup/prometheus.sh', import.meta.url).pathname;
  return execFileSync(builder, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
}

async function hasSeries(query: string): Promise<boolean> {
  return (await prometheus.query(query)).length > 0;
}

answersEverything(() => prometheus, 'observed');
