import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { shardApiVersion } from '../../crds/assignment.ts';
import { resolveDetectors } from '../../crds/detector-settings.ts';
import { type ReceivedChange, startWebhookReceiver } from '../demo/webhook-receiver.ts';
import { writeFreezingClip } from './freezing-clip.ts';
import { clip, startUdpTs } from './senders.ts';

const streammonitor = fileURLToPath(new URL('../../bin/streammonitor', import.meta.url));

async function until(condition: () => boolean, seconds: number): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${seconds} s`);
    await sleep(50);
  }
}

test('a shard killed with -9 goes on with its incident under the same id and loses no close', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'streammonitor-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  mkdirSync(join(directory, 'secrets', 'webhook'), { recursive: true });
  writeFileSync(join(directory, 'secrets', 'webhook', 'key'), secret);
  const received: ReceivedChange[] = [];
  const receiver = await startWebhookReceiver(secret, (change) => received.push(change));
  onTestFinished(receiver.close);

  const video = join(directory, 'freezing.mp4');
  writeFreezingClip(video, { from: 6, to: 22, seconds: 40 });
  const sender = await startUdpTs({ source: clip(video) });
  onTestFinished(() => sender.stop());
  const assignment = join(directory, 'assignment', 'assignment.json');
  mkdirSync(join(directory, 'assignment'));
  const webhook = { url: receiver.url, secretFrom: { name: 'webhook', key: 'key' } };
  const settings = {
    ...{ namespace: 'live', name: 'sports', detectors: resolveDetectors(), notifications: [{ webhook }] },
  };
  const stream = { monitor: 'live/sports', name: 'one', url: sender.url, detectors: ['freeze', 'stall'] };
  const document = { apiVersion: shardApiVersion, kind: 'Assignment', shard: 'shard-0', generation: 1 };
  writeFileSync(
    assignment,
    JSON.stringify({ ...document, monitors: { 'live/sports': settings }, streams: [stream] }),
  );

  const start = (): ChildProcess => {
    const paths = [
      '--assignment',
      assignment,
      '--state',
      join(directory, 'state'),
      '--secrets',
      join(directory, 'secrets'),
    ];
    const listen = [
      '--listen',
      join(directory, 'shard.sock'),
      '--allow-range',
      '127.0.0.0/8',
      '--log-level',
      'warn',
    ];
    const child = spawn(streammonitor, ['monitor', ...paths, ...listen], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    return child;
  };
  const first = start();
  await until(() => received.some(({ incident }) => incident.detector === 'freeze'), 25);
  const killed = once(first, 'exit');
  first.kill('SIGKILL');
  await killed;
  rmSync(join(directory, 'shard.sock'), { force: true });

  start();
  const freezes = () => received.filter(({ incident }) => incident.detector === 'freeze');
  await until(() => freezes().some(({ change }) => change === 'closed'), 40);
  expect(new Set(freezes().map(({ incident }) => incident.id)).size).toBe(1);
  expect(freezes().at(-1)).toMatchObject({
    change: 'closed',
    incident: { closeReason: 'recovered', state: 'closed' },
  });
  const { startTime, endTime } = freezes().at(-1)!.incident;
  expect((Date.parse(endTime!) - Date.parse(startTime)) / 1000).toBeGreaterThan(12);
});
