import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { freeTcpPort } from '../integration/senders/free-port.ts';
import { type DemoSenders, startDemoSenders } from './senders.ts';
import { type DemoStore, startDemoStore } from './store.ts';
import { judge, table, type Verdict } from './verdict.ts';
import { type ReceivedChange, startWebhookReceiver } from './webhook-receiver.ts';

const streammonitor = fileURLToPath(new URL('../../bin/streammonitor', import.meta.url));
/** Length of the schedule when the demo runs until Ctrl-C. */
const endlessSchedule = 120;
/** Merge gap of the incidents, plus a margin for their last notifications, in seconds. */
const settleSeconds = 9;

const seconds = process.argv[2] ? Number(process.argv[2]) : undefined;
process.exitCode = await demo(seconds);
process.exit();

/** Watches live streams with injected defects; the exit code says whether every one was found, and nothing else. */
async function demo(limit: number | undefined): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'streammonitor-demo-'));
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort()).once('SIGTERM', () => interrupted.abort());
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const receiver = await startWebhookReceiver(secret, announce);
  const media = join(directory, 'hls');
  mkdirSync(media);
  const store = await startDemoStore(join(directory, 'results'));
  const senders = await startDemoSenders({ directory: media, seconds: limit ?? endlessSchedule });
  senders.failed.catch((error: Error) => {
    console.error(`a sender failed: ${error.message}`);
    interrupted.abort();
  });
  const monitor = await startRun(directory, senders, receiver.url, secret, store);
  try {
    await sleep((limit ?? 2 ** 31 / 1000 - 1) * 1000, undefined, { signal: interrupted.signal }).catch(
      () => {},
    );
    if (limit === undefined || interrupted.signal.aborted) return 0;
    await sleep(settleSeconds * 1000);
    const verdict = judge(senders.defects(), receiver.changes);
    // The last results are written when the monitor ends.
    await stopProcess(monitor);
    return conclude(verdict, receiver.changes.length, receiver.rejected(), await store.count());
  } finally {
    await stopProcess(monitor);
    await senders.stop();
    receiver.close();
    await store.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function startRun(
  directory: string,
  senders: DemoSenders,
  webhook: string,
  secret: string,
  store: DemoStore,
): Promise<ChildProcess> {
  const secrets = join(directory, 'secrets');
  mkdirSync(join(secrets, 'webhook'), { recursive: true });
  writeFileSync(join(secrets, 'webhook', 'signing'), secret);
  store.writeCredentials(secrets);
  const file = join(directory, 'streams.yaml');
  const spec = {
    streams: senders.streams,
    notifications: [
      { webhook: { url: webhook, secretFrom: { secretKeyRef: { name: 'webhook', key: 'signing' } } } },
    ],
    ...store.results,
  };
  const object = {
    apiVersion: 'streammonitor.dev/v1alpha1',
    kind: 'StreamMonitor',
    metadata: { name: 'demo' },
    spec,
  };
  writeFileSync(file, stringify(object));
  const port = await freeTcpPort();
  const listen = ['--listen', `127.0.0.1:${port}`, '--log-level', 'error'];
  const child = spawn(
    streammonitor,
    [
      'run',
      '-f',
      file,
      ...listen,
      '--secrets',
      secrets,
      '--state',
      join(directory, 'state'),
      ...store.runArguments,
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  console.log(`\n${senders.streams.map(({ name, url }) => `  ${name.padEnd(14)}${url}`).join('\n')}\n`);
  console.log(`page     http://127.0.0.1:${port}/`);
  console.log(`metrics  http://127.0.0.1:${port}/metrics`);
  console.log(`results  ${store.description}\n`);
  announceInjections(senders);
  return child;
}

/** Prints each injected defect when it leaves its sender. */
function announceInjections(senders: DemoSenders): void {
  const announced = new Set<string>();
  setInterval(() => {
    for (const { stream, description, startTime } of senders.defects()) {
      const key = `${stream} ${description}`;
      if (announced.has(key) || startTime > Date.now()) continue;
      announced.add(key);
      console.log(`${clock(startTime)}  ${stream.padEnd(14)}injected  ${description}`);
    }
  }, 200).unref();
}

function announce({ change, incident, at }: ReceivedChange): void {
  const { stream, severity, detector, kind } = incident;
  console.log(`${clock(at)}  ${stream.padEnd(14)}${change.padEnd(8)}  ${severity} ${detector} (${kind})`);
}

function conclude(verdict: Verdict, notified: number, rejected: number, stored: number): number {
  const missed = verdict.found.filter(({ opened }) => !opened).length;
  console.log(`\n${table(verdict)}\n`);
  console.log(
    `${verdict.found.length - missed} of ${verdict.found.length} injected defects detected, ` +
      `${verdict.falseAlarms.length} false alarms, ${notified} notifications verified, ${rejected} rejected, ` +
      `${stored} result objects stored`,
  );
  return missed === 0 && verdict.falseAlarms.length === 0 && rejected === 0 ? 0 : 1;
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(killer);
}

function clock(time: number): string {
  return new Date(time).toISOString().slice(11, 21);
}
