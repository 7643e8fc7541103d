import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Assignment, type StreamAssignment, shardApiVersion } from '../../crds/assignment.ts';
import { parseShardReport, type ShardReport } from '../../crds/shard-report.ts';
import { type ControlPlane, startControlPlane } from './cluster/control-plane.ts';
import { type FakeNodes, startFakeNodes } from './cluster/fake-nodes.ts';
import { type SimulatedShards, startSimulatedShards } from './cluster/simulated-shards.ts';
import { eventually } from './run-process.ts';

let cluster: ControlPlane;
let fake: FakeNodes;
let shards: SimulatedShards;

beforeAll(async () => {
  cluster = await startControlPlane();
  fake = await startFakeNodes(cluster);
  shards = await startSimulatedShards(cluster);
  await assign(1, [stream('first', 'owner'), stream('second', 'warming')]);
  await cluster.apply(deployment);
  await eventually('the shard is up', () => shards.running.length === 1);
});
afterAll(async () => {
  await shards?.stop();
  await fake?.stop();
  await cluster?.stop();
});

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: shard-0, namespace: default}
spec:
  selector: {matchLabels: {shard: shard-0}}
  template:
    metadata: {labels: {shard: shard-0}}
    spec:
      containers: [{name: monitor, image: none, ports: [{containerPort: 8080}]}]
      volumes: [{name: assignment, configMap: {name: shard-0}}]`;

function stream(
  name: string,
  role: StreamAssignment['role'],
  more: Partial<StreamAssignment> = {},
): StreamAssignment {
  const source = { monitor: 'default/sports', name, url: `https://origin.example/${name}.m3u8` };
  return { ...source, rendition: 'highest', priority: 50, detectors: ['freeze'], role, ...more };
}

async function assign(generation: number, streams: StreamAssignment[]): Promise<void> {
  const monitors = {
    'default/sports': { namespace: 'default', name: 'sports', detectors: {}, notifications: [] },
  };
  const document: Assignment = {
    ...{ apiVersion: shardApiVersion, kind: 'Assignment', shard: 'shard-0', generation },
    ...{ monitors, streams },
  };
  const data = { 'assignment.json': JSON.stringify(document) };
  const metadata = { name: 'shard-0', namespace: 'default' };
  await cluster.apply(JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }));
}

async function ask(): Promise<Response> {
  const { items } = await cluster.api.json<{ items: { status: { podIP: string } }[] }>(
    'GET',
    '/api/v1/namespaces/default/pods',
  );
  return fetch(`http://${items[0]!.status.podIP}:8080/report`, { signal: AbortSignal.timeout(500) });
}

async function report(): Promise<ShardReport> {
  return parseShardReport(await (await ask()).json());
}

test('a fake pod reports that all it is assigned to is well, and follows what it is assigned', async () => {
  const first = await report();
  expect(first).toMatchObject({ shard: 'shard-0', generation: 1, spoolBytes: 0 });
  expect(first.streams).toMatchObject([
    { name: 'first', role: 'owner', phase: 'Up', firstFrameTime: expect.any(String) },
    { name: 'second', role: 'warming', phase: 'Up', firstFrameTime: expect.any(String) },
  ]);
  await assign(2, [stream('first', 'owner'), stream('third', 'warming', { exclusive: true })]);
  await eventually('the new assignment', async () => (await report()).generation === 2);
  const { streams, bootId } = await report();
  expect(bootId).toBe(first.bootId);
  expect(streams.map(({ name }) => name)).toEqual(['first', 'third']);
  expect(streams[0]!.firstFrameTime).toBe(first.streams[0]!.firstFrameTime);
  expect(streams[1]!.firstFrameTime).toBeUndefined();
});

test('a stream can be down, or cost more than was planned', async () => {
  shards.setStream('default/sports', 'first', { phase: 'Down', reason: 'Unreachable', cpu: 900 });
  const before = (await report()).streams[0]!;
  expect(before).toMatchObject({ phase: 'Down', reason: 'Unreachable', monitoredSeconds: 0 });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const after = (await report()).streams[0]!;
  expect((after.cpuSeconds - before.cpuSeconds) / (after.blindSeconds - before.blindSeconds)).toBeCloseTo(
    0.9,
  );
  shards.setStream('default/sports', 'first');
  expect((await report()).streams[0]!.phase).toBe('Up');
});

test('a shard can be silent, in error, slow, or lie', async () => {
  shards.setShard('shard-0', { answer: 'none' });
  await expect(ask()).rejects.toThrow(/timeout/);
  shards.setShard('shard-0', { answer: 'error' });
  expect((await ask()).status).toBe(500);
  shards.setShard('shard-0', { delay: 200 });
  const start = performance.now();
  await report();
  expect(performance.now() - start).toBeGreaterThan(190);
  shards.setShard('shard-0', { alter: (said) => ({ ...said, shard: 'another', generation: 99 }) });
  expect(await report()).toMatchObject({ shard: 'another', generation: 99 });
  shards.setShard('shard-0');
  expect(await report()).toMatchObject({ shard: 'shard-0', generation: 2 });
});

test('the pods of a lost node answer no more, and start anew when it is back', async () => {
  const [node] = fake.nodes;
  const { bootId } = await report();
  shards.setNode(node!.name, 'lost');
  await expect(ask()).rejects.toThrow(/timeout/);
  shards.setNode(node!.name, 'present');
  await eventually('it answers', async () => (await ask().catch(() => undefined))?.ok);
  expect((await report()).bootId).not.toBe(bootId);
});
