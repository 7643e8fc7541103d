import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { resolveDetectors } from '../../crds/detector-settings.ts';
import type { IncidentEvent } from '../../crds/incident-event.ts';
import type { Wall } from '../../crds/page-api.ts';
import { resultRecordSchema } from '../../crds/result-record.ts';
import type { StreamReport } from '../../crds/shard-report.ts';
import { writeFreezingClip } from './freezing-clip.ts';
import { schemaFaults } from './published-schemas.ts';
import { documentedAthenaQuery, documentedQueries, queryResults } from './results-query.ts';
import { eventually, RunProcess } from './run-process.ts';
import { type S3Server, startS3Server } from './s3-server.ts';
import { clip, freeUdpPort, type PacketSender, startHttpTs, startUdpTs } from './senders.ts';
import { newWebhookSecret } from './state-directory.ts';
import { startWebhookServer, type WebhookServer } from './webhook-server.ts';

const detectors = Object.keys(resolveDetectors()).sort();
const inSecret = (name: string, key: string) => ({ secretKeyRef: { name, key } });

let folder: string;
let s3: S3Server;
let webhook: WebhookServer;
let router: WebhookServer;
let senders: { readonly steady: PacketSender; readonly late: PacketSender; frozen?: PacketSender };
let frozenPort: number;
let run: RunProcess;
let stopRun = async () => {};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'run-outputs-'));
  s3 = await startS3Server();
  const secret = newWebhookSecret();
  webhook = await startWebhookServer(() => secret);
  router = await startWebhookServer(
    () => secret,
    () => ({ status: 200, headers: { 'content-type': 'application/json' }, body: '{"result": "noted"}' }),
  );
  writeFreezingClip(freezingClip(), { from: 6, to: 16, seconds: 40 });
  const [late, steady] = await Promise.all([startHttpTs(), startUdpTs()]);
  senders = { late, steady };

  await writeSecret('webhook', 'key', secret);
  frozenPort = await freeUdpPort();
  await writeSecret('feeds', 'frozen', `udp://127.0.0.1:${frozenPort}\n`);
  const { accessKeyId, secretAccessKey } = s3;
  await writeSecret('s3', 'credentials', JSON.stringify({ accessKeyId, secretAccessKey }));
  writeStreams({ steady: steady.url });
  const options = ['--state', join(folder, 'state'), '--listen', '127.0.0.1:0', '--region', 'lab'];
  run = new RunProcess(['-f', file(), '--secrets', join(folder, 'secrets'), ...options], {
    atEnd: (stop) => {
      stopRun = stop;
    },
  });
});
afterAll(async () => {
  await stopRun();
  await Promise.all([
    ...Object.values(senders).map((sender) => sender.stop()),
    webhook.close(),
    router.close(),
    s3.remove(),
  ]);
  rmSync(folder, { recursive: true, force: true });
});

const file = () => join(folder, 'live.yaml');
const freezingClip = () => join(folder, 'freezing.mp4');

async function writeSecret(name: string, key: string, value: string): Promise<void> {
  await mkdir(join(folder, 'secrets', name), { recursive: true });
  writeFileSync(join(folder, 'secrets', name, key), value);
}

/** The stream that freezes has its address in a Secret. */
function writeStreams(urls: Record<string, string>, spec: object = {}): void {
  const { bucket, endpoint, region } = s3;
  const target = { bucket, endpoint, region, prefix: 'live/', forcePathStyle: true };
  const streams = Object.entries(urls).map(([name, url]) => ({ name, url }));
  const document = {
    apiVersion: 'streammonitor.dev/v1alpha1',
    kind: 'StreamMonitor',
    metadata: { name: 'sports', namespace: 'live' },
    spec: {
      streams: [{ name: 'frozen', urlFrom: inSecret('feeds', 'frozen') }, ...streams],
      notifications: [{ webhook: { url: webhook.url, secretFrom: inSecret('webhook', 'key') } }],
      actions: [
        {
          ...{ name: 'note', match: { streams: ['fro*'], detectors: ['freeze'] }, after: '1s' },
          webhook: { url: router.url, secretFrom: inSecret('webhook', 'key') },
        },
      ],
      results: { s3: { ...target, credentialsFrom: inSecret('s3', 'credentials') } },
      ...spec,
    },
  };
  writeFileSync(file(), stringify(document));
}

/** The first change of this name that the webhook received about a stream's defect. */
function told(stream: string, detector: string, change: string, seconds = 45): Promise<IncidentEvent> {
  const type = `dev.streammonitor.incident.${change}`;
  return eventually(
    `${stream}: ${detector} ${change}`,
    () =>
      webhook.deliveries.find(
        ({ event }) =>
          event.type === type && event.subject === stream && event.data.incident.detector === detector,
      )?.event,
    seconds,
  );
}

async function reportOf(stream: string): Promise<StreamReport & { readonly bootId: string }> {
  return eventually(`report of ${stream}`, async () => {
    for (const { bootId, streams } of await run.reports()) {
      const found = streams.find(({ name }) => name === stream);
      if (found) return { ...found, bootId };
    }
  });
}

const up = (name: string) => eventually(`${name} up`, async () => (await run.stream(name))?.phase === 'Up');

/** Does something and sees to it that the steady stream was watched all the while, by the same process. */
async function undisturbed(change: () => Promise<void>): Promise<void> {
  const before = await reportOf('steady');
  const begin = performance.now();
  await change();
  await sleep(1500);
  const after = await reportOf('steady');
  const passed = (performance.now() - begin) / 1000;
  expect(after).toMatchObject({
    bootId: before.bootId,
    firstFrameTime: before.firstFrameTime,
    since: before.since,
    blindSeconds: before.blindSeconds,
    phase: 'Up',
  });
  expect(after.monitoredSeconds - before.monitoredSeconds).toBeGreaterThan(passed - 2.5);
}

/** Deviation of the brightness in a part of a picture: some 0 where it is blank. */
async function contrast(jpeg: Buffer, left: number, width: number, height: number): Promise<number> {
  const part = await sharp(jpeg).extract({ left, top: 24, width, height }).greyscale().toBuffer();
  return (await sharp(part).stats()).channels[0]!.stdev;
}

test('a defect is told with a picture, and its end under the same id', async () => {
  await up('steady');
  // Only now, so that the stream is watched from its first second.
  senders.frozen = await startUdpTs({ source: clip(freezingClip()), port: frozenPort });
  await up('frozen');
  const opened = await told('frozen', 'freeze', 'opened');
  expect(opened).toMatchObject({
    specversion: '1.0',
    source: '/apis/streammonitor.dev/v1alpha1/namespaces/live/streammonitors/sports',
    region: 'lab',
  });
  const { incident, picture, scores } = opened.data;
  expect(incident).toMatchObject({ state: 'open', severity: expect.any(String) });
  expect(scores!.length).toBeGreaterThan(1);

  const jpeg = Buffer.from(picture!.base64, 'base64');
  const { format, width, height } = await sharp(jpeg).metadata();
  expect([format, width]).toEqual(['jpeg', 1280]);
  expect(height).toBeGreaterThan(400);
  for (const left of [0, 640]) expect(await contrast(jpeg, left, 640, 360)).toBeGreaterThan(10);

  const served = await run.get(`/api/evidence/${incident.evidence}`);
  expect([served.status, served.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
  expect(Buffer.from(await served.arrayBuffer()).equals(jpeg)).toBe(true);
  expect((await run.get('/api/evidence/none.jpg')).status).toBe(404);
  expect((await run.metrics()).sum('defects_total', { stream: 'frozen', detector: 'freeze' })).toBe(1);

  const closed = (await told('frozen', 'freeze', 'closed')).data.incident;
  expect(closed.actions).toMatchObject([
    { name: 'note', outcome: 'delivered', status: 200, result: 'noted' },
  ]);
  expect(router.deliveries.map(({ event }) => event.data.incident.id)).toEqual([incident.id]);
  for (const { event } of router.deliveries) expect(schemaFaults('action-event', event)).toEqual([]);
  expect(closed).toMatchObject({ id: incident.id, state: 'closed', closeReason: 'recovered' });
  expect(closed.revision).toBeGreaterThan(incident.revision);
  // The clip stands still for 10 s.
  const seconds = (Date.parse(closed.endTime!) - Date.parse(closed.startTime)) / 1000;
  expect(Math.abs(seconds - 10)).toBeLessThan(1.5);
  expect(webhook.unverified()).toBe(0);
});

test('a stream is added while another goes on', async () => {
  await undisturbed(async () => {
    writeStreams({ steady: senders.steady.url, late: senders.late.url });
    await up('late');
  });
});

test('a change that is wrong is refused, with field and fix, and everything goes on', async () => {
  await undisturbed(async () => {
    const urls = { steady: senders.steady.url, late: senders.late.url };
    writeStreams(urls, { detectors: { freeze: { minDuration: 'soon' } } });
    const { problems } = await run.log('change refused: everything goes on as it was');
    expect(problems).toEqual([
      expect.stringMatching(/live\.yaml:\d+: spec\.detectors\.freeze\.minDuration .*2s/),
    ]);
  });
  expect((await run.stream('late'))!.phase).toBe('Up');
});

test('a stream that is removed closes its incidents, and its series go', async () => {
  await senders.late.endMedia();
  const { incident } = (await told('late', 'stall', 'opened')).data;
  expect((await run.metrics()).sum('defect_active', { stream: 'late', detector: 'stall' })).toBe(1);
  await undisturbed(async () => {
    writeStreams({ steady: senders.steady.url });
    const closed = await told('late', 'stall', 'closed');
    expect(closed.data.incident).toMatchObject({ id: incident.id, closeReason: 'watch-stopped' });
    await eventually('late is gone', async () => (await run.stream('late')) === undefined);
  });
  const { text } = await run.metrics();
  expect(text).not.toContain('stream="late"');
  expect(text).toContain('stream="steady"');
});

test('metrics and wall name the region, and promtool finds nothing wrong', async () => {
  const metrics = await run.metrics();
  const labels = { region: 'lab', namespace: 'live', monitor: 'sports', stream: 'steady' };
  expect(metrics.sum('stream_up', labels)).toBe(1);
  expect(metrics.sum('notifications_total', { sink: 'webhook', outcome: 'delivered' })).toBeGreaterThan(3);
  expect(((await (await run.get('/api/wall')).json()) as Wall).region).toBe('lab');
  const checked = spawnSync('promtool', ['check', 'metrics'], { input: metrics.text, encoding: 'utf8' });
  expect(checked.error).toBeUndefined();
  expect(checked.stdout + checked.stderr).toBe('');
});

test('results are in the bucket when it was stopped', async () => {
  expect((await run.stream('steady'))!.incidents).toEqual([]);
  const { monitoredSeconds } = await reportOf('steady');
  const ids = new Set(webhook.deliveries.map(({ event }) => event.data.incident.id));
  run.kill('SIGTERM');
  expect(await run.exitCode()).toBe(0);

  const directory = join(s3.bucketDirectory, 'live');
  const keys = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(directory.length + 1));
  const [pictures, objects] = [
    keys.filter((key) => key.endsWith('.jpg')),
    keys.filter((key) => key.endsWith('.gz')),
  ];
  expect(pictures.length + objects.length).toBe(keys.length);
  for (const key of pictures) expect(key).toMatch(/^evidence\/[0-9a-f-]{36}-\d+\.jpg$/);
  for (const key of objects) {
    expect(key).toMatch(
      /^detector=[a-z-]+\/date=\d{4}-\d\d-\d\d\/hour=\d\d\/shard-0-[0-9a-f-]{36}-\d+\.jsonl\.gz$/,
    );
  }

  const records = objects.flatMap((key) =>
    gunzipSync(readFileSync(join(directory, key)))
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
  for (const record of records) {
    expect(schemaFaults('result-record', record)).toEqual([]);
    // Nothing that the published schema does not name, which would allow it.
    resultRecordSchema.parse(record);
  }
  for (const { event } of webhook.deliveries) expect(schemaFaults('incident-event', event)).toEqual([]);

  const incidents = await queryResults(
    directory,
    `SELECT stream, detector, change, "closeReason", region, evidence FROM results
     WHERE type = 'incident' AND stream <> 'steady' AND detector IN ('freeze', 'stall') AND change <> 'updated'
     ORDER BY time`,
  );
  const about = (stream: string, detector: string) => ({ stream, detector, region: 'lab' });
  expect(incidents.slice(0, 2)).toEqual([
    expect.objectContaining({ ...about('frozen', 'freeze'), change: 'opened' }),
    expect.objectContaining({ ...about('frozen', 'freeze'), change: 'closed', closeReason: 'recovered' }),
  ]);
  expect(incidents).toContainEqual(
    expect.objectContaining({ ...about('late', 'stall'), change: 'closed', closeReason: 'watch-stopped' }),
  );
  const picture = join(directory, 'evidence', String(incidents[0]!.evidence));
  expect((await sharp(readFileSync(picture)).metadata()).format).toBe('jpeg');

  const stored = await queryResults(
    directory,
    `SELECT DISTINCT "recordId" AS id FROM results WHERE type = 'incident' AND severity <> 'info'`,
  );
  expect(new Set(stored.map(({ id }) => id))).toEqual(ids);

  const summaries = await queryResults(
    directory,
    `SELECT stream, detector, sum("monitoredSeconds") AS monitored, sum("defectSeconds") AS defect FROM results
     WHERE type = 'summary' GROUP BY stream, detector ORDER BY stream, detector`,
  );
  expect(summaries.map(({ stream, detector }) => `${stream} ${detector}`)).toEqual(
    ['frozen', 'late', 'steady'].flatMap((stream) => detectors.map((detector) => `${stream} ${detector}`)),
  );
  for (const { monitored } of summaries.filter(({ stream }) => stream === 'steady')) {
    expect(Number(monitored)).toBeGreaterThan(monitoredSeconds - 1);
    expect(Number(monitored)).toBeLessThan(monitoredSeconds + 3);
  }
  const frozen = summaries.find(({ stream, detector }) => stream === 'frozen' && detector === 'freeze')!;
  expect(Number(frozen.defect)).toBeGreaterThan(8);

  const [incidentsOfTheDay, serviceLevel, actions] = await documentedQueries(directory);
  expect(incidentsOfTheDay).toContainEqual(
    expect.objectContaining({ stream: 'frozen', detector: 'freeze', evidence: expect.any(String) }),
  );
  const levels = new Map(serviceLevel!.map(({ stream, defect_free: level }) => [stream, Number(level)]));
  expect(levels.get('frozen')).toBeLessThan(0.9);
  expect(levels.get('steady')).toBeGreaterThan(0.99);
  expect(actions).toMatchObject([
    { stream: 'frozen', detector: 'freeze', name: 'note', outcome: 'delivered', result: 'noted' },
  ]);
  expect(await documentedAthenaQuery(directory)).toContainEqual(
    expect.objectContaining({ stream: 'frozen', severity: expect.any(String), seconds: expect.anything() }),
  );
});
