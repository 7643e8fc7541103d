import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { detectorCatalogue } from '../../crds/detector-catalogue.ts';
import { resolveDetectors } from '../../crds/detector-settings.ts';
import { assumedVideo, declaredCost } from '../../operator/planner/cost.ts';
import { eventually, isRunning, RunProcess } from './run-process.ts';
import { type Sender, startHls, startHttpTs } from './senders.ts';

let sender: Sender;
beforeAll(async () => {
  sender = await startHttpTs();
});
afterAll(() => sender.stop());

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-'));
  file = join(folder, 'live.yaml');
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

const monitor = (streams: Record<string, string>, spec: object = {}) =>
  stringify({
    apiVersion: 'streammonitor.dev/v1alpha1',
    kind: 'StreamMonitor',
    metadata: { name: 'sports' },
    spec: { streams: Object.entries(streams).map(([name, url]) => ({ name, url })), ...spec },
  });

async function start(text: string, ...args: string[]): Promise<RunProcess> {
  await writeFile(file, text);
  return new RunProcess(['-f', file, '--listen', '127.0.0.1:0', '--state', join(folder, 'state'), ...args]);
}
const costs = Object.fromEntries(Object.values(detectorCatalogue).map(({ type, cost }) => [type, cost]));
const twoPerShard = `${Math.ceil(2.2 * declaredCost(assumedVideo, Object.keys(resolveDetectors()), costs))}m`;
const up = (run: RunProcess, name: string) =>
  eventually(`${name} up`, async () => {
    const stream = await run.stream(name);
    return stream?.phase === 'Up' && stream;
  });

describe('a file that is wrong', () => {
  test('ends it at once, each problem with file, line, field and fix', async () => {
    const run = await start(monitor({ a: 'ftp://host/x' }, { suspnd: true }));
    expect(await run.exitCode()).toBe(2);
    expect(run.texts).toEqual([
      `${file}:8: spec.streams[0].url has the scheme "ftp"; supported are http, https, udp, rtp, srt, rtmp, rtmps, rtsp, rtsps`,
      `${file}:9: spec.suspnd is not a field; did you mean suspend?`,
    ]);
  });

  test('ends it at once when it is not there', async () => {
    const run = new RunProcess(['-f', join(folder, 'none.yaml'), '--state', folder]);
    expect(await run.exitCode()).toBe(2);
    expect(run.texts.join()).toContain('none.yaml: there is no such file');
  });
});

describe('run', () => {
  test('watches streams, and serves one wall, one report and one set of metrics for all shards', async () => {
    const streams = { a: sender.url, b: sender.url, c: 'http://127.0.0.1:9/none.ts' };
    const run = await start(monitor(streams), '--shard-cpu', twoPerShard, '--region', 'lab');
    await Promise.all(['a', 'b'].map((name) => up(run, name)));
    const down = await eventually('c down', async () => {
      const stream = await run.stream('c');
      return stream?.phase === 'Down' && stream;
    });
    expect(down.reason).toBe('Unreachable');

    const reports = await run.reports();
    expect(reports.length).toBeGreaterThan(1);
    expect(reports.flatMap((report) => report.streams.map(({ name }) => name)).sort()).toEqual([
      'a',
      'b',
      'c',
    ]);

    const metrics = await (await run.get('/metrics')).text();
    const labels = 'namespace="default",monitor="sports"';
    expect(metrics).toMatch(new RegExp(`streammonitor_stream_up\\{${labels},stream="a"[^}]*\\} 1`));
    expect(metrics).toMatch(new RegExp(`streammonitor_stream_up\\{${labels},stream="c"[^}]*\\} 0`));
    expect(metrics).toContain(`streammonitor_shards_answering ${reports.length}`);

    const { thumbnail } = await eventually('thumbnail', async () => {
      const stream = await run.stream('a');
      return stream?.thumbnail !== undefined && stream;
    });
    const picture = await run.get(thumbnail!);
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    expect((await run.get('/api/thumbnails/default/sports/nobody.jpg')).status).toBe(404);
    expect((await run.get('/readyz')).status).toBe(200);
    expect(await (await run.get('/')).text()).toContain('<html');
  });

  test('watches renditions as streams of their own, and says which there are where one is not', async () => {
    const hls = await startHls({ renditions: 2 });
    onTestFinished(() => hls.stop());
    const stream = { name: 'a', url: hls.url, rendition: { heights: [360, 240, 100] } };
    const run = await start(monitor({}, { streams: [stream] }));
    const [tall, low] = await Promise.all(['a@360p', 'a@240p'].map((name) => up(run, name)));
    expect([tall!.video, low!.video]).toEqual([
      expect.stringContaining('640×360'),
      expect.stringContaining('426×240'),
    ]);
    const none = await eventually('a@100p down', async () => {
      const missing = await run.stream('a@100p');
      return missing?.phase === 'Down' && missing;
    });
    expect(none).toMatchObject({
      reason: 'NotOffered',
      message: 'the source has no rendition of 100 lines; it has 360, 240',
    });
    expect(await run.stream('a')).toBeUndefined();
    const { thumbnail } = await eventually('a picture', async () => {
      const seen = await run.stream('a@240p');
      return seen?.thumbnail !== undefined && seen;
    });
    expect((await run.get(thumbnail!)).status).toBe(200);
    expect((await run.metrics()).sum('stream_up', { stream: 'a@360p' })).toBe(1);
  });

  test('follows changes of the file without disturbing a stream, and refuses wrong ones', async () => {
    const run = await start(monitor({ a: sender.url }));
    await up(run, 'a');
    const [before] = await run.reports();

    await writeFile(file, monitor({ a: sender.url }, { detectors: { blak: {} } }));
    const refused = await run.log('change refused: everything goes on as it was');
    expect(refused.problems).toEqual([expect.stringContaining('did you mean black?')]);

    await writeFile(file, monitor({ a: sender.url, b: sender.url }));
    await up(run, 'b');
    const [after] = await run.reports();
    expect(after!.generation).toBeGreaterThan(before!.generation);
    expect(after!.bootId).toBe(before!.bootId);
    const times = [before, after].map(
      (report) => report!.streams.find(({ name }) => name === 'a')!.firstFrameTime,
    );
    expect(times[0]).toBe(times[1]);

    await writeFile(file, monitor({ b: sender.url }));
    await eventually('a gone', async () => (await run.stream('a')) === undefined);
    expect((await run.stream('b'))!.phase).toBe('Up');
    expect(await (await run.get('/metrics')).text()).not.toContain('stream="a"');
  });

  test('starts a shard again that was killed, with its state', async () => {
    const run = await start(monitor({ a: sender.url }));
    await up(run, 'a');
    const [before] = await run.reports();
    process.kill(run.shardPids()[0]!, 'SIGKILL');
    const ended = await run.log('shard ended; it is started again');
    expect(ended).toMatchObject({ shard: 'shard-0', ending: 'signal SIGKILL' });
    const after = await eventually('new report', async () => (await run.reports())[0]);
    expect(after.bootId).not.toBe(before!.bootId);
    await up(run, 'a');
    expect(await (await run.get('/metrics')).text()).toContain('streammonitor_shard_restarts_total 1');
  });

  test('moves streams to other shards, one owner at a time, and removes shards that are empty', async () => {
    const run = await start(monitor({ a: sender.url, b: sender.url }));
    await Promise.all(['a', 'b'].map((name) => up(run, name)));
    const half = [
      ['black', 'freeze', 'stall'],
      ['silence', 'av-sync'],
    ];
    await writeFile(file, monitor({ a: sender.url }, { sharding: { subsets: half } }));
    await eventually('two shards', async () => (await run.reports()).length === 2);
    await eventually('b gone', async () => (await run.stream('b')) === undefined);
    await up(run, 'a');
    expect((await run.stream('a'))!.detectors.map(({ type }) => type)).toEqual(
      expect.arrayContaining(half.flat()),
    );
    const metrics = await (await run.get('/metrics')).text();
    expect(metrics).toMatch(/streammonitor_stream_up\{[^}]*stream="a"[^}]*\} 1/);

    await writeFile(file, monitor({ a: sender.url }));
    await eventually('one shard', async () => (await run.reports()).length === 1);
    await run.log('shard removed');
    await up(run, 'a');
    expect(run.logs.filter(({ msg }) => String(msg).includes('not confirmed'))).toEqual([]);
  });

  test('leaves no process behind, stopped or killed, and keeps its state to itself', async () => {
    const run = await start(monitor({ a: sender.url }));
    await up(run, 'a');
    const second = await start(monitor({ a: sender.url }));
    expect(await second.exitCode()).toBe(1);
    expect(second.texts.join()).toContain('give this one its own --state');

    run.kill('SIGKILL');
    const [orphan] = run.shardPids();
    const third = await start(monitor({ a: sender.url }));
    await up(third, 'a');
    expect(await isRunning(orphan!)).toBe(false);
    const [child] = third.shardPids();
    third.kill('SIGTERM');
    expect(await third.exitCode()).toBe(0);
    expect(await isRunning(child!)).toBe(false);
  });

  test('says which option to change when its port is taken', async () => {
    const run = await start(monitor({ a: sender.url }));
    const { page } = await run.log('page, API and metrics are served');
    const args = ['-f', file, '--listen', new URL(String(page)).host, '--state', join(folder, 'other')];
    const other = new RunProcess(args);
    expect(await other.exitCode()).toBe(1);
    expect(other.texts.join()).toContain('choose another with --listen');
  });
});
