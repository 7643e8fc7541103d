import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { shardApiVersion } from '../../crds/assignment.ts';
import { resolveDetectors } from '../../crds/detector-settings.ts';
import type { ShardReport } from '../../crds/shard-report.ts';
import { clip, type Sender, startHls, startSrtListener, startUdpTs } from '../integration/senders.ts';

/** Real 480p live streams in one shard: memory, descriptors, frames and open incidents, minute by minute. */

const streammonitor = fileURLToPath(new URL('../../bin/streammonitor', import.meta.url));
const frameRate = 24;
const megabyte = 1024 * 1024;

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '30' }, streams: { type: 'string', default: '6' } },
});
const minutes = Number(values.minutes);
const senders = await startSenders(Number(values.streams));
const directory = mkdtempSync(join(tmpdir(), 'streammonitor-soak-'));
const socketPath = join(directory, 'shard.sock');
const monitor = startMonitor();
try {
  console.log('minute  shard MB  converters MB  descriptors  CPU cores  frames/s  lost  defects');
  let before = { cpu: 0, frames: 0, at: performance.now() };
  for (let minute = 1; minute <= minutes; minute++) {
    await sleep(60_000);
    before = await printMinute(minute, before);
  }
} finally {
  const ended = once(monitor, 'exit');
  monitor.kill('SIGTERM');
  await ended;
  await Promise.all(senders.map((sender) => sender.stop()));
  rmSync(directory, { recursive: true, force: true });
}
process.exit();

async function startSenders(count: number): Promise<Sender[]> {
  const source = clip('bunny');
  const kinds = [
    () => startUdpTs({ source }),
    () => startHls({ source }),
    () => startSrtListener({ source }),
  ];
  return Promise.all(Array.from({ length: count }, (_, index) => kinds[index % kinds.length]!()));
}

function startMonitor() {
  const detectors = resolveDetectors();
  const monitors = {
    'soak/soak': {
      namespace: 'soak',
      name: 'soak',
      detectors,
      results: { directory: join(directory, 'results') },
    },
  };
  const streams = senders.map(({ url }, index) => ({
    ...{ monitor: 'soak/soak', name: `stream-${index}`, url, detectors: Object.keys(detectors) },
  }));
  mkdirSync(join(directory, 'assignment'));
  const assignment = join(directory, 'assignment', 'assignment.json');
  writeFileSync(
    assignment,
    JSON.stringify({
      apiVersion: shardApiVersion,
      kind: 'Assignment',
      shard: 'shard-0',
      generation: 1,
      monitors,
      streams,
    }),
  );
  const options = [
    '--assignment',
    assignment,
    '--state',
    join(directory, 'state'),
    '--listen',
    `unix:${socketPath}`,
  ];
  return spawn(
    streammonitor,
    ['monitor', ...options, '--allow-range', '127.0.0.0/8', '--log-level', 'warn'],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
}

async function printMinute(minute: number, before: { cpu: number; frames: number; at: number }) {
  const report = JSON.parse(await get('/report')) as ShardReport;
  const metrics = await get('/metrics');
  const now = performance.now();
  const frames = sum(metrics, /^streammonitor_frames_total/);
  const seconds = (now - before.at) / 1000;
  const monitored = report.streams.reduce((total, stream) => total + stream.monitoredSeconds, 0);
  const converters = childrenOf(monitor.pid!);
  const row = [
    minute,
    (residentBytes(monitor.pid!) / megabyte).toFixed(0),
    (converters.reduce((total, pid) => total + residentBytes(pid), 0) / megabyte).toFixed(0),
    readdirSync(`/proc/${monitor.pid}/fd`).length,
    ((report.cpuSeconds - before.cpu) / seconds).toFixed(2),
    ((frames - before.frames) / seconds).toFixed(1),
    `${Math.round(monitored * frameRate - frames)} of ${Math.round(monitored * frameRate)}`,
    sum(metrics, /^streammonitor_defects_total/),
  ];
  console.log(row.join('\t'));
  return { cpu: report.cpuSeconds, frames, at: now };
}

function get(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path }, async (response) =>
      resolve(Buffer.concat(await response.toArray()).toString()),
    )
      .once('error', reject)
      .end();
  });
}

function sum(metrics: string, pattern: RegExp): number {
  const lines = metrics.split('\n').filter((line) => pattern.test(line));
  return lines.reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1024;
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number);
}
