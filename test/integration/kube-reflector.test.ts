import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { KubeClient } from '../../operator/kube/kube-client.ts';
import type { KubeConnection } from '../../operator/kube/kube-connection.ts';
import type { Change } from '../../operator/kube/object-cache.ts';
import { Reflector } from '../../operator/kube/reflector.ts';
import type { ReflectorOptions } from '../../operator/kube/reflector-options.ts';
import { configMaps, type KubeObject, objectKey } from '../../operator/kube/resource.ts';
import { isOlder } from '../../operator/kube/resource-version.ts';
import type { ApiCall } from './cluster/api-call.ts';
import { type ControlPlane, startControlPlane } from './cluster/control-plane.ts';
import { type Fault, statusObject, type WatchLine } from './cluster/fault.ts';
import { type FaultProxy, startFaultProxy } from './cluster/fault-proxy.ts';
import { clientOf, connectTo } from './kube-clients.ts';

interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
}

/** A reflector of the objects of one test, and what it told, told again to a map. */
interface Reflection {
  readonly reflector: Reflector<ConfigMap>;
  readonly changes: Change<ConfigMap>[];
  readonly told: Map<string, ConfigMap>;
}

let cluster: ControlPlane;
let proxy: FaultProxy;
let direct: KubeConnection;
let faulty: KubeConnection;
/** Past the proxy. */
let client: KubeClient;
/** Through the proxy. */
let watching: KubeClient;
const ends: (() => unknown)[] = [];
let tests = 0;
let label = '';
/** Failures of handlers that are meant: what `retell` finds wrong is one, too. */
let tolerated = 0;

beforeAll(async () => {
  cluster = await startControlPlane({ scheduler: false });
  proxy = await startFaultProxy(cluster);
  direct = await connectTo(cluster);
  faulty = await connectTo(cluster, { server: proxy.url });
  client = clientOf(direct);
  watching = clientOf(faulty);
});

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  proxy.mend();
});

afterAll(async () => {
  await direct?.close();
  await faulty?.close();
  await proxy?.stop();
  await cluster?.stop();
});

describe('a copy of all objects', () => {
  it('is listed in pages and follows every change', async () => {
    const names = await create(12);
    const { reflector, changes } = await reflect({ pageSize: 5 });
    expect(
      reflector
        .list('default')
        .map(({ metadata }) => metadata.name)
        .sort(),
    ).toEqual(names);
    expect(listCalls()).toHaveLength(3);

    const [first = '', second = ''] = names;
    await client.patch(configMaps, first, 'default', { data: { changed: 'yes' } });
    await client.delete(configMaps, second, 'default');
    await until(() => changes.length === 14);
    const [update, deletion] = changes.slice(12);
    expect(update).toMatchObject({ key: `default/${first}`, object: { data: { changed: 'yes' } } });
    expect(update!.previous!.data).toEqual({ index: '0' });
    expect(deletion).toMatchObject({ key: `default/${second}`, previous: { metadata: { name: second } } });
    expect(deletion!.object).toBeUndefined();
    expect(reflector.get('default', second)).toBeUndefined();
    expect(reflector.lastEventAge).toBeLessThan(5);
  });

  it('is listed in one piece when its pages expire meanwhile', async () => {
    await create(4);
    inject((call) => call.query.has('continue'), { kind: 'answer', status: 410 }, 1);
    const { reflector, changes } = await reflect({ pageSize: 3 });
    expect(listCalls().map(({ query }) => query.get('limit'))).toEqual(['3', '3', null]);
    expect(reflector.list()).toHaveLength(4);
    expect(changes).toHaveLength(4);
  });

  it('holds nothing of what tools note for themselves', async () => {
    await create(1);
    const { reflector } = await reflect();
    const [object] = reflector.list();
    expect(object!.metadata).not.toHaveProperty('managedFields');
    expect(object).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('too much');
      },
    ],
    ['rejects', () => Promise.reject(new Error('too much'))],
  ])('goes on past a handler that %s', async (_, handler) => {
    const [name = ''] = await create(1);
    const { reflector, changes } = await reflect({}, handler);
    await client.patch(configMaps, name, 'default', { data: { changed: 'yes' } });
    await until(() => changes.length === 2);
    tolerated = 2;
    await until(() => reflector.stats.handlerErrors === tolerated);
    expect(reflector.get('default', name)!.data).toMatchObject({ changed: 'yes' });
  });

  it('tells nothing more once it is stopped', async () => {
    const [name = ''] = await create(1);
    const { reflector, changes } = await reflect();
    await reflector.stop();
    await client.patch(configMaps, name, 'default', { data: { changed: 'yes' } });
    await sleep(300);
    expect(changes).toHaveLength(1);
  });

  it('does not keep those waiting who wait for a list that never came', async () => {
    inject((call) => call.verb === 'list', { kind: 'hang' });
    const { reflector } = begin();
    const synced = expect(reflector.synced).rejects.toThrow('stopped before its first list');
    await sleep(100);
    await reflector.stop();
    await synced;
    expect(reflector.isSynced).toBe(false);
  });

  it('begins as soon as the server can list', async () => {
    await create(1);
    inject((call) => call.verb === 'list', { kind: 'answer', status: 500 }, 1);
    inject((call) => call.verb === 'list', { kind: 'answer', status: 403 }, 1);
    const { reflector } = await reflect();
    expect(reflector.list()).toHaveLength(1);
    expect(reflector.stats.relists.failed).toBe(2);
  });
});

describe('a watch', () => {
  it('goes on from the version of a bookmark', async () => {
    await create(1);
    const bookmarks: WatchLine[] = [];
    inject((call) => call.verb === 'watch', {
      kind: 'events',
      change: (event, send) => {
        if (event.type === 'BOOKMARK') bookmarks.push(event);
        send(event);
      },
    });
    // The server sends a bookmark 2 s before it ends a watch.
    const { reflector } = await reflect({ relistEvery: 6000 });
    const listed = watchCalls().at(-1)!.query.get('resourceVersion')!;
    await client.create(configMaps, { metadata: { name: `unseen-${tests}`, namespace: 'default' } });
    await until(() => bookmarks.length > 0, 15_000);
    proxy.sever();
    proxy.mend();
    await until(() => watchCalls().length > 1);
    const resumed = watchCalls().at(-1)!.query.get('resourceVersion')!;
    const bookmarked = (bookmarks[0] as unknown as ConfigMap & { object: KubeObject }).object.metadata;
    expect(resumed).toBe(bookmarked.resourceVersion);
    expect(isOlder(listed, resumed)).toBe(true);
    expect(reflector.stats.lists).toBe(1);
  });

  it('that is told 410 is listed anew', async () => {
    const [name = ''] = await create(2);
    inject((call) => call.verb === 'watch', { kind: 'answer', status: 410 }, 1);
    const { reflector, changes } = await reflect();
    await until(() => reflector.stats.lists === 2);
    expect(reflector.stats.relists.expired).toBe(1);

    inject(
      (call) => call.verb === 'watch',
      {
        kind: 'events',
        change: (_, send) => send({ type: 'ERROR', object: statusObject(410) } as unknown as WatchLine),
      },
      1,
    );
    proxy.sever();
    proxy.mend();
    await until(() => watchCalls().length > 2);
    await client.delete(configMaps, name, 'default');
    await until(() => reflector.stats.lists === 3);
    expect(reflector.stats.relists.expired).toBe(2);
    await until(() => changes.length === 3);
    expect(reflector.list()).toHaveLength(1);
  });

  it('that is always told 410 is not listed in a storm', async () => {
    await create(1);
    inject((call) => call.verb === 'watch', { kind: 'answer', status: 410 });
    await reflect({ backOff: { initial: 200, maximum: 30_000 } });
    await sleep(3000);
    // At 200 ms, doubled each time and jittered down to the half: 5 at most in 3 s.
    expect(listCalls().length).toBeGreaterThanOrEqual(3);
    expect(listCalls().length).toBeLessThanOrEqual(6);
  });

  it('that is told 429 comes back when it was asked to', async () => {
    await create(1);
    inject((call) => call.verb === 'watch', { kind: 'answer', status: 429, retryAfter: 2 }, 1);
    const { reflector } = await reflect({ backOff: { initial: 10, maximum: 20 } });
    const start = performance.now();
    await until(() => watchCalls().length === 2);
    expect(performance.now() - start).toBeGreaterThan(1900);
    expect(reflector.stats.reconnects.throttled).toBe(1);
    expect(reflector.stats.lists).toBe(1);
  });

  it('whose connection is half open is noticed by its silence', async () => {
    const [name = ''] = await create(1);
    const { reflector, changes } = await reflect({ idleTimeout: 1500 });
    await until(() => watchCalls().length === 1);
    proxy.stallWatches();
    await client.patch(configMaps, name, 'default', { data: { changed: 'yes' } });
    await until(() => changes.length === 2, 8000);
    expect(reflector.stats.reconnects.idle).toBeGreaterThan(0);
    expect(reflector.stats.lists).toBe(1);
  });

  it('that is cut tells of a name that came back as of two objects', async () => {
    const [name = ''] = await create(1);
    const { changes } = await reflect();
    const [uid] = uidsOf(changes);
    inject((call) => call.verb === 'watch', { kind: 'answer', status: 410 }, 1);
    proxy.sever();
    await client.delete(configMaps, name, 'default');
    await client.create(configMaps, object(name));
    proxy.mend();
    await until(() => changes.length === 3);
    const [, deletion, addition] = changes;
    expect(deletion!.previous!.metadata.uid).toBe(uid);
    expect(deletion!.object).toBeUndefined();
    expect(addition!.object!.metadata.uid).not.toBe(uid);
    expect(addition!.previous).toBeUndefined();
  });

  it('outlives a restart of the API server', async () => {
    const [name = ''] = await create(1);
    const { changes, reflector } = await reflect();
    await cluster.restartApiServer();
    await client.patch(configMaps, name, 'default', { data: { changed: 'yes' } });
    await until(() => changes.length === 2, 30_000);
    expect(reflector.stats.reconnects.network + reflector.stats.reconnects.ended).toBeGreaterThan(0);
  });
});

describe('a server that is behind', () => {
  it('deletes nothing by an old list', async () => {
    const older = await emptyList();
    await create(3);
    const { reflector, changes } = await reflect({ backOff: { initial: 50, maximum: 100 } });
    inject((call) => call.verb === 'list', { kind: 'answer', status: 200, body: older }, 3);
    inject((call) => call.verb === 'watch', { kind: 'answer', status: 410 }, 1);
    proxy.sever();
    proxy.mend();
    await until(() => reflector.stats.lists === 2);
    expect(reflector.stats.relists.stale).toBe(3);
    expect(changes).toHaveLength(3);
    expect(reflector.list()).toHaveLength(3);
  });

  it('is believed in the end, as one restored from a backup', async () => {
    const older = await emptyList();
    await create(3);
    const { reflector, changes } = await reflect({ backOff: { initial: 20, maximum: 40 } });
    inject((call) => call.verb === 'list', { kind: 'answer', status: 200, body: older });
    inject((call) => call.verb === 'watch', { kind: 'answer', status: 410 }, 1);
    proxy.sever();
    proxy.mend();
    await until(() => reflector.stats.lists === 2);
    expect(changes.slice(3, 6).every(({ object: current }) => current === undefined)).toBe(true);
    // The watch goes on from the old list, and the server tells what came after it.
    await until(() => reflector.list().length === 3);
  });

  /** What a list was before the next objects are made. */
  async function emptyList(): Promise<unknown> {
    const { resourceVersion } = await client.list(configMaps, { limit: 1 });
    return { apiVersion: 'v1', kind: 'ConfigMapList', metadata: { resourceVersion }, items: [] };
  }
});

describe('events that are lost, doubled and late', () => {
  it.each([1, 2, 3])('converge on what the server has (seed %i)', async (seed) => {
    const random = sequence(seed);
    const remove = inject((call) => call.verb === 'watch', {
      kind: 'events',
      change: (event, send) => {
        const fate = random();
        if (fate < 0.2 && event.type !== 'BOOKMARK') return;
        send(event);
        if (fate < 0.4) send(event);
        if (fate > 0.7) setTimeout(() => send(event), random() * 300);
      },
    });
    const names = await create(6);
    const { reflector, changes, told } = await reflect({ relistEvery: 2000 });
    for (let step = 0; step < 60; step++)
      await disturb(names[Math.floor(random() * names.length)]!, random());
    remove();
    await until(() => reflector.stats.relists.periodic > 1, 10_000);

    const { items } = await client.list<ConfigMap>(configMaps, { labelSelector: `test=${label}` });
    const expected = versions(items);
    await until(() => JSON.stringify(versions(reflector.list())) === JSON.stringify(expected), 10_000);
    expect(versions([...told.values()])).toEqual(expected);
    for (const { object, previous } of changes) {
      if (object && previous) {
        expect(object.metadata.uid).toBe(previous.metadata.uid);
        expect(isOlder(previous.metadata.resourceVersion, object.metadata.resourceVersion)).toBe(true);
      }
    }
  });

  async function disturb(name: string, fate: number): Promise<void> {
    if (fate < 0.25) await client.delete(configMaps, name, 'default');
    else await client.apply(configMaps, { ...object(name), data: { fate: String(fate) } });
  }

  function versions(objects: readonly ConfigMap[]): string[] {
    return objects
      .map(({ metadata }) => `${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`)
      .sort();
  }

  /** Repeatable numbers from 0 to below 1 (mulberry32). */
  function sequence(seed: number): () => number {
    let state = seed;
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let value = Math.imul(state ^ (state >>> 15), 1 | state);
      value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
      return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
    };
  }
});

/** Objects that the reflector of this test sees; begins the test. @returns names in order */
async function create(count: number): Promise<string[]> {
  label = `test-${++tests}`;
  const names = Array.from({ length: count }, (_, index) => `${label}-${String(index).padStart(2, '0')}`);
  for (const [index, name] of names.entries()) {
    await client.create(configMaps, { ...object(name), data: { index: String(index) } });
  }
  return names;
}

function object(name: string): ConfigMap {
  return { metadata: { name, namespace: 'default', labels: { test: label } } };
}

/** Starts a reflector without waiting for its list. */
function begin(
  options: Partial<ReflectorOptions<ConfigMap>> = {},
  onChange: () => unknown = () => {},
): Reflection {
  proxy.calls.length = 0;
  const changes: Change<ConfigMap>[] = [];
  const told = new Map<string, ConfigMap>();
  const reflector = new Reflector<ConfigMap>(watching, configMaps, {
    labelSelector: `test=${label}`,
    logger: pino({ level: 'silent' }),
    onChange: (change) => {
      changes.push(change);
      retell(told, change);
      return onChange();
    },
    ...options,
  });
  tolerated = 0;
  ends.push(async () => {
    await reflector.stop();
    expect(reflector.stats.handlerErrors).toBe(tolerated);
  });
  reflector.start();
  return { reflector, changes, told };
}

async function reflect(
  options: Partial<ReflectorOptions<ConfigMap>> = {},
  onChange?: () => unknown,
): Promise<Reflection> {
  const reflection = begin(options, onChange);
  await reflection.reflector.synced;
  await until(() => watchCalls().length > 0);
  return reflection;
}

/** Fails on a change that does not follow from those before it. */
function retell(told: Map<string, ConfigMap>, { key, object: current, previous }: Change<ConfigMap>): void {
  expect(told.get(key)).toBe(previous);
  if (current === undefined) told.delete(key);
  else {
    expect(objectKey(current.metadata.namespace, current.metadata.name)).toBe(key);
    told.set(key, current);
  }
}

function inject(matches: (call: ApiCall) => boolean, fault: Fault, times?: number): () => void {
  const remove = proxy.inject({ matches, fault, times });
  ends.push(remove);
  return remove;
}

function listCalls(): ApiCall[] {
  return proxy.calls.filter(({ verb }) => verb === 'list');
}

function watchCalls(): ApiCall[] {
  return proxy.calls.filter(({ verb }) => verb === 'watch');
}

function uidsOf(changes: readonly Change<ConfigMap>[]): (string | undefined)[] {
  return changes.map(({ object: current, previous }) => (current ?? previous)?.metadata.uid);
}

async function until(condition: () => boolean, timeout = 5000): Promise<void> {
  await vi.waitFor(() => expect(condition()).toBe(true), { timeout, interval: 20 });
}
