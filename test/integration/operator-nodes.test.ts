import { afterAll, beforeAll, describe, type TestContext, test } from 'vitest';
import type { PodProcess } from './cluster/pod-process.ts';
import type { TestNode } from './cluster/test-node.ts';
import { LiveCluster } from './live-cluster.ts';
import type { LiveNamespace } from './live-namespace.ts';
import { eventually } from './run-process.ts';
import { type PacketSender, startHttpTs } from './senders.ts';
import { watchFreeze } from './watched-freeze.ts';

let live: LiveCluster;
let road: PacketSender;

beforeAll(async () => {
  [live, road] = await Promise.all([LiveCluster.start({ nodes: 4 }), startHttpTs()]);
  await Promise.all(
    live.kubelet.nodes.map((node, index) => node.setLabels({ test: index < 2 ? 'drained' : 'lost' })),
  );
  await live.startOperator();
});
afterAll(async () => {
  await live?.stop();
  await road?.stop();
});

/** A StreamMonitor on the two nodes of a test, with a freeze that is open and was told. */
async function frozen(name: string, { onTestFinished }: TestContext) {
  const spec = { podTemplate: { nodeSelector: { test: name } } };
  const freeze = await watchFreeze(live, name, { good: road.url }, onTestFinished, spec);
  const [shard] = freeze.there.shards as [string];
  return { ...freeze, shard, node: nodeOf(freeze.there.pod(shard)) };
}

function nodeOf({ pod }: PodProcess): TestNode {
  return live.kubelet.nodes.find(({ name }) => name === pod.spec.nodeName)!;
}

/** What the API server answers to whoever wants to evict the pod of a shard. */
async function eviction(there: LiveNamespace, shard: string): Promise<number> {
  const { name, namespace } = there.pod(shard).pod.metadata;
  const { status } = await live.plane.api.request(
    'POST',
    `/api/v1/namespaces/${namespace}/pods/${name}/eviction`,
    { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } },
  );
  return status;
}

describe.concurrent('a node', { timeout: 200_000 }, () => {
  test('that is to be emptied is left by moves, while no pod on it can be evicted', async (context) => {
    const { expect } = context;
    const { there, picture, id, shard, node } = await frozen('drained', context);
    const begun = performance.now();
    await node.cordon();
    expect(await eviction(there, shard)).toBe(429);
    await there.settled('all on the other node', 2, (owner) => owner !== shard);
    const moved = (performance.now() - begun) / 1000;
    expect(nodeOf(there.pod([...there.owners.values()][0]!)).name).not.toBe(node.name);
    await live.history.when('the shard is gone', () => !there.shards.includes(shard), 90);
    const gone = (performance.now() - begun) / 1000;
    picture.freeze(false);
    const closed = await there.toldOf('closed');
    await node.cordon(false);
    console.info(
      `node emptied after ${moved.toFixed(1)} s, its shard gone after ${gone.toFixed(1)} s; without an owner for ` +
        `${[...live.history.ownerless('drained').values()].flat().map((gap) => gap.toFixed(1))} s`,
    );
    expect(closed.data.incident).toMatchObject({ id, closeReason: 'recovered' });
    expect(there.summary()).toEqual({
      changes: ['opened', 'closed'],
      ids: [id],
      repetitions: 0,
    });
  });

  test('that is lost is replaced within the grace, and open incidents go on', async (context) => {
    const { expect } = context;
    const { there, picture, id, shard, node } = await frozen('lost', context);
    // What a shard has not told the operator yet is lost with it.
    await eventually('the operator knows', async () => (await there.status())?.defects === 1);
    const begun = Date.now();
    await live.kubelet.lose(node);
    await there.settled('all on the other node', 2, (owner) => owner !== shard);
    const since = await there.watched(['freezing', 'good']);
    const gaps = [...since.values()].map((time) => (time - begun) / 1000);
    // Its old pod comes back as well, and has nothing to say any more.
    await live.kubelet.recover(node);
    picture.freeze(false);
    const closed = await there.toldOf('closed');
    const blind = (await there.streamReport('good'))!.blindSeconds;
    console.info(
      `streams of a lost node watched again after ${gaps.map((gap) => gap.toFixed(1))} s, of which ${blind.toFixed(1)} s count as blind`,
    );
    expect(closed.data.incident).toMatchObject({ id, closeReason: 'recovered' });
    // Up to one interval of reports is not known to have been watched.
    expect(blind).toBeGreaterThan(gaps[1]! - 1);
    expect(blind).toBeLessThan(gaps[1]! + 12);
    await live.history.when('the lost shard is gone', () => !there.shards.includes(shard), 90);
    expect(there.summary()).toMatchObject({
      changes: ['opened', 'closed'],
      ids: [id],
    });
  });
});

test('no pair ever had two owners, and the operator was refused nothing', ({ expect }) => {
  expect(live.history.conflicts).toEqual([]);
  expect(live.refusals).toEqual([]);
});
