import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { startCountingProxy } from './counting-proxy.ts';
import { LiveCluster, liveSettings } from './live-cluster.ts';
import type { LiveNamespace } from './live-namespace.ts';
import { queryResults } from './results-query.ts';
import { eventually } from './run-process.ts';
import { type S3Server, startS3Server } from './s3-server.ts';
import { type LivePicture, type PacketSender, startHttpTs, startLivePicture, startUdpTs } from './senders.ts';

let live: LiveCluster;
let s3: S3Server;
/** A good stream that any number of monitors can read. */
let road: PacketSender;

beforeAll(async () => {
  [live, s3, road] = await Promise.all([LiveCluster.start(), startS3Server(), startHttpTs()]);
  await live.startOperator({ settings: liveSettings({ streams: 3 }) });
});
afterAll(async () => {
  await live?.stop();
  await Promise.all([road?.stop(), s3?.remove()]);
});

/** A picture of a test's own; ended by the test itself, as several run at a time. */
async function livePicture({ onTestFinished }: TestContext): Promise<LivePicture> {
  const picture = await startLivePicture();
  onTestFinished(() => picture.stop());
  return picture;
}

async function namespace(name: string, { onTestFinished }: TestContext): Promise<LiveNamespace> {
  const created = await live.namespace(name);
  onTestFinished(() => created.stop());
  return created;
}

function seconds(values: Iterable<number>): string {
  return [...values].map((value) => value.toFixed(1)).join(', ');
}

describe.concurrent('streams move', { timeout: 200_000 }, () => {
  test('with changed pods: no defect is told twice, no second is lost, and every record is there once', async (context) => {
    const { expect } = context;
    const there = await namespace('roll-out', context);
    const picture = await livePicture(context);
    const { accessKeyId, secretAccessKey, endpoint, bucket, region } = s3;
    await there.writeSecret('s3', { credentials: JSON.stringify({ accessKeyId, secretAccessKey }) });
    const good = ['one', 'two', 'three', 'four', 'five'];
    const names = [...good, 'freezing'];
    const credentialsFrom = { secretKeyRef: { name: 's3', key: 'credentials' } };
    const spec = {
      streams: [...good.map((name) => ({ name, url: road.url })), { name: 'freezing', url: picture.url }],
      results: {
        s3: { endpoint, bucket, region, prefix: 'roll-out/', forcePathStyle: true, credentialsFrom },
      },
    };
    await there.write(spec);
    const since = await there.watched(names);
    const before = new Set(there.shards);
    expect(before.size).toBe(2);
    picture.freeze(true);
    await there.toldOf('opened');

    const changed = { ...spec, podTemplate: { annotations: { 'example.com/revision': '2' } } };
    const begun = performance.now();
    await there.write(changed);
    await there.settled('all on new pods', names.length, (shard) => !before.has(shard));
    const rolledOut = (performance.now() - begun) / 1000;
    await live.history.when(
      'the old shards are gone',
      () => there.shards.every((name) => !before.has(name)),
      60,
    );
    const emptied = (performance.now() - begun) / 1000;
    await there.condition('Progressing', 'Complete');
    picture.freeze(false);
    await there.toldOf('closed');
    const ended = await there.suspend(changed);

    expect(there.summary()).toEqual({
      changes: ['opened', 'closed'],
      ids: [expect.any(String)],
      repetitions: 0,
    });
    const ownerless = live.history.ownerless('roll-out');
    expect(ownerless.size).toBe(names.length);
    const root = `${s3.bucketDirectory}/roll-out`;
    const rows = (await queryResults(
      root,
      `SELECT stream, sum(monitoredSeconds) AS monitored, sum(blindSeconds) AS blind
       FROM results WHERE type = 'summary' AND detector = 'freeze' GROUP BY stream`,
    )) as { stream: string; monitored: number; blind: number }[];
    const twice = await queryResults(
      root,
      'SELECT recordId, revision FROM results GROUP BY recordId, revision, detector HAVING count(*) > 1',
    );
    const incidents = await queryResults(
      root,
      "SELECT DISTINCT recordId, revision, change, shard FROM results WHERE type = 'incident' ORDER BY revision",
    );
    const missing = new Map(
      rows.map(({ stream, monitored }) => [stream, (ended - since.get(stream)!) / 1000 - monitored]),
    );
    console.info(
      `roll-out of ${names.length} streams in ${rolledOut.toFixed(1)} s, old shards gone after ${emptied.toFixed(1)} s; ` +
        `without an owner for ${seconds([...ownerless.values()].flat())} s; ` +
        `wall time less monitored: ${seconds(missing.values())} s; blind: ${seconds(rows.map(({ blind }) => blind))} s`,
    );
    expect(twice).toEqual([]);
    expect(incidents.map(({ change }) => change).filter((change) => change !== 'updated')).toEqual([
      'opened',
      'closed',
    ]);
    expect([...missing.keys()].sort()).toEqual(names.toSorted());
    for (const [stream, lost] of missing) expect(Math.abs(lost), stream).toBeLessThan(2);
  });

  test('with a changed set of Secrets; a source of one reader never has two, and its gap is blind', async (context) => {
    const { expect } = context;
    const there = await namespace('secrets', context);
    const single = await startHttpTs();
    const proxy = await startCountingProxy(single.url);
    const pushed = await startUdpTs();
    context.onTestFinished(async () => {
      proxy.close();
      await Promise.all([single.stop(), pushed.stop()]);
    });
    const streams = [
      { name: 'single', url: proxy.url(single.url), connections: 1 },
      { name: 'pushed', url: pushed.url },
      { name: 'plain', url: road.url },
    ];
    await there.write({ streams });
    await there.watched(['single', 'pushed', 'plain']);
    const before = new Set(there.shards);
    await there.writeSecret('keys', { plain: 'Authorization: Bearer abc' });
    const headersFrom = { secretKeyRef: { name: 'keys', key: 'plain' } };
    const keyed = streams.map((stream) => (stream.name === 'plain' ? { ...stream, headersFrom } : stream));
    await there.write({ streams: keyed });
    await there.settled('all on pods with the Secret', streams.length, (shard) => !before.has(shard));
    await there.watched(['single', 'pushed', 'plain']);

    const blind = new Map<string, number>();
    for (const { name } of streams) blind.set(name, (await there.streamReport(name))!.blindSeconds);
    console.info(
      `blind after the move: ${[...blind].map(([name, value]) => `${name} ${value.toFixed(2)} s`).join(', ')}; ` +
        `most readers at once: ${proxy.most}`,
    );
    expect(proxy.most).toBe(1);
    expect(blind.get('single')).toBeGreaterThan(0.2);
    expect(blind.get('single')).toBeLessThan(10);
    expect(blind.get('pushed')).toBeGreaterThan(0.2);
    expect(blind.get('pushed')).toBeLessThan(10);
    expect(blind.get('plain')).toBeLessThan(1);
    expect(there.told).toEqual([]);
  });

  test('not when the monitor of a pod dies: it goes on with its incident where it was', async (context) => {
    const { expect } = context;
    const there = await namespace('killed', context);
    const picture = await livePicture(context);
    await there.write({ streams: [{ name: 'freezing', url: picture.url }] });
    await there.watched(['freezing']);
    picture.freeze(true);
    const opened = await there.toldOf('opened');
    const [shard] = there.shards as [string];
    const pod = there.pod(shard);
    const changes = live.history.changesOf('killed').length;
    const first = await there.report(shard);
    pod.signal('SIGKILL');
    await eventually(
      'the next process reports',
      async () => {
        const report = await there.report(shard).catch(() => undefined);
        return report !== undefined && report.bootId !== first.bootId && report.streams[0]?.firstFrameTime;
      },
      60,
    );
    // Longer than the grace after which a shard that stays away is lost.
    await sleep(7_000);
    picture.freeze(false);
    const closed = await there.toldOf('closed');
    expect(pod.restarts).toBe(1);
    expect(live.history.changesOf('killed')).toHaveLength(changes);
    expect(closed.data.incident).toMatchObject({ id: opened.data.incident.id, closeReason: 'recovered' });
    expect(there.summary()).toMatchObject({ changes: ['opened', 'closed'], ids: [opened.data.incident.id] });
  });
});

test('no pair ever had two owners, and the operator was refused nothing', () => {
  expect(live.history.conflicts).toEqual([]);
  expect(live.refusals).toEqual([]);
});
