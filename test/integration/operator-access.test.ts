import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { electionRules, operatorAccess, operatorRules } from '../../operator/resources/rbac.ts';
import type { ApiCall } from './cluster/api-call.ts';
import { type ControlPlane, startControlPlane } from './cluster/control-plane.ts';
import { type FakeNodes, startFakeNodes } from './cluster/fake-nodes.ts';
import { type FaultProxy, startFaultProxy } from './cluster/fault-proxy.ts';
import { type SimulatedShards, startSimulatedShards } from './cluster/simulated-shards.ts';
import { condition, MonitoredNamespace, managedKinds, plainStreams } from './monitored-namespace.ts';
import {
  type OperatorProcess,
  operatorAccount,
  operatorLease,
  operatorManifests,
  startOperator,
} from './operator-process.ts';
import { eventually } from './run-process.ts';

let cluster: ControlPlane;
let fake: FakeNodes;
let shards: SimulatedShards;
let proxy: FaultProxy;
let operator: OperatorProcess;
let live: MonitoredNamespace;

beforeAll(async () => {
  cluster = await startControlPlane({ manifests: operatorManifests() });
  [fake, shards, proxy] = await Promise.all([
    startFakeNodes(cluster),
    startSimulatedShards(cluster),
    startFaultProxy(cluster),
  ]);
  live = await MonitoredNamespace.create(cluster, 'live');
});
afterAll(async () => {
  await operator?.stop();
  await proxy?.stop();
  await shards?.stop();
  await fake?.stop();
  await cluster?.stop();
});

async function start(): Promise<void> {
  const kubeconfig = await proxy.kubeconfigFor(operatorAccount);
  operator = await startOperator(cluster, { kubeconfig, name: 'streammonitor-0', atEnd: () => {} });
  await operator.leads();
}

const described = ({ verb, resource, namespace, name }: ApiCall) =>
  `${verb} ${resource} ${namespace}/${name}`;

/** Writes since a call, without those that keep the lead. */
function writesSince(number: number): string[] {
  return proxy.writes.filter((call) => call.number > number && call.resource !== 'leases').map(described);
}

/** Waits until nothing but the Lease has been written for so many seconds. */
async function settled(seconds = 11): Promise<void> {
  await eventually(
    'silence',
    async () => {
      const { length } = proxy.calls;
      await sleep(seconds * 1000);
      return writesSince(length).length === 0;
    },
    60,
  );
}

describe('an operator that has nothing to do', () => {
  test('writes nothing, whatever arrives and however often it looks', async () => {
    await start();
    await live.applyList('channels', { list: plainStreams('three', 'four') });
    await live.apply('sports', {
      streams: plainStreams('one', 'two'),
      streamsFrom: [{ configMap: { name: 'channels' } }],
      podTemplate: {
        resources: { requests: { cpu: '1500m', memory: '1024Mi' } },
        tolerations: [{ operator: 'Exists', value: '' }],
      },
    });
    await live.apply('news', { streams: plainStreams('one') });
    await live.status('sports', ({ monitored }) => monitored === 4);
    await live.status('news', ({ monitored }) => monitored === 1);
    await settled();

    const [{ length }, { reports }] = [proxy.calls, shards];
    const reconciles = async () => (await operator.metrics()).sum('operator_reconcile_seconds_count') ?? 0;
    const before = await reconciles();
    // All watches end, so that everything is listed anew; and something that is no change happens to every object.
    proxy.sever();
    proxy.mend();
    for (let round = 0; round < 4; round++) {
      await Promise.all([
        ...(Object.keys(managedKinds) as (keyof typeof managedKinds)[]).map(async (kind) => {
          const [object] = await live.managed(kind);
          const path = `${managedKinds[kind]}/${object!.metadata.name}`;
          await live.patch(path, { metadata: { annotations: { 'test.example/round': `${round}` } } });
        }),
        live.patch('api/v1/configmaps/channels', {
          metadata: { annotations: { 'test.example/round': `${round}` } },
        }),
        fake.nodes[0]!.setLabels({ round: `${round}` }),
      ]);
      await sleep(5_000);
    }
    expect(shards.reports).toBeGreaterThan(reports + 2);
    expect(await reconciles()).toBeGreaterThan(before + 4);
    expect(writesSince(length)).toEqual([]);
  });

  test('writes nothing when it is started again', async () => {
    await operator.stop();
    const { length } = proxy.calls;
    await start();
    await sleep(11_000);
    expect(writesSince(length)).toEqual([]);
    const status = (await live.monitor('sports'))!.status;
    expect(condition(status, 'Ready')).toMatch(/^True/);
  });
});

describe('the account of the operator', () => {
  test('may do all that the operator does, and nothing that it never does', async () => {
    const streams = plainStreams('one', 'two');
    const podTemplate = { annotations: { a: 'b' } };
    await live.apply('news', { streams, podTemplate });
    await live.apply('sports', { streams, podTemplate });
    await eventually('one pool', async () => (await live.managed('networkPolicies')).length === 1);
    await live.deleteMonitor('news');
    // What comes again is counted on the first Event, at the end at the latest.
    for (const suspend of [true, false, true]) {
      await live.apply('sports', { streams, podTemplate, suspend });
      await live.status('sports', (said) =>
        condition(said, 'Ready').includes(suspend ? 'Suspended' : 'True'),
      );
    }
    await live.isEmptied();
    await operator.stop();

    const used = new Set(proxy.calls.flatMap(rightsOf));
    const granted = [...operatorRules({ namespaced: false }), ...electionRules(operatorLease)].flatMap(
      ({ resources = [], verbs }) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)),
    );
    expect(granted.filter((right) => !used.has(right))).toEqual([]);
    expect(proxy.calls.filter(({ code }) => code === 403).map(described)).toEqual([]);
    expect(operator.refusals).toEqual([]);
  });
});

/** What the API server asks of the account for a call. */
function rightsOf({ verb, resource, serverCode }: ApiCall): string[] {
  // An apply that makes the object needs the right to create it as well.
  const creates = verb === 'patch' && serverCode === 201 ? ['create'] : [];
  return [verb, ...creates].map((right) => `${right} ${resource}`);
}

test('an operator of one namespace needs rights in that alone, and sees nothing else', async () => {
  const [own, other] = await Promise.all(
    ['own', 'other'].map((name) => MonitoredNamespace.create(cluster, name)),
  );
  const account = { namespace: 'own', name: 'streammonitor' };
  const access = operatorAccess({ ...account, lease: operatorLease, watched: ['own'] });
  await cluster.apply(access.map((object) => JSON.stringify(object)).join('\n---\n'));
  const { length } = proxy.calls;
  const single = await startOperator(cluster, {
    kubeconfig: await proxy.kubeconfigFor(account),
    namespace: 'own',
    environment: { POD_NAMESPACE: 'own' },
  });
  await single.leads();
  await other!.apply('sports', { streams: plainStreams('one') });
  await own!.apply('sports', { streams: plainStreams('one') });
  await own!.status('sports', ({ monitored }) => monitored === 1);
  expect(
    (
      await own!.managed<{ spec: { maxUnavailable: number } } & { metadata: never }>('podDisruptionBudgets')
    )[0]!.spec.maxUnavailable,
  ).toBe(1);
  expect(Object.values(await other!.allManaged()).flat()).toEqual([]);
  expect((await other!.monitor('sports'))!.status).toBeUndefined();
  const calls = proxy.calls.slice(length);
  expect(
    calls.filter(({ namespace, path }) => namespace !== 'own' && path.includes('/v1')).map(described),
  ).toEqual([]);
  expect(calls.filter(({ code }) => code === 403).map(described)).toEqual([]);
  expect(single.refusals).toEqual([]);
});
