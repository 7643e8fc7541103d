import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { KubeClient } from '../../operator/kube/kube-client.ts';
import { loadKubeConfig } from '../../operator/kube/kube-config.ts';
import type { KubeConnection } from '../../operator/kube/kube-connection.ts';
import type { KubeError } from '../../operator/kube/kube-error.ts';
import type { CallRecord } from '../../operator/kube/kube-transport.ts';
import { configMaps, type KubeObject, leases, nodes } from '../../operator/kube/resource.ts';
import { type ControlPlane, startControlPlane } from './cluster/control-plane.ts';
import { type FaultProxy, startFaultProxy } from './cluster/fault-proxy.ts';
import { type Relay, startHttpProxy, startRelay, startSocksProxy } from './forward-proxies.ts';
import { clientOf, connectTo } from './kube-clients.ts';

interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
}

let cluster: ControlPlane;
let proxy: FaultProxy;
let direct: KubeConnection;
let faulty: KubeConnection;
let client: KubeClient;
const removals: (() => void)[] = [];
let objects = 0;

beforeAll(async () => {
  cluster = await startControlPlane({ scheduler: false });
  proxy = await startFaultProxy(cluster);
  direct = await connectTo(cluster);
  faulty = await connectTo(cluster, { server: proxy.url });
  client = clientOf(direct);
});

afterEach(() => {
  for (const remove of removals.splice(0)) remove();
  proxy.mend();
});

afterAll(async () => {
  await direct?.close();
  await faulty?.close();
  await proxy?.stop();
  await cluster?.stop();
});

function configMap(data: Record<string, string> = {}, labels: Record<string, string> = {}): ConfigMap {
  return { metadata: { name: `object-${++objects}`, namespace: 'default', labels }, data };
}

/** The failure of a call that must fail. */
async function failureOf(call: Promise<unknown>): Promise<KubeError> {
  return call.then(
    () => expect.fail('the call succeeded'),
    (error) => error as KubeError,
  );
}

describe('connections', () => {
  it('reads 300 times in a row over very few connections', async () => {
    const { relay, connection } = await relayed();
    const reader = clientOf(connection);
    for (let read = 0; read < 300; read++) await reader.list(configMaps, { namespace: 'default', limit: 1 });
    expect(relay.made()).toBeLessThanOrEqual(3);
    await connection.close();
    relay.close();
  });

  it('ends the connection of a watch that is left', async () => {
    const { relay, connection } = await relayed();
    const { resourceVersion } = await client.list(configMaps, { limit: 1 });
    await client.create(configMaps, configMap());
    for await (const { type } of clientOf(connection).watch(configMaps, { resourceVersion })) {
      expect(type).toBe('ADDED');
      expect(relay.open()).toBe(1);
      break;
    }
    await vi.waitFor(() => expect(relay.open()).toBe(0));
    await connection.close();
    relay.close();
  });

  async function relayed(): Promise<{ relay: Relay; connection: KubeConnection }> {
    const relay = await startRelay(Number(new URL(cluster.server).port));
    return { relay, connection: await connectTo(cluster, { server: `https://127.0.0.1:${relay.port}` }) };
  }

  it.each([
    ['HTTP', startHttpProxy],
    ['SOCKS', startSocksProxy],
  ])('go through the %s proxy of the kubeconfig', async (_, startProxy) => {
    const forward = await startProxy();
    const token = await cluster.tokenFor({ namespace: 'default', name: 'default' });
    const path = await kubeconfigWith('proxied', { token }, { 'proxy-url': forward.url });
    const connection = loadKubeConfig({ path });
    const { code } = await failureOf(clientOf(connection).get(configMaps, 'any', 'default'));
    expect(code).toBe('Forbidden');
    expect(forward.tunnels()).toBe(1);
    await connection.close();
    forward.close();
  });

  it('takes over a token file that has changed when the old token is refused', async () => {
    const account = { namespace: 'default', name: 'default' };
    const token = join(cluster.directory, 'token');
    await writeFile(token, 'expired');
    const connection = loadKubeConfig({ path: await kubeconfigWith('rotated', { tokenFile: 'token' }) });
    const before = await connection.authorise();
    await writeFile(token, await cluster.tokenFor(account));
    // The account may not read, yet the server knows who it is.
    const { code } = await failureOf(clientOf(connection).get(configMaps, 'any', 'default'));
    expect(code).toBe('Forbidden');
    expect((await connection.authorise()).dispatcher).not.toBe(before.dispatcher);
    await connection.close();
  });

  it('asks a credential plugin beside the kubeconfig', async () => {
    const token = await cluster.tokenFor({ namespace: 'default', name: 'default' });
    const credential = { apiVersion: plugins, kind: 'ExecCredential', status: { token } };
    const script = `#!/bin/sh\ntest -n "$KUBERNETES_EXEC_INFO" && echo '${JSON.stringify(credential)}'\n`;
    await writeFile(join(cluster.directory, 'plugin'), script, { mode: 0o755 });
    const exec = { apiVersion: plugins, command: './plugin' };
    const connection = loadKubeConfig({ path: await kubeconfigWith('plugin', { exec }) });
    const { code } = await failureOf(clientOf(connection).get(configMaps, 'any', 'default'));
    expect(code).toBe('Forbidden');
    await connection.close();
  });

  it('says which plugin failed, and nothing of what it printed', async () => {
    const script = '#!/bin/sh\necho token-on-stderr >&2\nexit 1\n';
    await writeFile(join(cluster.directory, 'failing-plugin'), script, { mode: 0o755 });
    const exec = { apiVersion: plugins, command: './failing-plugin' };
    const connection = loadKubeConfig({ path: await kubeconfigWith('failing', { exec }) });
    const error = await failureOf(clientOf(connection).get(configMaps, 'any', 'default'));
    expect(error.code).toBe('Unauthorized');
    expect(error.message).toContain('failing-plugin');
    expect(JSON.stringify([error, error.message, error.stack])).not.toContain('token-on-stderr');
    await connection.close();
  });

  const plugins = 'client.authentication.k8s.io/v1';

  async function kubeconfigWith(
    name: string,
    user: Record<string, unknown>,
    extra: Record<string, unknown> = {},
  ): Promise<string> {
    const path = join(cluster.directory, `${name}.kubeconfig`);
    const authority = Buffer.from(await cluster.authority.certificate()).toString('base64');
    const server = { server: cluster.server, 'certificate-authority-data': authority, ...extra };
    const config = {
      'current-context': 'c',
      clusters: [{ name: 'c', cluster: server }],
      users: [{ name: 'c', user }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'c' } }],
    };
    await writeFile(path, JSON.stringify(config));
    return path;
  }
});

describe('calls', () => {
  it('lists in pages of one version, with kinds', async () => {
    const labels = { test: 'pages' };
    for (let index = 0; index < 7; index++) await client.create(configMaps, configMap({}, labels));
    const select = { namespace: 'default', labelSelector: 'test=pages', limit: 3 };
    const first = await client.list(configMaps, select);
    const second = await client.list(configMaps, { ...select, continue: first.continue });
    const third = await client.list(configMaps, { ...select, continue: second.continue });
    expect([first, second, third].map(({ items }) => items.length)).toEqual([3, 3, 1]);
    expect(third.continue).toBeUndefined();
    expect(new Set([first, second, third].map((page) => page.resourceVersion)).size).toBe(1);
    expect(first.items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
  });

  it('creates, patches, replaces and deletes', async () => {
    const created = await client.create(configMaps, configMap({ a: '1', b: '1' }));
    const { name, namespace } = created.metadata;
    const patched = await client.patch<ConfigMap>(configMaps, name, namespace, { data: { a: null, c: '2' } });
    expect(patched.data).toEqual({ b: '1', c: '2' });
    await client.replace(configMaps, { ...patched, data: { d: '3' } });
    expect((await client.get<ConfigMap>(configMaps, name, namespace)).data).toEqual({ d: '3' });
    await client.delete(configMaps, name, namespace);
    expect((await failureOf(client.get(configMaps, name, namespace))).code).toBe('NotFound');
    await client.delete(configMaps, name, namespace);
  });

  it('reads objects without a namespace', async () => {
    expect((await client.list(nodes)).items).toEqual([]);
    expect((await failureOf(client.get(nodes, 'none'))).message).toContain(
      'get nodes none: nodes "none" not found',
    );
  });

  it('spares an object that has the name of the one to delete', async () => {
    const { metadata } = await client.create(configMaps, configMap());
    await client.delete(configMaps, metadata.name, metadata.namespace, { uid: 'of-its-predecessor' });
    expect((await client.get(configMaps, metadata.name, metadata.namespace)).metadata.uid).toBe(metadata.uid);
    await client.delete(configMaps, metadata.name, metadata.namespace, { uid: metadata.uid });
    expect((await failureOf(client.get(configMaps, metadata.name, 'default'))).code).toBe('NotFound');
  });

  it('applies: nothing new leaves the version, a field that is gone is removed', async () => {
    const object = configMap({ a: '1', b: '2' });
    const first = await client.apply<ConfigMap>(configMaps, object);
    const second = await client.apply<ConfigMap>(configMaps, object);
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    const third = await client.apply<ConfigMap>(configMaps, { ...object, data: { a: '1' } });
    expect(third.data).toEqual({ a: '1' });
  });

  it('takes a field over from another manager only by force', async () => {
    const object = configMap({ owned: 'here' });
    await client.apply(configMaps, object);
    const other = clientOf(direct, { fieldManager: 'other' });
    const change = { ...object, data: { owned: 'there' } };
    const error = await failureOf(other.apply(configMaps, change));
    expect(error).toMatchObject({ code: 'Conflict', retryable: false });
    expect(error.causes[0]?.field).toBe('.data.owned');
    expect((await other.apply<ConfigMap>(configMaps, change, { force: true })).data).toEqual({
      owned: 'there',
    });
  });

  it('watches until the server ends it', async () => {
    const labels = { test: 'watch' };
    const { resourceVersion } = await client.list(configMaps, { limit: 1 });
    const { metadata } = await client.create(configMaps, configMap({}, labels));
    await client.patch(configMaps, metadata.name, 'default', { data: { changed: 'yes' } });
    await client.delete(configMaps, metadata.name, 'default');
    const told: string[] = [];
    const options = { namespace: 'default', labelSelector: 'test=watch', resourceVersion, timeout: 1 };
    for await (const { type, object } of client.watch<ConfigMap>(configMaps, options)) {
      if (type !== 'BOOKMARK') told.push(`${type} ${object.data?.changed ?? 'no'}`);
    }
    expect(told).toEqual(['ADDED no', 'MODIFIED yes', 'DELETED yes']);
  });

  it('tells every request to the metrics', async () => {
    const records: CallRecord[] = [];
    const counted = clientOf(direct, { onCall: (record) => records.push(record) });
    const { metadata } = await counted.create(configMaps, configMap());
    await failureOf(counted.get(configMaps, 'none', 'default'));
    await counted.delete(configMaps, metadata.name, 'default');
    const told = records.map(({ verb, resource, code }) => `${verb} ${resource} ${code}`);
    expect(told).toEqual(['create configmaps 201', 'get configmaps 404', 'delete configmaps 200']);
    expect(records.every(({ seconds }) => seconds > 0 && seconds < 10)).toBe(true);
  });
});

describe('refusals', () => {
  it('tells a conflict of versions from a name that is taken', async () => {
    const created = await client.create(configMaps, configMap());
    expect((await failureOf(client.create(configMaps, created))).code).not.toBe('Conflict');
    const twin = { metadata: { name: created.metadata.name, namespace: 'default' } };
    expect((await failureOf(client.create(configMaps, twin))).code).toBe('AlreadyExists');
    await client.replace(configMaps, { ...created, data: { newer: 'yes' } });
    const error = await failureOf(client.replace(configMaps, { ...created, data: { older: 'yes' } }));
    expect(error).toMatchObject({ code: 'Conflict', status: 409, retryable: false });
  });

  it('repeats what the server says without the value that it quotes', async () => {
    const holder = 'https://origin.example/live?key=in-the-url';
    const lease = {
      metadata: { name: 'lease', namespace: 'default' },
      spec: { holderIdentity: holder, leaseDurationSeconds: -7_654_321 },
    };
    const duration = await failureOf(client.create(leases, lease));
    expect(duration.code).toBe('Invalid');
    expect(duration.message).toContain('spec.leaseDurationSeconds');
    const label = await failureOf(client.create(configMaps, configMap({}, { source: holder })));
    expect(label.message).toContain('metadata.labels: Invalid value: a valid label must');
    for (const error of [duration, label]) {
      expect(JSON.stringify([error, error.message])).not.toMatch(/7654321|in-the-url/);
    }
  });

  it('knows an object that is too large', async () => {
    const error = await failureOf(client.create(configMaps, configMap({ a: 'x'.repeat(3_500_000) })));
    expect(error).toMatchObject({ code: 'TooLarge', retryable: false });
  });

  it('tells who may not from who is not known, and never the token', async () => {
    const token = await cluster.tokenFor({ namespace: 'default', name: 'default' });
    const known = await connectTo(cluster, { user: { token } });
    const unknown = await connectTo(cluster, { user: { token: 'eyJ.not-a-token' } });
    const forbidden = await failureOf(clientOf(known).list(configMaps));
    const unauthorised = await failureOf(clientOf(unknown).list(configMaps));
    expect([forbidden.code, unauthorised.code]).toEqual(['Forbidden', 'Unauthorized']);
    const text = JSON.stringify([forbidden, unauthorised, forbidden.stack, unauthorised.stack]);
    expect(text).not.toContain(token);
    expect(text).not.toContain('not-a-token');
    await Promise.all([known.close(), unknown.close()]);
  });
});

describe('faults', () => {
  it('waits as long as a 429 asks, and lets no other call pass', async () => {
    const limited = clientOf(faulty);
    await limited.list(configMaps, { limit: 1 });
    inject('get', { kind: 'answer', status: 429, retryAfter: 1 }, 1);
    const start = performance.now();
    const throttled = limited.get(configMaps, 'kube-root-ca.crt', 'kube-system');
    await sleep(200);
    await Promise.all([throttled, limited.list(configMaps, { limit: 1 })]);
    expect(proxy.calls.slice(-3).map(({ verb }) => verb)).toEqual(['get', 'get', 'list']);
    expect(performance.now() - start).toBeGreaterThan(1000);
  });

  it('gives up on a server that turns it away five times', async () => {
    inject('get', { kind: 'answer', status: 429, retryAfter: 0 });
    const before = proxy.calls.length;
    const error = await failureOf(clientOf(faulty).get(configMaps, 'any', 'default'));
    expect(error).toMatchObject({ code: 'Throttled', retryable: true, retryAfter: 0 });
    expect(proxy.calls.length - before).toBe(5);
  });

  it('does not repeat what the server may have done', async () => {
    const before = proxy.writes.length;
    inject('create', { kind: 'answer', status: 500 }, 1);
    const object = configMap();
    const server = await failureOf(clientOf(faulty).create(configMaps, object));
    expect(server).toMatchObject({ code: 'Server', retryable: true });
    inject('create', { kind: 'cut', reaches: true }, 1);
    const network = await failureOf(clientOf(faulty).create(configMaps, object));
    expect(network).toMatchObject({ code: 'Network', retryable: true });
    expect(proxy.writes.length - before).toBe(2);
    await client.delete(configMaps, object.metadata.name, 'default');
  });

  it('reads again when the connection that it kept was closed', async () => {
    inject('get', { kind: 'cut' }, 1);
    const { metadata } = await clientOf(faulty).get(configMaps, 'kube-root-ca.crt', 'kube-system');
    expect(metadata.name).toBe('kube-root-ca.crt');
  });

  it('gives up on a server that says nothing', async () => {
    inject('get', { kind: 'hang' }, 1);
    const hurried = clientOf(faulty, { timeout: 500 });
    const error = await failureOf(hurried.get(configMaps, 'kube-root-ca.crt', 'kube-system'));
    expect(error).toMatchObject({ code: 'Timeout', retryable: true });
  });

  it('repeats no page of a server that is none', async () => {
    inject('get', { kind: 'answer', status: 502, body: '<html>secret of a proxy</html>' }, 1);
    const error = await failureOf(clientOf(faulty).get(configMaps, 'any', 'default'));
    expect(error.code).toBe('Server');
    expect(error.message).not.toContain('secret');
  });

  it('names a server that is not there', async () => {
    const nobody = await connectTo(cluster, { server: 'https://127.0.0.1:9' });
    const error = await failureOf(clientOf(nobody).get(configMaps, 'any', 'default'));
    expect(error).toMatchObject({ code: 'Network', reason: 'ECONNREFUSED', retryable: true });
    await nobody.close();
  });

  it('ends what runs and what waits when it is closed, and what its caller gives up', async () => {
    const closing = clientOf(faulty, { qps: 0.1, burst: 1 });
    inject('get', { kind: 'hang' });
    const running = failureOf(closing.get(configMaps, 'any', 'default'));
    const waiting = failureOf(closing.get(configMaps, 'any', 'default'));
    const given = new AbortController();
    const listed = failureOf(closing.list(configMaps, { signal: given.signal }));
    given.abort(new Error('no longer wanted'));
    expect((await listed).message).toBe('no longer wanted');
    await sleep(50);
    await closing.close();
    expect([(await running).reason, (await waiting).reason]).toEqual(['Closed', 'Closed']);
    expect((await failureOf(closing.get(configMaps, 'any', 'default'))).reason).toBe('Closed');
  });

  type Rule = Parameters<FaultProxy['inject']>[0];

  function inject(verb: string, fault: Rule['fault'], times?: number): void {
    removals.push(proxy.inject({ matches: (call) => call.verb === verb, fault, times }));
  }
});
