import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FakeCluster } from './fake-cluster.ts';
import {
  condition,
  type ManagedKind,
  MonitoredNamespace,
  managedKinds,
  monitorPath,
  plainStreams,
  type StoredDeployment,
} from './monitored-namespace.ts';
import { type OperatorProcess, startOperator } from './operator-process.ts';
import { eventually } from './run-process.ts';

let bed: FakeCluster;
let operator: OperatorProcess;

beforeAll(async () => {
  bed = await FakeCluster.start();
  operator = await startOperator(bed.plane, { name: 'streammonitor-0', atEnd: bed.atEnd });
  await operator.leads();
});
afterAll(() => bed?.stop());

const namespaceOf = (name: string) => MonitoredNamespace.create(bed.plane, name);

/** A namespace in which one StreamMonitor runs on one shard. */
async function running(
  name: string,
): Promise<{ namespace: MonitoredNamespace; shard: string; pool: string }> {
  const namespace = await namespaceOf(name);
  await namespace.apply('sports', { streams: plainStreams('one', 'two') });
  const { assignment } = await namespace.owner('sports', 'two');
  const { shard } = assignment;
  return { namespace, shard, pool: shard.replace(/-\d+$/, '') };
}

describe.concurrent('what somebody else did to the objects of a StreamMonitor is put right:', () => {
  test.for<ManagedKind>(['deployments', 'podDisruptionBudgets', 'networkPolicies', 'configMaps'])(
    '%s deleted',
    async (kind) => {
      const { namespace } = await running(`deleted-${kind.toLowerCase()}`);
      const [before] = await namespace.managed(kind);
      await namespace.delete(`${managedKinds[kind]}/${before!.metadata.name}`);
      await eventually(`another one of ${kind}`, async () => {
        const [after] = await namespace.managed(kind);
        return after !== undefined && after.metadata.uid !== before!.metadata.uid;
      });
      await namespace.owns('sports', ['one', 'two']);
      const status = await namespace.status('sports', ({ monitored }) => monitored === 2);
      expect(condition(status, 'Degraded')).toMatch(/^False/);
    },
  );

  test('an assignment deleted after many changes: its running pod follows the one that is written then', async () => {
    const { namespace, shard } = await running('outgrown');
    for (const priority of [10, 20, 30, 40]) {
      await namespace.apply('sports', {
        streams: plainStreams('one', 'two').map((stream) => ({ ...stream, priority })),
      });
      await namespace.owner('sports', 'one', ({ stream }) => stream.priority === priority);
    }
    const pods = async () => (await namespace.list('api/v1/pods')).map(({ metadata }) => metadata.uid);
    const before = await pods();
    const runs = () => bed.shards.assignments.find((assignment) => assignment.shard === shard);
    await eventually('the pod with all changes', () => runs()?.streams[0]?.priority === 40);
    const { generation } = runs()!;
    expect(generation).toBeGreaterThanOrEqual(5);
    await namespace.delete(`${managedKinds.configMaps}/${shard}`);
    await namespace.apply('sports', { streams: plainStreams('one', 'two', 'three') });
    await eventually('the pod with the new stream', () => runs()?.streams.length === 3);
    expect(runs()!.generation).toBeGreaterThanOrEqual(generation);
    expect(await pods()).toEqual(before);
    await namespace.status('sports', ({ monitored }) => monitored === 3);
  });

  test('a Deployment scaled down, relabelled and with another image', async () => {
    const { namespace, shard } = await running('edited');
    const path = `${managedKinds.deployments}/${shard}`;
    const before = (await namespace.get<StoredDeployment>(path))!;
    await namespace.patch(path, {
      metadata: { labels: { 'streammonitor.dev/pool': 'another' }, ownerReferences: [] },
      spec: { replicas: 0, template: { spec: { serviceAccountName: 'default', enableServiceLinks: true } } },
    });
    await eventually('the Deployment as it was', async () => {
      const { metadata, spec } = (await namespace.get<StoredDeployment>(path))!;
      return (
        metadata.uid === before.metadata.uid &&
        spec.replicas === 1 &&
        spec.template.spec!.enableServiceLinks === false &&
        metadata.labels!['streammonitor.dev/pool'] === before.metadata.labels!['streammonitor.dev/pool'] &&
        metadata.ownerReferences?.length === 1
      );
    });
  });

  test('a wall with a hole, a budget without a bound', async () => {
    const { namespace, pool } = await running('opened');
    const policy = `${managedKinds.networkPolicies}/${pool}`;
    const budget = `${managedKinds.podDisruptionBudgets}/${pool}`;
    const [wall, bound] = [await namespace.get(policy), await namespace.get(budget)];
    await namespace.patch(policy, { spec: { egress: [{}] } });
    await namespace.patch(budget, { spec: { maxUnavailable: 5 } });
    await eventually('wall and budget as they were', async () => {
      const [after, boundAfter] = [await namespace.get(policy), await namespace.get(budget)];
      return JSON.stringify([after?.spec, boundAfter?.spec]) === JSON.stringify([wall?.spec, bound?.spec]);
    });
  });

  test('a wall that lets more in and reaches further than it was built for', async () => {
    const { namespace, pool } = await running('widened');
    const policy = `${managedKinds.networkPolicies}/${pool}`;
    const wall = (await namespace.get<{ spec: { egress: object[] } }>(policy))!;
    const ports = [{ protocol: 'TCP', port: 1, endPort: 65_535 }];
    const widened = [{ ingress: [{ ports }] }, { egress: [...wall.spec.egress, { ports }] }];
    for (const spec of widened) {
      await namespace.patch(policy, { spec });
      await eventually('the wall as it was', async () => {
        const after = await namespace.get<{ spec: object }>(policy);
        return JSON.stringify(after?.spec) === JSON.stringify(wall.spec);
      });
    }
  });

  test('but nothing that is not of the operator: a ConfigMap that only bears its label', async () => {
    const { namespace } = await running('foreign');
    const labels = { 'app.kubernetes.io/managed-by': 'streammonitor' };
    const metadata = { name: 'stream-list', labels };
    await bed.plane.api.json('POST', namespace.path('api/v1/configmaps'), { metadata, data: { a: 'b' } });
    await namespace.apply('sports', { streams: plainStreams('one', 'two', 'three') });
    await namespace.status('sports', ({ monitored }) => monitored === 3);
    expect(await namespace.get('api/v1/configmaps/stream-list')).toMatchObject({ data: { a: 'b' } });
  });

  test.for([
    ['text that is no JSON', { data: { 'assignment.json': '{' } }],
    ['nothing in it', { data: null }],
    ['a document of another kind', { data: { 'assignment.json': '{"kind":"Deployment"}' } }],
    ['no streams', undefined],
  ] as const)('an assignment overwritten with %s', async ([what, change]) => {
    const { namespace, shard } = await running(`overwritten-${what.length}`);
    const [assignment] = await namespace.assignments();
    const empty = {
      data: { 'assignment.json': JSON.stringify({ ...assignment, streams: [], monitors: {} }) },
    };
    await namespace.patch(`${managedKinds.configMaps}/${shard}`, change ?? empty);
    await eventually('all streams on one shard', async () => {
      const found = await namespace.assignments().catch(() => []);
      return (
        found.length === 1 &&
        found[0]!.streams
          .map(({ name, role }) => `${name} ${role}`)
          .sort()
          .join() === 'one owner,two owner'
      );
    });
    await namespace.status('sports', ({ monitored }) => monitored === 2);
  });
});

describe.concurrent('where pods cannot run', () => {
  test('a quota: the status says so, and the streams are watched once there is room', async () => {
    const quota = await namespaceOf('quota');
    await bed.plane.api.json('POST', quota.path('api/v1/resourcequotas'), {
      metadata: { name: 'none' },
      spec: { hard: { 'count/deployments.apps': '0' } },
    });
    await eventually('the quota is in force', async () => {
      const { status } = (await quota.get<{ status?: { hard?: object } }>('api/v1/resourcequotas/none'))!;
      return status?.hard !== undefined;
    });
    await quota.apply('sports', { streams: plainStreams('one') });
    const refused = await quota.status('sports', (said) => condition(said, 'Ready').includes('ApplyFailed'));
    expect(condition(refused, 'Ready')).toMatch(/^False\/ApplyFailed: 1 of 1 stream is not watched: .*quota/);
    expect(condition(refused, 'Degraded')).toMatch(/^True\/ApplyFailed: .*exceeded quota: none/);
    expect(refused.monitored).toBe(0);
    await quota.delete('api/v1/resourcequotas/none');
    await quota.status('sports', ({ monitored }) => monitored === 1, 80);
  });

  test('no node for them: the status never says that they are well, and nothing is lost', async () => {
    const pending = await namespaceOf('pending');
    const streams = plainStreams('one', 'two');
    await pending.apply('sports', { streams, podTemplate: { nodeSelector: { disk: 'unheard-of' } } });
    await pending.owns('sports', ['one', 'two']);
    const waiting = await pending.status('sports', ({ shards: count }) => count === 1);
    expect(waiting.monitored).toBe(0);
    expect(condition(waiting, 'Ready')).not.toMatch(/^True/);
    const [first] = await pending.places('sports', 'one');
    const isElsewhere = async () => {
      const places = await pending.places('sports', 'one');
      return (
        places.length > 0 && places.every(({ assignment }) => assignment.shard !== first!.assignment.shard)
      );
    };
    await eventually('another shard is tried', isElsewhere, 60);
    const { status: late } = (await pending.monitor('sports'))!;
    expect(late!.monitored).toBe(0);
    expect(condition(late!, 'Ready')).not.toMatch(/^True/);
    await pending.apply('sports', { streams });
    const status = await pending.status('sports', ({ monitored }) => monitored === 2, 60);
    expect(condition(status, 'Ready')).toMatch(/^True\/Watching/);
    await eventually(
      'the pod without a node is given up',
      async () => (await pending.assignments()).length === 1,
      60,
    );
  });
});

describe.concurrent('deletion', () => {
  test('of a StreamMonitor leaves nothing, and one of its name begins anew', async () => {
    const { namespace } = await running('gone');
    const before = (await namespace.monitor('sports'))!;
    await namespace.deleteMonitor('sports');
    await namespace.isEmptied();
    const after = await namespace.apply('sports', { streams: plainStreams('three') });
    expect(after.metadata.uid).not.toBe(before.metadata.uid);
    await namespace.owner('sports', 'three');
    const [deployment] = await namespace.managed('deployments');
    expect(deployment!.metadata.ownerReferences!.map(({ uid }) => uid)).toEqual([after.metadata.uid]);
  });

  test('and creation of one of its name in the same moment: the new one is watched and owns all', async () => {
    const { namespace } = await running('reborn');
    await namespace.deleteMonitor('sports');
    const { metadata } = await namespace.apply('sports', { streams: plainStreams('one', 'three') });
    await eventually('everything is of the new one', async () => {
      const objects = Object.values(await namespace.allManaged()).flat();
      return (
        objects.length === 4 &&
        objects.every(
          ({ metadata: { ownerReferences, deletionTimestamp } }) =>
            deletionTimestamp === undefined && ownerReferences?.map(({ uid }) => uid).join() === metadata.uid,
        )
      );
    });
    await namespace.owns('sports', ['one', 'three']);
    await namespace.status('sports', ({ monitored, streams }) => monitored === 2 && streams === 2);
  });

  test('of one of two that share a shard leaves the other as it was', async () => {
    const { namespace, shard } = await running('halved');
    await namespace.apply('news', { streams: plainStreams('one') });
    const { pod } = await namespace.owner('news', 'one', ({ assignment }) => assignment.shard === shard);
    await namespace.deleteMonitor('sports');
    await namespace.owns('sports', []);
    await eventually('one owner', async () =>
      Object.values(await namespace.allManaged())
        .flat()
        .every(({ metadata }) => metadata.ownerReferences?.map(({ name }) => name).join() === 'news'),
    );
    const still = await namespace.owner('news', 'one');
    expect(still.assignment.shard).toBe(shard);
    expect(still.pod).toEqual(pod);
  });

  test('of the namespace: the operator lets it go without a word of error', async () => {
    const { namespace } = await running('ending');
    // Holds the namespace in its ending while its objects go.
    await bed.plane.api.json('POST', namespace.path('api/v1/configmaps'), {
      metadata: { name: 'held', finalizers: ['test.streammonitor.dev/hold'] },
    });
    const logged = operator.logs.length;
    await bed.plane.api.json('DELETE', '/api/v1/namespaces/ending');
    await namespace.isEmptied();
    await eventually('the StreamMonitor is gone', async () => !(await namespace.monitor('sports')));
    await namespace.patch('api/v1/configmaps/held', { metadata: { finalizers: null } });
    await eventually('the namespace is gone', async () => {
      const { status } = await bed.plane.api.request('GET', '/api/v1/namespaces/ending');
      return status === 404;
    });
    const complaints = operator.logs
      .slice(logged)
      .filter((line) => Number(line.level) >= 50 && JSON.stringify(line).includes('ending'));
    expect(complaints).toEqual([]);
  });
});

// Last, and by itself: the operator is stopped in it.
test('with the operator away the cluster cleans up by itself, and the operator finds it in order', async () => {
  const [own, shared] = await Promise.all([running('away'), running('away-shared')]);
  await shared.namespace.apply('news', { streams: plainStreams('one') });
  await shared.namespace.owner('news', 'one', ({ assignment }) => assignment.shard === shared.shard);
  await eventually('two owners', async () =>
    Object.values(await shared.namespace.allManaged())
      .flat()
      .every(({ metadata }) => metadata.ownerReferences?.length === 2),
  );
  await operator.stop();

  await own.namespace.deleteMonitor('sports');
  await shared.namespace.deleteMonitor('sports');
  await own.namespace.isEmptied(60);
  // Of what has another owner nothing goes, and the streams of the one that is gone run on until somebody plans.
  expect(await shared.namespace.owned('sports')).toEqual(['one', 'two']);
  expect(await shared.namespace.managed('deployments')).toHaveLength(1);

  operator = await startOperator(bed.plane, { name: 'streammonitor-0', atEnd: () => {} });
  await operator.leads();
  await shared.namespace.owns('sports', []);
  await shared.namespace.owns('news', ['one']);
  await shared.namespace.status('news', ({ monitored }) => monitored === 1);
  expect(await own.namespace.get(monitorPath('sports'))).toBeUndefined();
});
