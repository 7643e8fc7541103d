import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest';
import type { HandOver } from '../../crds/assignment.ts';
import { resolveDetectors } from '../../crds/detector-settings.ts';
import type { StreamReport } from '../../crds/shard-report.ts';
import { startCountingProxy } from './counting-proxy.ts';
import { writeFreezingClip } from './freezing-clip.ts';
import { queryResults } from './results-query.ts';
import { eventually } from './run-process.ts';
import { clip, startHttpTs } from './senders.ts';
import { ShardProcess, type StreamInput } from './shard-process.ts';
import { newWebhookSecret, stateDirectory, until } from './state-directory.ts';
import { startWebhookServer } from './webhook-server.ts';

const identity = { namespace: 'live', monitor: 'sports', stream: 'one' };

const clips = mkdtempSync(join(tmpdir(), 'streammonitor-test-'));
const freezing = join(clips, 'freezing.mp4');
beforeAll(() => writeFreezingClip(freezing, { from: 12, to: 32, seconds: 60 }));
afterAll(() => rmSync(clips, { recursive: true }));

/** Two shards, a webhook, and a live source of one clip. */
async function stage(video: string, { onTestFinished }: TestContext) {
  const place = stateDirectory(onTestFinished);
  const secret = newWebhookSecret();
  place.writeSecret('webhook', 'key', secret);
  const webhook = await startWebhookServer(() => secret);
  onTestFinished(webhook.close);
  const { freeze: picture, stall, black } = resolveDetectors();
  const results = join(place.state, 'results');
  const settings = {
    ...{ namespace: 'live', name: 'sports', detectors: { freeze: picture!, stall: stall!, black: black! } },
    ...{ results: { directory: results } },
    notifications: [{ webhook: { url: webhook.url, secretFrom: { name: 'webhook', key: 'key' } } }],
  };
  const shared = { settings, secrets: place.secrets, atEnd: onTestFinished };
  const [source, target] = await Promise.all([
    ShardProcess.start({ ...shared, name: 'source', host: '127.64.0.5' }),
    ShardProcess.start({ ...shared, name: 'target', host: '127.64.0.6' }),
  ]);
  // Once they are up, so that a start takes nothing of the time before the freeze.
  const sender = await startHttpTs({ source: clip(video) });
  onTestFinished(() => sender.stop());
  const sentSince = Date.now();
  const proxy = await startCountingProxy(sender.url);
  onTestFinished(proxy.close);
  return {
    ...{ source, target, proxy, webhook },
    stream: { name: 'one', url: proxy.url(sender.url) } satisfies StreamInput,
    /** Waits until the sender has sent so many seconds. */
    sent: (seconds: number) => sleep(Math.max(0, sentSince + seconds * 1000 - Date.now())),
    freezes: () => webhook.deliveries.filter(({ event }) => event.data.incident.detector === 'freeze'),
    /** Sums over what both shards wrote, once they have ended. */
    written: async () => {
      await Promise.all([source.stop(), target.stop()]);
      const [sums] = await queryResults(
        results,
        `SELECT sum(monitoredSeconds) AS monitored, sum(blindSeconds) AS blind, sum(defectSeconds) AS defect,
           (count(*) FILTER (type = 'incident'))::INTEGER AS changes
         FROM results WHERE detector = 'freeze'`,
      );
      return sums as { monitored: number; blind: number; defect: number; changes: number };
    },
  };
}

const watching = (role: StreamReport['role']) => (stream: StreamReport) =>
  stream.role === role && stream.firstFrameTime !== undefined;

function handOverOf(report: StreamReport): HandOver {
  const { watermarkTime, openIncidents, closedIncidents } = report;
  return { from: 'source', watermarkTime, incidents: [...openIncidents, ...closedIncidents] };
}

/** The four steps of a move, as an operator writes them; how long nobody spoke for the stream, in seconds. */
async function move(from: ShardProcess, to: ShardProcess, stream: StreamInput): Promise<number> {
  to.write([{ ...stream, role: 'warming' }]);
  await to.reports('warms', watching('warming'));
  expect(await to.wall()).toMatchObject({ streams: [] });
  from.write([{ ...stream, role: 'demoted' }]);
  const report = await from.reports('is demoted', ({ role }) => role === 'demoted');
  to.write([{ ...stream, adopt: handOverOf(report) }]);
  await to.reports('owns', watching('owner'));
  const silent = (Date.now() - Date.parse(report.watermarkTime)) / 1000;
  from.write([]);
  to.write([stream]);
  await Promise.all([
    eventually('the source lets go', async () => (await from.streams()).length === 0),
    to.reports('owns', watching('owner')),
  ]);
  return silent;
}

function changes(deliveries: Awaited<ReturnType<typeof stage>>['webhook']['deliveries']): string[] {
  return deliveries.map(({ event }) => event.type.split('.').at(-1)!);
}

test.concurrent('a stream that moves with no defect, and back in the middle of one, is told of once and loses no second', async (context) => {
  const { source, target, stream, sent, freezes, webhook, written } = await stage(freezing, context);
  source.write([stream]);
  const { firstFrameTime } = await source.reports('owns', watching('owner'));
  await sent(5);
  const silent = await move(source, target, stream);
  expect(webhook.deliveries).toEqual([]);
  expect((await source.metrics()).sum('monitored_seconds_total', identity)).toBeUndefined();
  expect((await target.wall()).streams).toMatchObject([{ name: 'one', phase: 'Up' }]);

  await until(() => freezes().length === 1, 40);
  const back = await move(target, source, stream);
  const metrics = await source.metrics();
  expect(metrics.sum('defect_active', { ...identity, detector: 'freeze' })).toBe(1);
  expect(metrics.sum('defects_total', { ...identity, detector: 'freeze' })).toBe(0);
  await until(() => freezes().length === 2, 40);
  await sleep(3000);
  const ended = Date.now();
  expect(changes(webhook.deliveries)).toEqual(['opened', 'closed']);
  expect(new Set(freezes().map(({ event }) => event.data.incident.id)).size).toBe(1);
  const closed = freezes()[1]!.event.data.incident;
  expect(closed).toMatchObject({ revision: 2, closeReason: 'recovered' });
  const lasted = (Date.parse(closed.endTime!) - Date.parse(closed.startTime)) / 1000;
  expect(lasted).toBeGreaterThan(18);
  expect(lasted).toBeLessThan(23);

  const { monitored, blind, defect, changes: stored } = await written();
  // Each change lies in the results once: what was handed over was stored by whoever told it.
  expect(stored).toBe(2);
  const watched = (ended - Date.parse(firstFrameTime!)) / 1000;
  console.info(
    `silent for ${silent.toFixed(2)} s and ${back.toFixed(2)} s; of ${watched.toFixed(1)} s ${monitored} monitored, ${blind} blind`,
  );
  expect(Math.abs(monitored - watched)).toBeLessThan(2);
  expect(blind).toBeLessThan(2);
  expect(Math.abs(defect - lasted)).toBeLessThan(1.5);
});

test.concurrent('a shard that is killed in the middle of a freeze is followed by one that closes it under its id', async (context) => {
  const { source, target, stream, freezes, webhook } = await stage(freezing, context);
  source.write([stream]);
  await until(() => freezes().length === 1, 40);
  const report = await source.reports(
    'tells of the freeze',
    ({ openIncidents }) => openIncidents.length === 1,
  );
  await source.kill();
  await sleep(4000);
  const adopting = { ...stream, adopt: handOverOf(report) };
  target.write([adopting]);
  const { firstFrameTime } = await target.reports('owns', watching('owner'));
  const gap = (Date.parse(firstFrameTime!) - Date.parse(report.watermarkTime)) / 1000;
  const { blindSeconds } = await target.reports('counts', ({ monitoredSeconds }) => monitoredSeconds > 0);
  console.info(`not watched for ${gap.toFixed(2)} s, of which ${blindSeconds} s are blind`);
  expect(gap).toBeGreaterThan(4);
  expect(Math.abs(blindSeconds - gap)).toBeLessThan(0.1);
  // Adopted once: neither the same document again nor a restart of the container does it anew.
  target.write([adopting]);
  await target.reports('still owns', watching('owner'));
  await target.kill();
  target.startProcess();
  await until(() => changes(freezes()).includes('closed'), 50);
  const [opened, ...later] = freezes();
  expect(new Set(freezes().map(({ event }) => event.data.incident.id)).size).toBe(1);
  expect(later.at(-1)!.event.data.incident).toMatchObject({
    ...{ id: opened!.event.data.incident.id, revision: 2, closeReason: 'recovered' },
  });
  const seen = new Set(webhook.deliveries.map(({ id }) => id));
  expect(seen.size).toBe(2);
});

test.concurrent('a source of one reader never has two, and the time between them is blind', async (context) => {
  const { source, target, proxy, webhook, ...rest } = await stage('road', context);
  const stream = { ...rest.stream, exclusive: true } as const;
  source.write([stream]);
  const { firstFrameTime } = await source.reports('owns', watching('owner'));
  await rest.sent(5);
  source.write([{ ...stream, role: 'demoted' }]);
  const report = await source.reports('is demoted', ({ role }) => role === 'demoted');
  // It let go before it said so; the proxy hears of it a moment later.
  await until(() => proxy.connections === 0, 1);
  target.write([{ ...stream, adopt: handOverOf(report) }]);
  const after = await target.reports('owns', watching('owner'));
  const gap = (Date.parse(after.firstFrameTime!) - Date.parse(report.watermarkTime)) / 1000;
  source.write([]);
  target.write([stream]);
  await sleep(6000);
  expect(proxy.most).toBe(1);
  expect(webhook.deliveries).toEqual([]);
  const ended = Date.now();
  const [now] = await target.streams();
  expect(Math.abs(now!.blindSeconds - gap)).toBeLessThan(0.1);
  const { monitored, blind } = await rest.written();
  const watched = (ended - Date.parse(firstFrameTime!)) / 1000;
  console.info(
    `interrupted for ${gap.toFixed(2)} s: ${monitored} monitored and ${blind} blind of ${watched} s`,
  );
  expect(Math.abs(monitored + gap - watched)).toBeLessThan(2);
});

test.concurrent('an aborted move leaves the stream with its owner and its incident under its id', async (context) => {
  const { source, target, stream, freezes, webhook } = await stage(freezing, context);
  source.write([stream]);
  await until(() => freezes().length === 1, 40);
  target.write([{ ...stream, role: 'warming' }]);
  await target.reports('warms', watching('warming'));
  source.write([{ ...stream, role: 'demoted' }]);
  const report = await source.reports('is demoted', ({ role }) => role === 'demoted');
  expect(report.openIncidents).toMatchObject([{ detector: 'freeze' }]);
  // A container that restarts meanwhile still says what it left, and does not watch.
  await source.kill();
  source.startProcess();
  await eventually('the source is back', () => source.streams().catch(() => undefined));
  const again = await source.reports('is demoted', ({ role }) => role === 'demoted');
  expect(handOverOf(again)).toEqual(handOverOf(report));
  expect(again.firstFrameTime).toBeUndefined();

  target.write([]);
  await eventually('the target lets go', async () => (await target.streams()).length === 0);
  source.write([stream]);
  const { firstFrameTime } = await source.reports('owns again', watching('owner'));
  await until(() => freezes().length === 2, 50);
  expect(changes(webhook.deliveries)).toEqual(['opened', 'closed']);
  expect(new Set(freezes().map(({ event }) => event.data.incident.id)).size).toBe(1);
  const gap = (Date.parse(firstFrameTime!) - Date.parse(report.watermarkTime)) / 1000;
  const [now] = await source.streams();
  console.info(`interrupted for ${gap.toFixed(2)} s, blind for ${now!.blindSeconds}`);
  expect(Math.abs(now!.blindSeconds - gap)).toBeLessThan(0.1);
});
