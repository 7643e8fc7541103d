import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { queryResults } from './results-query.ts';
import { eventually, RunProcess } from './run-process.ts';
import { startLivePicture } from './senders.ts';
import { newWebhookSecret, stateDirectory } from './state-directory.ts';
import { startWebhookServer } from './webhook-server.ts';

const secretFrom = { secretKeyRef: { name: 'webhook', key: 'key' } };

/** A window that began with this minute and ends so many seconds from now. */
function windowUntil(seconds: number) {
  const now = new Date();
  const end = now.getTime() + seconds * 1000;
  const duration = `${now.getUTCSeconds() + seconds}s`;
  return { window: { cron: `${now.getUTCMinutes()} ${now.getUTCHours()} * * *`, duration }, end };
}

test('a picture that is expected to stand still alarms nobody, and does when it outlasts that', async () => {
  const picture = await startLivePicture();
  onTestFinished(() => picture.stop());
  const secret = newWebhookSecret();
  const webhook = await startWebhookServer(() => secret);
  onTestFinished(() => webhook.close());
  const { state, secrets, writeSecret } = stateDirectory();
  writeSecret('webhook', 'key', secret);
  const file = join(secrets, 'live.yaml');
  const results = join(state, 'results');
  const write = (stream: object) =>
    writeFile(
      file,
      stringify({
        apiVersion: 'streammonitor.dev/v1alpha1',
        kind: 'StreamMonitor',
        metadata: { name: 'sports' },
        spec: {
          streams: [{ name: 'channel', url: picture.url, ...stream }],
          notifications: [{ webhook: { url: webhook.url, secretFrom } }],
        },
      }),
    );

  await write({});
  const run = new RunProcess([
    ...['-f', file, '--listen', '127.0.0.1:0', '--state', state, '--secrets', secrets],
    ...['--results', results],
  ]);
  const firstFrame = () =>
    eventually('first frame', async () => (await run.reports())[0]?.streams[0]?.firstFrameTime);
  const before = await firstFrame();
  const { window, end } = windowUntil(20);
  await write({ expect: { static: [window] } });
  await eventually('watched as expected now', async () => (await firstFrame()) !== before);
  picture.freeze(true);

  const incidents = async () =>
    ((await run.stream('channel'))?.incidents ?? []).filter(({ detector }) => detector === 'freeze');
  const suppressed = await eventually('suppressed', async () => (await incidents())[0]);
  expect(suppressed).toMatchObject({ state: 'open', suppressed: 'schedule' });
  expect(webhook.deliveries).toEqual([]);
  expect(Date.now()).toBeLessThan(end);
  const channel = { stream: 'channel', detector: 'freeze' };
  await eventually('suppressed seconds', async () => {
    const metrics = await run.metrics();
    const seconds = metrics.sum('suppressed_seconds_total', { stream: 'channel', reason: 'schedule' });
    expect(metrics.sum('defects_total', channel)).toBe(0);
    expect(metrics.sum('defect_active', channel)).toBe(0);
    expect(metrics.sum('defect_seconds_total', channel)).toBe(0);
    return (seconds ?? 0) > 2;
  });
  expect((await run.stream('channel'))?.phase).toBe('Up');

  const alarm = await eventually('alarm', () => webhook.deliveries[0]?.event.data.incident);
  expect(alarm).toMatchObject({ state: 'open', detector: 'freeze', outlasts: suppressed.id });
  expect(alarm.suppressed).toBeUndefined();
  expect(Math.abs(Date.parse(alarm.startTime) - end)).toBeLessThan(1500);
  const shown = await incidents();
  expect(shown.find(({ id }) => id === suppressed.id)).toMatchObject({
    state: 'closed',
    suppressed: 'schedule',
  });
  expect((await run.metrics()).sum('defects_total', channel)).toBe(1);

  await run.stop();
  const records = await queryResults(
    results,
    `SELECT DISTINCT "recordId" AS id, suppressed, outlasts FROM results
     WHERE type = 'incident' AND detector = 'freeze' ORDER BY suppressed NULLS LAST`,
  );
  expect(records).toEqual([
    { id: suppressed.id, suppressed: 'schedule', outlasts: null },
    { id: alarm.id, suppressed: null, outlasts: suppressed.id },
  ]);
});
