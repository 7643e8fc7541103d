import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { streamMonitors } from '../../operator/controllers/cluster-caches.ts';
import { monitorStatus, sameStatus } from '../../operator/controllers/status/monitor-status.ts';
import { type StatusHolder, StatusWriter } from '../../operator/controllers/status/status-writer.ts';
import type { KubeClient } from '../../operator/kube/kube-client.ts';
import type { KubeConnection } from '../../operator/kube/kube-connection.ts';
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
