import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Event, type ObjectReference, type Occurrence, referenceTo } from '../../operator/kube/event.ts';
import { EventRecorder, type EventRecorderOptions } from '../../operator/kube/event-recorder.ts';
import { KubeClient } from '../../operator/kube/kube-client.ts';
import { loadKubeConfig } from '../../operator/kube/kube-config.ts';
import type { KubeConnection } from '../../operator/kube/kube-connection.ts';
import type { KubeObject } from '../../operator/kube/resource.ts';
import { type ControlPlane, startControlPlane } from './cluster/control-plane.ts';
import { type FaultProxy, startFaultProxy } from './cluster/fault-proxy.ts';

/** All that a recorder needs. */
const account = `
apiVersion: v1
kind: ServiceAccount
metadata: {name: recorder, namespace: default}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: recorder, namespace: default}
rules:
  - {apiGroups: [events.k8s.io], resources: [events], verbs: [create, patch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: recorder, namespace: default}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: recorder}
subjects: [{kind: ServiceAccount, name: recorder, namespace: default}]
`;

let cluster: ControlPlane;
let proxy: FaultProxy;
let connection: KubeConnection;
let recorders: EventRecorder[] = [];
let log: string[];
let subject: ObjectReference;
let number = 0;

beforeAll(async () => {
  cluster = await startControlPlane({ scheduler: false, manifests: account });
  proxy = await startFaultProxy(cluster);
  const path = await proxy.kubeconfigFor({ namespace: 'default', name: 'recorder' });
  connection = loadKubeConfig({ path });
});

beforeEach(async () => {
  log = [];
  proxy.calls.length = 0;
  subject = await createConfigMap(`subject-${++number}`);
});

afterEach(async () => {
  await Promise.all(recorders.map((recorder) => recorder.stop(0)));
  recorders = [];
  proxy.mend();
});

afterAll(async () => {
  await connection?.close();
  await proxy?.stop();
  await cluster?.stop();
});

async function createConfigMap(name: string): Promise<ObjectReference> {
  const path = '/api/v1/namespaces/default/configmaps';
  return referenceTo(await cluster.api.json<KubeObject>('POST', path, { metadata: { name } }));
}

function start(options: Partial<EventRecorderOptions> = {}): EventRecorder {
  const client = new KubeClient(connection, {
    userAgent: 'test',
    fieldManager: 'test',
    qps: 200,
    burst: 200,
    timeout: 2000,
  });
  const recorder = new EventRecorder(client, {
    controller: 'example.org/operator',
    instance: 'pod-1',
    logger: pino({}, { write: (line: string) => log.push(line) }),
    ...options,
  });
  recorders.push(recorder);
  return recorder;
}

function happened(note: string, regarding = subject): Occurrence {
  return { regarding, type: 'Warning', reason: 'NotPlaced', action: 'Plan', note };
}

async function eventsOf({ uid }: ObjectReference): Promise<Event[]> {
  const path = '/apis/events.k8s.io/v1/namespaces/default/events';
  const { items } = await cluster.api.json<{ items: Event[] }>('GET', path);
  return items.filter(({ regarding }) => regarding.uid === uid);
}

const written = (recorder: EventRecorder) => vi.waitFor(() => expect(recorder.pending).toBe(0), 10_000);

describe('EventRecorder', () => {
  it('shows events where `kubectl describe` looks for them', async () => {
    const recorder = start();
    recorder.record(happened('no shard has room for stream a'));
    recorder.record({
      ...happened('stream b was placed'),
      type: 'Normal',
      reason: 'Placed',
      related: await createConfigMap(`related-${number}`),
    });
    await recorder.stop();
    const described = await cluster.kubectl(['describe', 'configmap', subject.name]);
    expect(described).toMatch(
      /Warning +NotPlaced +\S+ +example.org\/operator +no shard has room for stream a/,
    );
    expect(described).toMatch(/Normal +Placed +\S+ +example.org\/operator +stream b was placed/);
    expect(recorder.dropped).toEqual({ budget: 0, full: 0, refused: 0 });
  });

  it('has the server take events of any object and of any length', async () => {
    const long = await createConfigMap(`${'long-name.'.repeat(25)}end`);
    const role = referenceTo(
      await cluster.api.json<KubeObject>(
        'GET',
        '/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node',
      ),
    );
    const recorder = start();
    recorder.record(happened('ü'.repeat(2000), long));
    recorder.record(happened('a role has changed', role));
    await written(recorder);
    expect(recorder.dropped.refused).toBe(0);
    expect((await eventsOf(long))[0]!.note).toMatch(/^ü{500,}…$/);
    expect(await eventsOf(role)).toHaveLength(1);
  });

  it('counts what happens again in one event, with few writes', async () => {
    const recorder = start({ seriesInterval: 1000 });
    for (let time = 0; time < 200; time++) {
      recorder.record(happened('again'));
      await sleep(10);
    }
    await vi.waitFor(async () => expect((await eventsOf(subject))[0]?.series?.count).toBe(200), 5000);
    expect(await eventsOf(subject)).toHaveLength(1);
    expect(proxy.writes.length).toBeLessThanOrEqual(5);
    const described = await cluster.kubectl(['describe', 'configmap', subject.name]);
    expect(described).toMatch(/NotPlaced +\S+ \(x200 over \S+\) +example.org\/operator +again/);
  });

  it('begins a new event with the count where the old one was deleted', async () => {
    const recorder = start({ seriesInterval: 0 });
    recorder.record(happened('again'));
    await written(recorder);
    await cluster.api.json('DELETE', '/apis/events.k8s.io/v1/namespaces/default/events');
    recorder.record(happened('again'));
    await written(recorder);
    expect((await eventsOf(subject)).map(({ series }) => series?.count)).toEqual([2]);
    expect(recorder.dropped.refused).toBe(0);
  });

  it('holds each object to its budget', async () => {
    const recorder = start({ budget: { burst: 10, perMinute: 1 } });
    const other = await createConfigMap(`other-${number}`);
    for (let stream = 0; stream < 200; stream++) recorder.record(happened(`stream ${stream}`));
    recorder.record(happened('something else', other));
    await written(recorder);
    expect(await eventsOf(subject)).toHaveLength(10);
    expect(await eventsOf(other)).toHaveLength(1);
    expect(recorder.dropped).toEqual({ budget: 190, full: 0, refused: 0 });
  });

  it('drops what the server refuses, and goes on', async () => {
    const recorder = start();
    recorder.record(happened('in a namespace that is not allowed', { ...subject, namespace: 'kube-system' }));
    recorder.record(happened('allowed'));
    await written(recorder);
    expect(recorder.dropped).toEqual({ budget: 0, full: 0, refused: 1 });
    expect(log.join()).toContain('forbidden');
    expect(await eventsOf(subject)).toHaveLength(1);
  });

  it('writes an event once whose answer was lost', async () => {
    const rule = { matches: () => true, times: 1 };
    proxy.inject({ ...rule, fault: { kind: 'answer', status: 500, reaches: true } });
    const recorder = start({ seriesInterval: 0 });
    recorder.record(happened('lost on the way'));
    await sleep(100);
    recorder.record(happened('lost on the way'));
    await written(recorder);
    expect(proxy.writes[0]).toMatchObject({ code: 500, serverCode: 201 });
    expect((await eventsOf(subject)).map(({ series }) => series?.count)).toEqual([2]);
  });

  it('neither throws, waits nor grows while the server is gone, and writes what it kept when it is back', async () => {
    const recorder = start({ capacity: 100, budget: { burst: 10_000, perMinute: 1 } });
    await cluster.killApiServer();
    const begun = performance.now();
    for (let stream = 0; stream < 5000; stream++) recorder.record(happened(`stream ${stream}`));
    for (let time = 0; time < 5000; time++) recorder.record(happened('stream 0'));
    const seconds = (performance.now() - begun) / 1000;
    expect(recorder.pending).toBe(100);
    expect(recorder.dropped.full).toBe(4900);
    expect(seconds).toBeLessThan(2);
    await sleep(2000);
    expect(recorder.pending).toBeLessThanOrEqual(100);
    await cluster.startApiServer();
    await vi.waitFor(() => expect(recorder.pending).toBe(0), 30_000);
    const counts = (await eventsOf(subject)).map(({ series }) => series?.count ?? 1);
    expect(counts).toHaveLength(100);
    expect(Math.max(...counts)).toBe(5001);
    expect(recorder.dropped.refused).toBe(0);
  });

  it('ends in time when the server does not answer', async () => {
    const remove = proxy.inject({ matches: () => true, fault: { kind: 'hang' } });
    const recorder = start();
    recorder.record(happened('too late'));
    await sleep(100);
    recorder.record(happened('still waiting'));
    const begun = performance.now();
    await recorder.stop(500);
    expect(performance.now() - begun).toBeLessThan(700);
    remove();
    recorder.record(happened('after the end'));
    expect(recorder.pending).toBe(0);
    expect(recorder.dropped.full).toBe(3);
  });
});
