import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { resolveDetectors } from '../../crds/detector-settings.ts';
import { createLogger } from '../../monitor/commands/logger.ts';
import { opener } from '../../monitor/commands/source-opener.ts';
import { warmUpFfmpeg } from '../../monitor/converter/ffmpeg.ts';
import { selectDetectors, wantsOf } from '../../monitor/watch/detector-selection.ts';
import { createStreamWatcher } from '../../monitor/watch/reference-watcher.ts';
import { startLiveEncoder } from '../demo/live-encoder.ts';
import { startWebhookReceiver } from '../demo/webhook-receiver.ts';
import { freeTcpPort, freeUdpPort } from '../integration/senders/free-port.ts';
import { streammonitor } from './commands.ts';
import { startPacedSender } from './paced-sender.ts';
import type { Rendition } from './renditions.ts';
import { median, percentile } from './statistics.ts';

export interface Latency {
  readonly median: number;
  readonly p95: number;
  readonly count: number;
}

/** Starts of each kind. */
const starts = 5;
/** Bytes of the rendition that a start needs, at most. */
const startBytes = 4_000_000;
const firstFrameSeconds = 20;

/** Black pictures of the live senders: so long, once in so many seconds. */
const defect = { every: 8, seconds: 3, streams: 3 } as const;
/** `minDuration` of black meanwhile: the least that is judged to last. */
const minDuration = 1;
const defectSeconds = 60;

/** Seconds from what a viewer sees to what is told, and from a start to the first frame that was judged. */
export async function measureLatency(rendition: Rendition): Promise<Readonly<Record<string, Latency>>> {
  const stream = await beginningOf(rendition.file);
  warmUpFfmpeg();
  const atKeyFrame: number[] = [];
  const between: number[] = [];
  for (let start = 0; start < starts; start++) {
    atKeyFrame.push(await firstFrame(stream, 'key-frame'));
    between.push(await firstFrame(stream, 'between'));
  }
  const { toIncident, toWebhook } = await incidentLatencies();
  return {
    'start to first analysed frame, at a key frame': latencyOf(atKeyFrame),
    'first key frame to first analysed frame, start between two': latencyOf(between),
    [`black leaves the encoder to incident, ${minDuration} s of it being asked for`]: latencyOf(toIncident),
    'incident to webhook': latencyOf(toWebhook),
  };
}

function latencyOf(values: readonly number[]): Latency {
  return { median: median(values), p95: percentile(values, 0.95), count: values.length };
}

/** Seconds from the start, or from the first key frame where that is later, to the first picture that was judged. */
async function firstFrame(stream: Buffer, beginning: 'key-frame' | 'between'): Promise<number> {
  const sender = await startPacedSender(stream, beginning);
  const pipeDirectory = await mkdtemp(join(tmpdir(), 'streammonitor-'));
  const logger = createLogger('fatal');
  const source = opener(sender.url, { header: {} }, logger);
  if (typeof source === 'string') throw new Error(source);
  const detectors = await selectDetectors(resolveDetectors());
  const { promise: seen, resolve } = Promise.withResolvers<number>();
  const started = Date.now();
  const watcher = createStreamWatcher(
    {
      identity: { namespace: 'bench', monitor: 'bench', stream: 'bench' },
      // Sound is decoded before the first key frame, and would be taken for the first frame.
      ...{ detectors, wants: { ...wantsOf(detectors, { preview: false }), audio: false } },
      ...{ persistent: false, pictures: false },
      open: (listener) => source('highest', listener),
      clock: { origin: started, now: Date.now },
      newId: randomUUID,
      emit: (event) => event.type === 'first-frame' && resolve(Date.now()),
      ...{ pipeDirectory, logger },
    },
    undefined,
  );
  const watching = watcher.watch();
  try {
    const late = sleep(1000 * firstFrameSeconds, undefined, { ref: false }).then(() => {
      throw new Error(`no frame was judged within ${firstFrameSeconds} s of the start`);
    });
    const at = await Promise.race([seen, late]);
    const from = beginning === 'key-frame' ? started : await sender.firstKeyFrame;
    return (at - from) / 1000;
  } finally {
    watcher.stop();
    await watching;
    await sender.stop();
    await rm(pipeDirectory, { recursive: true, force: true });
  }
}

/** Live senders with black pictures at known times, a real `run`, and a receiver of its webhooks. */
async function incidentLatencies(): Promise<{ toIncident: number[]; toWebhook: number[] }> {
  const directory = await mkdtemp(join(tmpdir(), 'streammonitor-bench-'));
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const receiver = await startWebhookReceiver(secret, () => {});
  const ports = await Promise.all(Array.from({ length: defect.streams }, () => freeUdpPort()));
  const senders = ports.map((port) => startBlackSender(port));
  await Promise.all(senders.map(({ encoder }) => encoder.started));
  const child = await startRun(directory, ports, receiver.url, secret);
  try {
    await sleep(1000 * defectSeconds);
  } finally {
    if (child.exitCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
    await Promise.all(senders.map(({ encoder }) => encoder.stop()));
    receiver.close();
    await rm(directory, { recursive: true, force: true });
  }
  const opened = receiver.changes.filter(
    ({ change, incident }) => change === 'opened' && incident.detector === 'black',
  );
  if (opened.length === 0) throw new Error('no incident about black pictures was told');
  return {
    toIncident: opened.map(({ incident }) => {
      const { origin } = senders[Number(incident.stream.split('-')[1])]!;
      const since = (Date.parse(incident.openedAt) - origin()) / 1000;
      return since % defect.every;
    }),
    toWebhook: opened.map(({ incident, at }) => (at - Date.parse(incident.openedAt)) / 1000),
  };
}

/** A moving picture that is black at the beginning of each period but the first. */
function startBlackSender(port: number) {
  let origin = Number.POSITIVE_INFINITY;
  const encoder = startLiveEncoder(
    () => [
      ...['-re', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25'],
      '-vf',
      `drawbox=c=black:t=fill:enable='gte(t,${defect.every})*lt(mod(t,${defect.every}),${defect.seconds})',format=yuv420p`,
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-threads', '1', '-g', '50'],
      ...['-f', 'mpegts', `udp://127.0.0.1:${port}?pkt_size=1316`],
    ],
    // What was sent is at most as far as the clock; the earliest origin is the truest.
    (position) => {
      origin = Math.min(origin, Date.now() - 1000 * position);
    },
  );
  return { encoder, origin: () => origin };
}

async function startRun(directory: string, ports: readonly number[], webhook: string, secret: string) {
  const secrets = join(directory, 'secrets');
  await mkdir(join(secrets, 'webhook'), { recursive: true });
  await writeFile(join(secrets, 'webhook', 'signing'), secret);
  const file = join(directory, 'streams.yaml');
  const object = {
    apiVersion: 'streammonitor.dev/v1alpha1',
    kind: 'StreamMonitor',
    metadata: { name: 'bench' },
    spec: {
      streams: ports.map((port, index) => ({ name: `stream-${index}`, url: `udp://127.0.0.1:${port}` })),
      detectors: { black: { minDuration: `${minDuration}s` } },
      notifications: [
        { webhook: { url: webhook, secretFrom: { secretKeyRef: { name: 'webhook', key: 'signing' } } } },
      ],
    },
  };
  await writeFile(file, stringify(object));
  const listen = ['--listen', `127.0.0.1:${await freeTcpPort()}`, '--log-level', 'error'];
  return spawn(
    streammonitor,
    ['run', '-f', file, ...listen, '--secrets', secrets, '--state', join(directory, 'state')],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
}

async function beginningOf(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(startBytes), 0, startBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
