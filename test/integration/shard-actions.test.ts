import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { MonitorSettings } from '../../crds/assignment.ts';
import { resolveDetectors } from '../../crds/detector-settings.ts';
import type { StreamReport } from '../../crds/shard-report.ts';
import { AlertmanagerServer } from './alertmanager-server.ts';
import { writeFreezingClip } from './freezing-clip.ts';
import { queryResults } from './results-query.ts';
import { eventually } from './run-process.ts';
import { clip, startHttpTs } from './senders.ts';
import { ShardProcess } from './shard-process.ts';
import { newWebhookSecret, stateDirectory, until } from './state-directory.ts';
import { startWebhookServer } from './webhook-server.ts';

const watching = (role: StreamReport['role']) => (stream: StreamReport) =>
  stream.role === role && stream.firstFrameTime !== undefined;

test('an action that nobody answers survives a restart and a move, and so does its cool-down', async () => {
  const place = stateDirectory();
  const clips = mkdtempSync(join(tmpdir(), 'streammonitor-test-'));
  onTestFinished(() => rmSync(clips, { recursive: true }));
  const freezing = join(clips, 'freezing.mp4');
  writeFreezingClip(freezing, { from: 5, to: 50, seconds: 55 });
  const secret = newWebhookSecret();
  place.writeSecret('keys', 'key', secret);
  const webhook = await startWebhookServer(() => secret);
  let works = false;
  const router = await startWebhookServer(
    () => secret,
    () =>
      works
        ? { status: 200, headers: { 'content-type': 'application/json' }, body: '{"result": "on backup"}' }
        : { status: 503 },
  );
  const alertmanager = await AlertmanagerServer.start('http://127.0.0.1:9/');
  const sender = await startHttpTs({ source: clip(freezing) });
  for (const stop of [webhook.close, router.close, () => sender.stop()]) onTestFinished(stop);

  const { freeze, stall } = resolveDetectors();
  const results = join(place.state, 'results');
  const secretFrom = { name: 'keys', key: 'key' };
  const settings: MonitorSettings = {
    ...{ namespace: 'live', name: 'sports', detectors: { freeze: freeze!, stall: stall! } },
    results: { directory: results },
    notifications: [
      { alertmanager: { url: alertmanager.url } },
      { match: { detectors: ['freeze'] }, webhook: { url: webhook.url, secretFrom } },
    ],
    actions: [
      { name: 'switch', match: {}, after: 1, cooldown: 300, webhook: { url: router.url, secretFrom } },
    ],
  };
  const shared = { settings, secrets: place.secrets };
  const [source, target] = await Promise.all([
    ShardProcess.start({ ...shared, name: 'source', host: '127.64.0.7' }),
    ShardProcess.start({ ...shared, name: 'target', host: '127.64.0.8' }),
  ]);
  // It is critical to others; to this stream's owner it is not.
  const stream = { name: 'one', url: sender.url, severities: { freeze: 'warning' } } as const;
  source.write([stream]);
  await until(() => router.deliveries.length > 0, 40);
  const { incident } = webhook.deliveries[0]!.event.data;
  expect(incident).toMatchObject({ detector: 'freeze', severity: 'warning' });
  const { at } = router.deliveries[0]!;
  expect(at - webhook.deliveries[0]!.at).toBeGreaterThan(950);

  await source.kill();
  const asked = router.deliveries.length;
  source.startProcess();
  await until(() => router.deliveries.length > asked, 20);

  target.write([{ ...stream, role: 'warming' }]);
  await target.reports('warms', watching('warming'));
  source.write([{ ...stream, role: 'demoted' }]);
  const { watermarkTime, openIncidents, closedIncidents, actionTimes } = await source.reports(
    'is demoted',
    ({ role }) => role === 'demoted',
  );
  expect(openIncidents).toMatchObject([{ id: incident.id, actions: [{ outcome: 'pending' }] }]);
  expect(actionTimes).toEqual({ switch: openIncidents[0]!.actions![0]!.at });
  const incidents = [...openIncidents, ...closedIncidents];
  works = true;
  target.write([{ ...stream, adopt: { from: 'source', watermarkTime, incidents, actionTimes } }]);
  source.write([]);

  const told = await eventually('the answer is told', () =>
    webhook.deliveries.find(({ event }) => event.data.incident.actions?.[0]?.outcome === 'delivered'),
  );
  const taken = {
    name: 'switch',
    at: actionTimes!.switch,
    ...{ outcome: 'delivered', status: 200, result: 'on backup' },
  };
  expect(told.event).toMatchObject({
    type: 'dev.streammonitor.incident.updated',
    data: { incident: { id: incident.id, state: 'open', revision: 2, actions: [taken] } },
  });
  expect(new Set(router.deliveries.map(({ id }) => id))).toEqual(new Set([`${incident.id}.switch`]));
  expect(router.acknowledged).toHaveLength(1);
  expect((await target.wall()).streams[0]!.incidents).toMatchObject([{ id: incident.id, actions: [taken] }]);

  expect((await alertmanager.firing()).map(({ labels }) => labels)).toMatchObject([
    { stream: 'one', detector: 'freeze', severity: 'warning' },
  ]);

  await target.reports('has watched', ({ monitoredSeconds }) => monitoredSeconds > 3);
  await sender.endMedia();
  const outcome = async (name: string) =>
    (await target.metrics()).sum('actions_total', { action: 'switch', outcome: name });
  await eventually('a stall is in the cool-down', async () => (await outcome('cooldown')) === 1);
  expect([await outcome('delivered'), await outcome('failed')]).toEqual([1, 0]);
  expect((await target.streams())[0]!.actionTimes).toEqual(actionTimes);
  expect(router.acknowledged).toHaveLength(1);

  await Promise.all([source.stop(), target.stop()]);
  const [row] = await queryResults(
    results,
    `SELECT arg_max(actions, revision) AS actions FROM results WHERE "recordId" = '${incident.id}'`,
  );
  expect(row!.actions).toMatchObject([
    { name: 'switch', outcome: 'delivered', status: 200, result: 'on backup' },
  ]);
});
