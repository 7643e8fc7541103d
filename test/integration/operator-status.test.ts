import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Assignment, shardApiVersion } from '../../crds/assignment.ts';
import { streamMonitors } from '../../operator/controllers/cluster-caches.ts';
import { monitorStatus, sameStatus } from '../../operator/controllers/status/monitor-status.ts';
import { type StatusHolder, StatusWriter } from '../../operator/controllers/status/status-writer.ts';
import type { KubeClient } from '../../operator/kube/kube-client.ts';
import type { KubeConnection } from '../../operator/kube/kube-connection.ts';
import { configMaps, pods } from '../../operator/kube/resource.ts';
import { assignmentConfigMap } from '../../operator/resources/assignment-config-map.ts';
import { shardLabels } from '../../operator/resources/labels.ts';
import { observation, unconfirmed, watched } from '../unit/controllers/status/observations.ts';
import { type ControlPlane, startControlPlane } from './cluster/control-plane.ts';
import { clientOf, connectTo } from './kube-clients.ts';

const definition = new URL('../../crds/streammonitor.dev_streammonitors.yaml', import.meta.url);
const url = 'https://origin.example/ch1/master.m3u8';

let cluster: ControlPlane;
let connection: KubeConnection;
let client: KubeClient;
beforeAll(async () => {
  cluster = await startControlPlane({ scheduler: false, manifests: await readFile(definition, 'utf8') });
  connection = await connectTo(cluster);
  client = clientOf(connection, { fieldManager: 'streammonitor' });
  // The API server serves a new kind a moment after it has taken its definition.
  await vi.waitFor(() => client.list(streamMonitors), { timeout: 30_000, interval: 200 });
});
afterAll(async () => {
  await client?.close();
  await connection?.close();
  await cluster?.stop();
});

async function created(
  name: string,
  spec: object = { streams: [{ name: 'channel-1', url }] },
): Promise<StatusHolder> {
  return client.create(streamMonitors, { metadata: { name, namespace: 'default' }, spec } as StatusHolder);
}
const read = (name: string) => client.get<StatusHolder>(streamMonitors, name, 'default');
const now = '2026-01-01T12:00:00.000Z';
const statusOf = (...placements: Parameters<typeof observation>[0][]) =>
  monitorStatus(observation(Object.assign({}, ...placements)), undefined, now);

describe('StatusWriter, before an API server', () => {
  it('writes what is new once, and takes out what no longer holds', async () => {
    const writer = new StatusWriter({ client, resource: streamMonitors, window: 0 });
    let monitor = await created('sports');
    const down = (name: string) => watched(name, { report: { phase: 'Down', reason: 'NoFrames' } });
    const first = statusOf({ placements: ['news', 'channel-1', 'kids'].map(down) });
    expect(await writer.write(monitor, first)).toEqual({});
    monitor = await read('sports');
    expect(sameStatus(monitor.status, first)).toBe(true);
    const { resourceVersion, generation } = monitor.metadata;
    expect(generation).toBe(1);

    expect(await writer.write(monitor, first)).toEqual({});
    expect((await read('sports')).metadata.resourceVersion).toBe(resourceVersion);

    // In another order, as one of several is over.
    const second = statusOf({ placements: [down('zoo'), down('kids'), down('channel-1'), watched('news')] });
    await writer.write(monitor, second);
    monitor = await read('sports');
    expect(sameStatus(monitor.status, second)).toBe(true);

    const sound = statusOf({ placements: [watched('channel-1')] });
    await writer.write(monitor, sound);
    const { status } = await read('sports');
    expect(status).toEqual(sound);
    expect(status?.worstStreams).toBeUndefined();
  });

  it('leaves the conditions of others alone, and is not moved by them', async () => {
    const results: string[] = [];
    const writer = new StatusWriter({
      client,
      resource: streamMonitors,
      window: 0,
      onResult: (result) => results.push(result),
    });
    const status = statusOf({ placements: [watched('channel-1')] });
    await writer.write(await created('shared'), status);
    const other = clientOf(connection, { fieldManager: 'somebody-else' });
    const condition = {
      type: 'Approved',
      status: 'True',
      reason: 'Seen',
      message: 'Yes.',
      lastTransitionTime: now,
    };
    await other.apply(
      streamMonitors,
      {
        metadata: { name: 'shared', namespace: 'default' },
        status: { conditions: [condition] },
      } as StatusHolder,
      { subresource: 'status' },
    );
    await other.close();
    const seen = await read('shared');
    expect(seen.status?.conditions).toHaveLength(5);
    await writer.write(seen, status);
    await writer.write(seen, statusOf({ placements: [unconfirmed('channel-1')] }));
    expect(results).toEqual(['written', 'suppressed', 'written']);
    expect((await read('shared')).status?.conditions?.map(({ type }) => type).sort()).toEqual([
      'Approved',
      'Blind',
      'Degraded',
      'Progressing',
      'Ready',
    ]);
  });

  it('lets go of one that is gone, and never writes to another of its name', async () => {
    const writer = new StatusWriter({ client, resource: streamMonitors, window: 0 });
    const status = statusOf({ placements: [watched('channel-1')] });
    const before = await created('replaced');
    await client.delete(streamMonitors, 'replaced', 'default');
    expect(await writer.write(before, status)).toEqual({});
    await created('replaced');
    expect(await writer.write(before, status)).toEqual({ after: 2_000 });
    expect((await read('replaced')).status).toBeUndefined();
  });

  it('is taken at its largest, and reads well in kubectl', async () => {
    const writer = new StatusWriter({ client, resource: streamMonitors });
    const names = Array.from({ length: 1_000 }, (_, index) => `${'c'.repeat(58)}-${index}`.slice(-63));
    const message = 'ü'.repeat(2_000);
    const status = statusOf({
      streams: names,
      shed: names.slice(0, 300).map((name, index) => ({ name, reason: `${message} ${index}` })),
      listProblems: names.map((key, index) => ({ configMap: 'channels', key, index, message })),
      halted: [message],
      applyError: message,
    });
    expect(await writer.write(await created('large'), status)).toEqual({});
    expect(sameStatus((await read('large')).status, status)).toBe(true);
    expect(JSON.stringify(status).length).toBeLessThan(40_000);

    await writer.write(await created('small'), statusOf({ placements: [watched('channel-1')] }));
    const columns = await cluster.kubectl(['get', 'smon', 'small']);
    expect(columns).toMatch(/NAME\s+READY\s+STREAMS\s+MONITORED\s+DEFECTS\s+SHARDS\s+AGE\n/);
    expect(columns).toMatch(/small\s+True\s+1\s+1\s+0\s+1\s/);
    await cluster.kubectl(['wait', '--for=condition=Ready', 'smon/small', '--timeout=5s']);
    const described = await cluster.kubectl(['describe', 'smon', 'small']);
    expect(described).toMatch(/Message:\s+The stream is watched\./);
  });
});

describe('streammonitor explain', () => {
  const main = fileURLToPath(new URL('../../bin/main.ts', import.meta.url));
  const explain = (...args: string[]) =>
    new Promise<{ code: number; out: string; err: string }>((settle) => {
      const all = [main, 'explain', '--kubeconfig', cluster.kubeconfig, ...args];
      execFile(process.execPath, all, (error, out, err) => {
        settle({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
      });
    });

  beforeAll(async () => {
    await created('explained', {
      streams: [
        { name: 'channel-1', url },
        { name: 'final', url, window: { end: '2026-01-01T00:00:00Z' } },
      ],
      streamsFrom: [{ configMap: { name: 'more' } }],
    });
    await client.create(configMaps, {
      metadata: { name: 'more', namespace: 'default', labels: { 'streammonitor.dev/streams': 'true' } },
      data: { 'list.yaml': `[{name: listed, url: "${url}"}, {name: wrong, url: "file:///etc/passwd"}]` },
    } as StatusHolder);
    const assignment: Assignment = {
      apiVersion: shardApiVersion,
      kind: 'Assignment',
      shard: 'smon-1-0',
      generation: 3,
      monitors: {
        'default/explained': { namespace: 'default', name: 'explained', detectors: {}, notifications: [] },
      },
      streams: [
        {
          monitor: 'default/explained',
          name: 'channel-1',
          url,
          rendition: 'highest',
          priority: 50,
          detectors: ['black', 'freeze'],
          role: 'owner',
          placement: {
            generation: 1,
            since: '2026-01-01T08:00:00.000Z',
            reason: 'the stream is new here',
            cost: 120,
          },
        },
      ],
    };
    await client.create(configMaps, assignmentConfigMap('smon-1', assignment, [], 'default'));
    await client.create(pods, {
      metadata: { name: 'smon-1-0-abc', namespace: 'default', labels: shardLabels('smon-1', 'smon-1-0') },
      spec: { nodeName: 'node-3', containers: [{ name: 'monitor', image: 'monitor' }] },
    } as StatusHolder);
  });

  it('says where a stream runs and why, and why others do not', async () => {
    const one = await explain('explained/channel-1');
    expect(one).toMatchObject({ code: 0, err: '' });
    expect(one.out).toContain('default/explained/channel-1: on smon-1-0.');
    expect(one.out).toMatch(
      /smon-1-0 {2}owner {2}smon-1-0-abc {2}node-3 {2}2026-01-01T08:00:00\.000Z .* 120 ms\/s/,
    );
    expect(one.out).toContain('smon-1-0: the stream is new here');

    const all = await explain('-n', 'default', 'explained');
    expect(all.out).toContain('default/explained: 3 streams, 120 ms CPU per second');
    expect(all.out).toMatch(/wrong: ConfigMap more, key list\.yaml, index 1: url /);
    expect(all.out).toMatch(/final +OutsideWindow .* its window closed at 2026-01-01T00:00:00Z/);
    expect(all.out).toMatch(/listed +Waiting .* no operator has seen the StreamMonitor yet/);
  });

  it('prints JSON for programs', async () => {
    const { out } = await explain('explained/channel-1', '-o', 'json');
    expect(JSON.parse(out)).toMatchObject({
      namespace: 'default',
      name: 'explained',
      streams: [
        {
          name: 'channel-1',
          state: 'Placed',
          cost: 120,
          placements: [{ shard: 'smon-1-0', pod: 'smon-1-0-abc', node: 'node-3', role: 'owner' }],
        },
      ],
    });
  });

  it('ends with 1 for what is not there, with a hint, and with 2 for what cannot be meant', async () => {
    expect(await explain('explaned')).toMatchObject({
      code: 1,
      err: 'namespace default has no StreamMonitor explaned; did you mean explained?\n',
    });
    expect((await explain('-n', 'kube-system', 'explained')).err).toContain(
      'there is one in default: use -n',
    );
    expect((await explain('explained/chanel-1')).err).toContain(
      'StreamMonitor default/explained has no stream chanel-1; did you mean channel-1?',
    );
    expect(await explain('Explained')).toMatchObject({ code: 2, out: '' });
    expect((await explain('explained', '--context', 'nowhere')).err).toContain('has no context "nowhere"');
  });
});
