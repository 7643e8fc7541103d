import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import type { Incident } from '../../crds/incident.ts';
import { spliceSection } from '../unit/ingress/breaks/splice-section.ts';
import { eventually, RunProcess } from './run-process.ts';
import { SpliceInjector } from './senders/splices.ts';
import { startHls, startLivePicture } from './senders.ts';
import { newWebhookSecret, stateDirectory } from './state-directory.ts';
import { startWebhookServer } from './webhook-server.ts';

const breakSeconds = 14;

/** Watches a stream whose breaks are expected; a webhook hears of what alarms. */
async function watched(url: string) {
  const secret = newWebhookSecret();
  const webhook = await startWebhookServer(() => secret);
  onTestFinished(() => webhook.close());
  const { state, secrets, writeSecret } = stateDirectory();
  writeSecret('webhook', 'key', secret);
  const file = join(secrets, 'live.yaml');
  const secretFrom = { secretKeyRef: { name: 'webhook', key: 'key' } };
  await writeFile(
    file,
    stringify({
      apiVersion: 'streammonitor.dev/v1alpha1',
      kind: 'StreamMonitor',
      metadata: { name: 'sports' },
      spec: {
        streams: [{ name: 'channel', url, expect: { breaks: { margin: '0s' } } }],
        notifications: [{ webhook: { url: webhook.url, secretFrom } }],
      },
    }),
  );
  const run = new RunProcess(['-f', file, '--listen', '127.0.0.1:0', '--state', state, '--secrets', secrets]);
  await eventually('first frame', async () => (await run.reports())[0]?.streams[0]?.firstFrameTime);
  const freezes = async () =>
    ((await run.stream('channel'))?.incidents ?? []).filter(({ detector }) => detector === 'freeze');
  return { run, webhook, freezes };
}

/** A freeze in the break alarms nobody; what outlasts it by the minimum duration does, from its end on. */
async function outlastsBreak(
  { run, webhook, freezes }: Awaited<ReturnType<typeof watched>>,
  /** Seconds of the break that were over when the picture began to stand still. */
  begun: number,
): Promise<void> {
  const suppressed = await eventually('suppressed', async () => (await freezes())[0]);
  expect(suppressed).toMatchObject({ state: 'open', suppressed: 'break' });
  expect(webhook.deliveries).toEqual([]);
  const alarm = await eventually(
    'alarm',
    () => webhook.deliveries[0]?.event.data.incident as Incident | undefined,
  );
  expect(alarm).toMatchObject({ state: 'open', detector: 'freeze', outlasts: suppressed.id });
  expect(alarm.suppressed).toBeUndefined();
  expect(Math.abs(alarm.start - suppressed.start - (breakSeconds - begun))).toBeLessThan(1.5);
  const closed = (await freezes()).find(({ id }) => id === suppressed.id)!;
  expect(closed).toMatchObject({ state: 'closed', suppressed: 'break', end: alarm.start });
  const metrics = await run.metrics();
  const seconds = metrics.sum('suppressed_seconds_total', { stream: 'channel', reason: 'break' });
  expect(Math.abs(seconds! - (alarm.start - suppressed.start))).toBeLessThan(1);
}

test('a break that SCTE-35 in a transport stream announces', async () => {
  const picture = await startLivePicture();
  onTestFinished(() => picture.stop());
  const splices = new SpliceInjector();
  picture.tamper(splices.tamper);
  const watching = await watched(picture.url);
  const time = splices.pts! + 2;
  splices.announce(spliceSection({ event: 7, time, duration: breakSeconds }));
  await sleep(5000);
  picture.freeze(true);
  const begun = splices.pts! - time;
  expect(begun).toBeGreaterThan(1);
  await outlastsBreak(watching, begun);
});

test('a break that cue tags of HLS announce', async () => {
  const picture = await startLivePicture();
  onTestFinished(() => picture.stop());
  const hls = await startHls({
    source: { input: ['-i', picture.url], map: ['-map', '0:v'], codec: ['-c', 'copy'] },
  });
  onTestFinished(() => hls.stop());
  const tags = new Map<string, string>();
  hls.origin.fail('/stream.m3u8', {
    rewrite: (text) =>
      text.replace(/^#EXTINF:[^\n]*\n(?:#[^\n]*\n)*(\S+)$/gm, (entry, name: string) =>
        tags.has(name) ? `${tags.get(name)}\n${entry}` : entry,
      ),
  });
  const watching = await watched(hls.url);
  const newest = await newestSegment(hls.url);
  const number = Number(newest.slice(0, 5));
  const name = (offset: number) => `${String(number + offset).padStart(5, '0')}.ts`;
  tags.set(name(1), '#EXT-X-CUE-OUT');
  for (let offset = 2; offset <= breakSeconds / 2; offset++) tags.set(name(offset), '#EXT-X-CUE-OUT-CONT');
  tags.set(name(1 + breakSeconds / 2), '#EXT-X-CUE-IN');
  // Listed when it has ended, 2 s after its beginning.
  await eventually('the break', async () => (await newestSegment(hls.url)) === name(1));
  await sleep(2000);
  picture.freeze(true);
  await outlastsBreak(watching, 4);
});

async function newestSegment(url: string): Promise<string> {
  const text = await (await fetch(url)).text();
  return text.trim().split('\n').at(-1)!;
}
