import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { PageStream } from '../../crds/page-api.ts';
import type { StreamPhase, StreamReason } from '../../crds/stream-state.ts';
import { type FaultySources, startFaultySources } from './faulty-sources.ts';
import type { MetricSeries } from './metric-series.ts';
import { eventually, RunProcess } from './run-process.ts';

/** What must be said of each stream that is wrong from the start. */
const reasons: Readonly<Record<string, StreamReason>> = {
  'host-refuses': 'Unreachable',
  'host-unknown': 'Unreachable',
  'rtmp-refused': 'Unreachable',
  'srt-silent': 'Unreachable',
  'link-local': 'EgressDenied',
  forbidden: 'Unauthorized',
  'not-found': 'NotFound',
  'server-error': 'UpstreamError',
  'empty-playlist': 'EmptyPlaylist',
  'wrong-key': 'WrongKey',
  'no-key': 'KeyUnavailable',
  'html-page': 'NotMedia',
  'random-file': 'NotMedia',
  'random-live': 'Undecodable',
  'truncated-ts': 'Undecodable',
  'truncated-mp4': 'Undecodable',
  'random-datagrams': 'NoFrames',
  'never-starts': 'NoFrames',
};
/** From the moment that all good streams are up until some of them are ended, in seconds. */
const senderLife = 3;
const good = ['clean', 'no-audio', 'stops', 'pauses', 'http-stops'];

let folder: string;
let sources: FaultySources;
let run: RunProcess;
let stopRun = async () => {};
/** Of the clean stream, while all its neighbours fail. */
let before: { readonly stream: PageStream; readonly metrics: MetricSeries; readonly at: number };

beforeAll(async () => {
  sources = await startFaultySources();
  folder = await mkdtemp(join(tmpdir(), 'run-faults-'));
  const file = join(folder, 'live.yaml');
  const streams = Object.entries(sources.urls).map(([name, url]) => ({ name, url }));
  const head = { apiVersion: 'streammonitor.dev/v1alpha1', kind: 'StreamMonitor' };
  await writeFile(file, stringify({ ...head, metadata: { name: 'faults' }, spec: { streams } }));
  // Capacity for all in one shard, so that they share a process with the clean stream.
  const options = ['--state', join(folder, 'state'), '--listen', '127.0.0.1:0', '--shard-cpu', '100'];
  run = new RunProcess(['-f', file, ...options], {
    atEnd: (stop) => {
      stopRun = stop;
    },
  });
  await Promise.all(good.map((name) => inState(name, 'Up', 'Receiving')));
  // What was blind before the first frame is told with the first second that was watched.
  await eventually(
    'the clean stream is watched',
    async () => ((await run.metrics()).sum('monitored_seconds_total', { stream: 'clean' }) ?? 0) > 0,
  );
  before = { stream: (await run.stream('clean'))!, metrics: await run.metrics(), at: performance.now() };
  await sleep(1000 * senderLife);
  await Promise.all([sources.stops.endMedia(), sources.httpStops.endMedia()]);
  sources.pauses.tamper(() => undefined);
});
afterAll(async () => {
  await stopRun();
  await sources.stop();
  await rm(folder, { recursive: true, force: true });
});

function inState(name: string, phase: StreamPhase, reason: StreamReason): Promise<PageStream> {
  return eventually(
    `${name} is ${phase} with ${reason}`,
    async () => {
      const stream = await run.stream(name);
      return stream?.phase === phase && stream.reason === reason && stream;
    },
    45,
  );
}

/** Watched seconds of a stream when its sender was ended. */
function beforeEnd(stream: string): number {
  return before.metrics.sum('monitored_seconds_total', { stream })! + senderLife;
}

/** The state that every interface gives is the same. */
async function expectSaidEverywhere(stream: string, phase: StreamPhase, reason: StreamReason): Promise<void> {
  const reports = (await run.reports()).flatMap(({ streams }) => streams);
  expect(reports.find(({ name }) => name === stream)).toMatchObject({ phase, reason });
  const metrics = await run.metrics();
  expect(metrics.sum('stream_up', { stream })).toBe(phase === 'Up' ? 1 : 0);
  expect(metrics.sum('stream_state', { stream, phase, reason })).toBe(1);
  expect(metrics.sum('stream_state', { stream })).toBe(1);
  expect(run.logs).toContainEqual(expect.objectContaining({ stream, phase, reason }));
}

describe('a stream that is wrong from the start', () => {
  test.each(Object.entries(reasons))('%s is Down with %s', async (name, reason) => {
    const { message, incidents } = await inState(name, 'Down', reason);
    expect(message).toMatch(/^[a-z].{10,}/);
    expect(incidents).toEqual([]);
    await expectSaidEverywhere(name, 'Down', reason);
    const blind = async () => (await run.metrics()).sum('blind_seconds_total', { stream: name, reason })!;
    await eventually('blind seconds with this reason', async () => (await blind()) > 0);
    expect((await run.metrics()).sum('monitored_seconds_total', { stream: name })).toBe(0);
  });
});

describe('a stream that goes wrong later', () => {
  test('is watched without sound, and the detectors that need it say so', async () => {
    const { audio, video, detectors } = await inState('no-audio', 'Up', 'Receiving');
    expect([video, audio]).toEqual([expect.stringContaining('h264'), undefined]);
    const silence = detectors.find(({ type }) => type === 'silence')!;
    expect(silence.unknown).toMatch(/no (audio|sound)/);
    const unknown = (await run.metrics()).sum('detector_unknown', {
      stream: 'no-audio',
      detector: 'silence',
    });
    expect(unknown).toBe(1);
  });

  test.each([
    ['stops', ['NoFrames']],
    ['http-stops', ['SenderStopped', 'NoFrames']],
  ] as const)('%s: Down, and the stall stays open', async (name, said) => {
    await inState(name, 'Down', said.at(-1)!);
    for (const reason of said) {
      expect(run.logs).toContainEqual(expect.objectContaining({ stream: name, phase: 'Down', reason }));
    }
    const { incidents } = await eventually('a stall', async () => {
      const stream = (await run.stream(name))!;
      return stream.incidents.length > 0 && stream;
    });
    const stall = { detector: 'stall', kind: 'no-frames', severity: 'critical', state: 'open' };
    expect(incidents).toEqual([expect.objectContaining(stall)]);
    await expectSaidEverywhere(name, 'Down', said.at(-1)!);
    const blind = async () =>
      (await run.metrics()).sum('blind_seconds_total', { stream: name, reason: 'NoFrames' })!;
    await eventually('blind seconds', async () => (await blind()) > 3);
    const metrics = await run.metrics();
    expect(metrics.sum('defect_active', { stream: name, detector: 'stall' })).toBe(1);
    // Seconds are either watched, and then perhaps a defect, or blind.
    const defect = metrics.sum('defect_seconds_total', { stream: name, detector: 'stall' })!;
    const sinceEnd = metrics.sum('monitored_seconds_total', { stream: name })! - beforeEnd(name);
    expect(defect).toBeLessThan(sinceEnd + 2);
  });

  test('comes back: Up again, and the stall closes', async () => {
    const open = await eventually('a stall', async () => (await run.stream('pauses'))!.incidents[0]);
    sources.pauses.tamper();
    await inState('pauses', 'Up', 'Receiving');
    const closed = await eventually('the stall to close', async () => {
      const [incident] = (await run.stream('pauses'))!.incidents.filter(({ id }) => id === open.id);
      return incident?.state === 'closed' && incident;
    });
    expect(closed).toMatchObject({ detector: 'stall', closeReason: 'recovered' });
    await expectSaidEverywhere('pauses', 'Up', 'Receiving');
  });
});

describe('the others', () => {
  test('a clean stream in the same process notices nothing', async () => {
    expect(await run.reports()).toHaveLength(1);
    expect((await run.metrics()).sum('shard_restarts_total')).toBe(0);
    const after = { stream: (await run.stream('clean'))!, metrics: await run.metrics() };
    const passed = (performance.now() - before.at) / 1000;
    expect(passed).toBeGreaterThan(10);
    expect(after.stream).toMatchObject({ phase: 'Up', since: before.stream.since, incidents: [] });

    const rise = (name: string, labels = {}) =>
      after.metrics.sum(name, { stream: 'clean', ...labels })! -
      before.metrics.sum(name, { stream: 'clean', ...labels })!;
    expect(rise('blind_seconds_total')).toBe(0);
    expect(rise('stream_reconnects_total')).toBe(0);
    expect(rise('monitored_seconds_total')).toBeGreaterThan(passed - 3);
    expect(rise('frames_total')).toBeGreaterThan(25 * (passed - 3));
  });

  test('no address and no secret is said anywhere', async () => {
    const told = {
      logs: JSON.stringify(run.logs),
      texts: run.texts.join('\n'),
      metrics: (await run.metrics()).text,
      wall: await (await run.get('/api/wall')).text(),
      report: await (await run.get('/report')).text(),
      arguments: await allArguments(),
    };
    for (const [where, text] of Object.entries(told)) {
      expect(text.includes(sources.token), `the token is in the ${where}`).toBe(false);
    }
    expect(told.logs).not.toMatch(/(udp|rtmp|srt):\/\//);
    expect(told.wall + told.report).not.toContain('://');
  });
});

/** Command lines of all processes. */
async function allArguments(): Promise<string> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''));
  return (await Promise.all(lines)).join('\n');
}
