import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { ApiConnection } from './cluster/api-connection.ts';
import { type ControlPlane, startControlPlane } from './cluster/control-plane.ts';
import type { WatchLine } from './cluster/fault.ts';
import { type FaultProxy, startFaultProxy } from './cluster/fault-proxy.ts';
import { eventually } from './run-process.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';

let cluster: ControlPlane;
let proxy: FaultProxy;
/** Goes through the proxy. */
let client: ApiConnection;
let count = 0;

beforeAll(async () => {
  cluster = await startControlPlane({ scheduler: false });
});
afterAll(() => cluster?.stop());
beforeEach(async () => {
  proxy = await startFaultProxy(cluster);
  client = new ApiConnection(proxy.url, await cluster.authority.certificate());
  onTestFinished(async () => {
    await client.close();
    await proxy.stop();
  });
});

function newConfigMap(): { metadata: { name: string } } {
  return { metadata: { name: `map-${++count}` } };
}

async function exists({ metadata }: { metadata: { name: string } }): Promise<boolean> {
  return (await cluster.api.request('GET', `${configMaps}/${metadata.name}`)).status === 200;
}

/** Names of the ConfigMaps whose events a watch through the proxy has brought so far. */
async function watchedNames(): Promise<string[]> {
  const { metadata } = await cluster.api.json<{ metadata: { resourceVersion: string } }>('GET', configMaps);
  const names: string[] = [];
  const ending = new AbortController();
  const path = `${configMaps}?watch=1&resourceVersion=${metadata.resourceVersion}`;
  const watching = (async () => {
    for await (const { object } of client.watch<WatchLine>(path, ending.signal))
      names.push(object.metadata.name!);
  })().catch(() => {});
  onTestFinished(async () => {
    ending.abort();
    await watching;
  });
  await eventually('the watch is open', () =>
    proxy.calls.some(({ verb, code }) => verb === 'watch' && code === 200),
  );
  return names;
}

test('calls are passed on and logged by what they ask for', async () => {
  const map = newConfigMap();
  await client.json('POST', configMaps, map);
  await client.json('PATCH', `${configMaps}/${map.metadata.name}`, { data: { key: 'value' } });
  await client.json('GET', `${configMaps}?limit=1`);
  await client.json('DELETE', `${configMaps}/${map.metadata.name}`);
  expect((await client.request('DELETE', `${configMaps}/${map.metadata.name}`)).status).toBe(404);
  const place = { resource: 'configmaps', namespace: 'default' };
  const { name } = map.metadata;
  expect(proxy.calls).toMatchObject([
    { ...place, verb: 'create', isWrite: true, code: 201 },
    { ...place, verb: 'patch', name, isWrite: true, code: 200, body: '{"data":{"key":"value"}}' },
    { ...place, verb: 'list', isWrite: false, code: 200 },
    { ...place, verb: 'delete', name, code: 200 },
    { ...place, verb: 'delete', name, code: 404 },
  ]);
  expect(proxy.writes).toHaveLength(4);
});

test('a client with a token speaks as itself', async () => {
  await cluster.kubectl(['create', 'serviceaccount', 'nobody']);
  const kubeconfig = await proxy.kubeconfigFor({ namespace: 'default', name: 'nobody' });
  await expect(cluster.kubectl(['--kubeconfig', kubeconfig, 'get', 'configmaps'])).rejects.toThrow(
    /system:serviceaccount:default:nobody/,
  );
  expect(proxy.calls.at(-1)).toMatchObject({ verb: 'list', code: 403 });
});

describe('the client is cut off', () => {
  test.each([
    { point: 'before', arrived: false },
    { point: 'after', arrived: true },
  ] as const)('$point its second write arrives', async ({ point, arrived }) => {
    const [first, second, third] = [newConfigMap(), newConfigMap(), newConfigMap()];
    let killed = 0;
    proxy.cutAtWrite(2, point, () => {
      killed++;
    });
    await client.json('POST', configMaps, first);
    expect(killed).toBe(0);
    await client.json('GET', configMaps);
    await expect(client.request('POST', configMaps, second)).rejects.toThrow();
    expect(killed).toBe(1);
    expect(proxy.isCutPending).toBe(false);
    expect(await exists(second)).toBe(arrived);
    await expect(client.request('POST', configMaps, third)).rejects.toThrow();
    expect(await exists(third)).toBe(false);

    proxy.mend();
    await client.json('POST', configMaps, third);
    expect(await exists(third)).toBe(true);
  });

  test('and its open watches end', async () => {
    const names = await watchedNames();
    proxy.sever();
    await cluster.api.json('POST', configMaps, newConfigMap());
    await sleep(200);
    expect(names).toEqual([]);
  });
});

describe('a call is answered with', () => {
  test.each([409, 410, 429, 500])('%i', async (status) => {
    const map = newConfigMap();
    proxy.inject({ matches: ({ verb }) => verb === 'create', fault: { kind: 'answer', status }, times: 1 });
    const refused = await client.request('POST', configMaps, map);
    expect(refused).toMatchObject({ status, body: { kind: 'Status', code: status } });
    expect(await exists(map)).toBe(false);
    await client.json('POST', configMaps, map);
    expect(proxy.writes.map(({ code, serverCode }) => [code, serverCode])).toEqual([
      [status, undefined],
      [201, 201],
    ]);
  });

  test('an error although it was carried out', async () => {
    const map = newConfigMap();
    proxy.inject({
      matches: ({ isWrite }) => isWrite,
      fault: { kind: 'answer', status: 500, reaches: true },
    });
    expect((await client.request('POST', configMaps, map)).status).toBe(500);
    expect(await exists(map)).toBe(true);
  });

  test('a list of earlier', async () => {
    const body = await cluster.api.json('GET', configMaps);
    await cluster.api.json('POST', configMaps, newConfigMap());
    const remove = proxy.inject({
      matches: ({ verb }) => verb === 'list',
      fault: { kind: 'answer', status: 200, body },
    });
    expect(await client.json('GET', configMaps)).toEqual(body);
    remove();
    expect(await client.json('GET', configMaps)).not.toEqual(body);
  });
});

test('a call that hangs gets no answer, and one that is delayed gets it late', async () => {
  proxy.inject({ matches: ({ verb }) => verb === 'list', fault: { kind: 'hang' }, times: 1 });
  const silent = client.request('GET', configMaps).catch(() => 'closed');
  expect(await Promise.race([silent, sleep(300, 'silent')])).toBe('silent');

  proxy.inject({ matches: ({ verb }) => verb === 'list', fault: { kind: 'delay', milliseconds: 300 } });
  const start = performance.now();
  await client.json('GET', configMaps);
  expect(performance.now() - start).toBeGreaterThan(290);
  proxy.sever();
  expect(await silent).toBe('closed');
});

describe('of the events of a watch', () => {
  test('those held back while it stalls come after', async () => {
    const names = await watchedNames();
    const [held, later] = [newConfigMap(), newConfigMap()];
    const release = proxy.stallWatches();
    await cluster.api.json('POST', configMaps, held);
    await sleep(200);
    expect(names).toEqual([]);
    release();
    await cluster.api.json('POST', configMaps, later);
    await eventually('both events', () => names.length === 2);
    expect(names).toEqual([held.metadata.name, later.metadata.name]);
  });

  test('one can be dropped, doubled and put off', async () => {
    const [dropped, doubled, late] = [newConfigMap(), newConfigMap(), newConfigMap()];
    proxy.inject({
      matches: ({ verb }) => verb === 'watch',
      fault: {
        kind: 'events',
        change: (event, send) => {
          const { name } = event.object.metadata;
          if (name === dropped.metadata.name) return;
          if (name === late.metadata.name) setTimeout(send, 300, event);
          else send(event);
          if (name === doubled.metadata.name) send(event);
        },
      },
    });
    const names = await watchedNames();
    for (const map of [late, dropped, doubled]) await cluster.api.json('POST', configMaps, map);
    await eventually('three events', () => names.length === 3);
    const [second, third] = [doubled.metadata.name, late.metadata.name];
    expect(names).toEqual([second, second, third]);
  });
});
