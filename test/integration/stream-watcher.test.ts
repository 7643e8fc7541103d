import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { resolveDetectors } from '../../crds/detector-settings.ts';
import { IngressError } from '../../monitor/ingress/ingress.ts';
import { type ActiveDetector, selectDetectors } from '../../monitor/watch/detector-selection.ts';
import type { MediaSession, SessionSource } from '../../monitor/watch/session-source.ts';
import { StreamWatcher, type WatcherOptions } from '../../monitor/watch/stream-watcher.ts';
import type { WatchEvent } from '../../monitor/watch/watch-event.ts';
import { eventually } from './run-process.ts';

/** Four seconds of a real transport stream. */
let transport: Buffer;
let detectors: readonly ActiveDetector[];

beforeAll(async () => {
  const clip = join(import.meta.dirname, '../media/road.mp4');
  transport = execFileSync(
    'ffmpeg',
    ['-v', 'error', '-t', '4', '-i', clip, '-c', 'copy', '-f', 'mpegts', '-'],
    {
      maxBuffer: 1e8,
    },
  );
  detectors = await selectDetectors(resolveDetectors());
});

function watched(options: Partial<WatcherOptions> & Pick<WatcherOptions, 'open'>) {
  const pipeDirectory = mkdtempSync(join(tmpdir(), 'sm-test-'));
  const events: WatchEvent[] = [];
  const watcher = new StreamWatcher({
    identity: { namespace: 'live', monitor: 'sports', stream: 'one' },
    detectors,
    wants: { video: 'reduced', audio: true, preview: true },
    persistent: true,
    pictures: false,
    clock: { origin: Date.now(), now: Date.now },
    newId: randomUUID,
    emit: (event) => events.push(event),
    pipeDirectory,
    logger: pino({ level: 'silent' }),
    ...options,
  });
  onTestFinished(() => {
    watcher.stop();
    rmSync(pipeDirectory, { recursive: true, force: true });
  });
  const states = () => events.flatMap((event) => (event.type === 'state' ? [event.state] : []));
  return { watcher, events, states, pipeDirectory };
}

/** Sessions that the test hands out; a promise stands for one that is waited for. */
function scripted(sessions: (MediaSession | Promise<never>)[], end?: IngressError): SessionSource {
  let closed = () => {};
  const closing = new Promise<undefined>((resolve) => {
    closed = () => resolve(undefined);
  });
  return {
    next: async () => {
      const session = sessions.shift();
      if (session) return Promise.race([session, closing]);
      if (end) throw end;
      return undefined;
    },
    close: closed,
  };
}

function session(bytes: PassThrough, { live = true } = {}): MediaSession {
  const inputs = [{ carries: 'program', format: 'mpegts', bytes }] as const;
  return { source: { inputs }, expectedGap: 2, live, transportSeen: true };
}

/** The transport stream, and its end unless it is to stay open. */
function body({ end = true } = {}): PassThrough {
  const bytes = new PassThrough();
  bytes.write(transport);
  if (end) bytes.end();
  return bytes;
}

const never = new Promise<never>(() => {});
const stopped = new IngressError('SenderStopped', 'the sender closed the connection');

test('stops at once while the source is being opened, and closes what is opened all the same', async () => {
  let opened: (source: SessionSource) => void = () => {};
  const { watcher } = watched({
    open: () =>
      new Promise((resolve) => {
        opened = resolve;
      }),
  });
  const watching = watcher.watch();
  watcher.stop();
  await watching;
  const closed = new Promise<void>((resolve) => opened({ next: () => never, close: resolve }));
  await closed;
});

test('stops at once while a session is waited for that never comes', async () => {
  const { watcher } = watched({ open: async () => ({ next: () => never, close: () => {} }) });
  const watching = watcher.watch();
  await new Promise(setImmediate);
  watcher.stop();
  await watching;
});

test('gives up a source that is tried once and never begins', async () => {
  let late = 0;
  const { watcher, states } = watched({
    open: async () => scripted([never]),
    persistent: false,
    clock: { origin: Date.now(), now: () => Date.now() + late },
  });
  const watching = watcher.watch();
  await sleep(100);
  late = 26_000;
  await watching;
  expect(states().at(-1)).toMatchObject({ phase: 'Down', reason: 'NoFrames' });
});

test('watches session after session and leaves no pipe behind', async () => {
  const sources = [1, 2, 3].map(() => session(body()));
  const { watcher, states, events, pipeDirectory } = watched({ open: async () => scripted(sources) });
  await watcher.watch();
  expect(states().map(({ phase }) => phase)).toEqual(['Starting', 'Up', 'Ended']);
  const frames = events.reduce(
    (sum, event) => sum + (event.type === 'seconds' ? event.seconds.frames : 0),
    0,
  );
  expect(frames).toBeGreaterThan(3 * 85);
  expect(readdirSync(pipeDirectory)).toEqual([]);
});

test('tells an ffmpeg that was killed from the end of the media', async () => {
  const { watcher, states, events, pipeDirectory } = watched({
    open: async () => scripted([session(body({ end: false }), { live: false })]),
    persistent: false,
  });
  const watching = watcher.watch();
  await eventually('frames', () => events.some(({ type }) => type === 'first-frame'));
  const pid = readdirSync('/proc').find((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(pipeDirectory);
    } catch {
      return false;
    }
  });
  process.kill(Number(pid), 'SIGSEGV');
  await watching;
  expect(states().at(-1)).toMatchObject({
    phase: 'Down',
    reason: 'FfmpegFailed',
    message: 'ffmpeg stopped unexpectedly: it was ended by SIGSEGV',
  });
});

test('a silent connection is told as such, also when the source calls it its end afterwards', async () => {
  let late = 0;
  const { watcher, states, events } = watched({
    open: async () => scripted([session(body({ end: false }))], stopped),
    clock: { origin: Date.now(), now: () => Date.now() + late },
  });
  const watching = watcher.watch();
  await eventually('Up', () => states().some(({ phase }) => phase === 'Up'));
  // All frames have come.
  await sleep(1000);
  late = 11_000;
  const reconnect = await eventually('another attempt', () =>
    events.find(({ type }) => type === 'reconnect'),
  );
  expect(reconnect).toMatchObject({ reason: 'NoFrames' });
  watcher.stop();
  await watching;
  expect(new Set(states().map(({ reason }) => reason))).toEqual(
    new Set(['Connecting', 'Receiving', 'NoFrames']),
  );
});

test('a decoder that stands still while bytes come is replaced within seconds', async () => {
  const bytes = body({ end: false });
  const feeding = setInterval(() => bytes.write(transport), 500);
  onTestFinished(() => clearInterval(feeding));
  const { watcher, states, events, pipeDirectory } = watched({
    open: async () => scripted([session(bytes)], stopped),
  });
  const watching = watcher.watch();
  await eventually('Up', () => states().some(({ phase }) => phase === 'Up'));
  process.kill(processWith(pipeDirectory), 'SIGSTOP');
  const stoppedAt = performance.now();
  await eventually('another attempt', () => events.find(({ type }) => type === 'reconnect'));
  const seconds = (performance.now() - stoppedAt) / 1000;
  expect(seconds).toBeGreaterThan(3);
  expect(seconds).toBeLessThan(8);
  watcher.stop();
  await watching;
});

/** The process with this in its command line. */
function processWith(argument: string): number {
  const found = readdirSync('/proc').find((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(argument);
    } catch {
      return false;
    }
  });
  return Number(found);
}

test('a fault in whoever listens ends the session, and the stream is opened again', async () => {
  let faults = 0;
  let opened = 0;
  const reasons: string[] = [];
  const { watcher } = watched({
    open: async () => {
      opened++;
      return scripted([session(body({ end: false }))], stopped);
    },
    emit: (event) => {
      if (event.type === 'state') reasons.push(event.state.reason);
      if (event.type === 'seconds' && faults++ === 0) throw new Error('no space left on device');
    },
  });
  const watching = watcher.watch();
  await eventually('another attempt', () => opened > 1);
  expect(reasons).toContain('InternalError');
  watcher.stop();
  await watching;
});

test('decodes on after a first ffmpeg that could not make out the streams', async () => {
  const bytes = new PassThrough();
  // Longer than short probing: only the second ffmpeg, which gets the same bytes again, finds the programme.
  const padding = Buffer.alloc(188, 0xff);
  padding.set([0x47, 0x1f, 0xff, 0x10]);
  for (let packet = 0; packet < 20_000; packet++) bytes.write(padding);
  bytes.end(transport);
  const { watcher, states } = watched({ open: async () => scripted([session(bytes, { live: false })]) });
  await watcher.watch();
  expect(states().at(-1)?.phase).toBe('Ended');
  expect(watcher.time).toBeGreaterThan(3.5);
});
