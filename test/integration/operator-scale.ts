import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamMonitorStatus } from '../../crds/stream-monitor.ts';
import { AssignmentHistory } from './cluster/assignment-history.ts';
import type { ControlPlane } from './cluster/control-plane.ts';
import type { FakeNodes } from './cluster/fake-nodes.ts';
import type { SimulatedShards } from './cluster/simulated-shards.ts';
import type { FakeCluster } from './fake-cluster.ts';
import { type OperatorProcess, startOperator } from './operator-process.ts';
import { eventually } from './run-process.ts';

/** What it takes to keep so many streams. Seconds unless said otherwise. */
export interface ScaleFigures {
  readonly streams: number;
  readonly shards: number;
  /** From the first StreamMonitor until every stream has an owner in a written assignment. */
  readonly assigned: number;
  /** The same until every StreamMonitor is Ready. */
  readonly ready: number;
  /** Writes to the API server until then, Leases not counted. */
  readonly placingWrites: number;
  /** In a quiet time. */
  readonly steady: { readonly seconds: number; readonly writes: number; readonly cpuPercent: number };
  readonly memoryMegabytes: number;
  readonly planSeconds: number;
  /** Until a new leader has planned everything again, and what it wrote. */
  readonly restart: { readonly seconds: number; readonly writes: number };
  /** Streams that changed their shard when one more shard was needed, and one less. */
  readonly grown: { readonly shards: number; readonly moved: number };
  readonly shrunk: { readonly shards: number; readonly moved: number };
  /** A node that is gone with its pods. */
  readonly lostNode: { readonly streams: number; readonly moved: number; readonly seconds: number };
}

/** Streams of one StreamMonitor. */
const monitorSize = 250;
const settings = {
  shards: { coolDown: '1s', movesInFlight: 100, movesPerMinute: 100_000, grace: '10s', drainTimeout: '10s' },
};
const namespace = 'scale';
const quietSeconds = 12;

/** Places streams on a cluster with fake nodes and simulated shards, and disturbs them. */
export async function measureScale(
  { plane: cluster, fake, shards }: FakeCluster,
  streams: number,
): Promise<ScaleFigures> {
  const patience = 60 + streams / 10;
  const history = await AssignmentHistory.start(cluster.api);
  const operators: OperatorProcess[] = [];
  const start = async () => {
    const operator = await startOperator(cluster, { settings, logLevel: 'info', atEnd: () => {} });
    operators.push(operator);
    await operator.leads();
    return operator;
  };
  try {
    let operator = await start();
    await cluster.kubectl(['create', 'namespace', namespace]);
    const began = performance.now();
    const seconds = () => (performance.now() - began) / 1000;
    const sizes = Array.from({ length: Math.ceil(streams / monitorSize) }, (_, index) =>
      Math.min(monitorSize, streams - index * monitorSize),
    );
    for (const [index, size] of sizes.entries()) await writeMonitor(cluster, index, size);
    const owned = () => ownersOf(history).size;
    await history.when('every stream has an owner', () => owned() === streams, patience);
    const assigned = seconds();
    await allReady(cluster, sizes.length, patience);
    const ready = seconds();
    const placingWrites = await writesOf(operator);

    const steady = await quiet(operator);
    const metrics = await operator.metrics();
    const planSeconds =
      metrics.sum('operator_plan_seconds_sum')! / metrics.sum('operator_plan_seconds_count')!;
    const memoryMegabytes = memoryOf(operator.pid);

    await operator.stop();
    const stopped = performance.now();
    operator = await start();
    await eventually(
      'the new leader has planned',
      async () => (await operator.metrics()).sum('operator_streams', { state: 'placed' }) === streams,
      patience,
    );
    const restartSeconds = (performance.now() - stopped) / 1000;
    await sleep(5_000);
    const restart = { seconds: restartSeconds, writes: await writesOf(operator) };

    const grown = await resized(
      cluster,
      history,
      sizes.length,
      streams,
      Math.round(monitorSize / 5),
      patience,
    );
    const shrunk = await resized(cluster, history, sizes.length, streams, 0, patience);
    const lostNode = await withoutNode(cluster, fake, shards, history, streams, patience);
    return {
      streams,
      shards: new Set(ownersOf(history).values()).size,
      assigned,
      ready,
      placingWrites,
      steady,
      memoryMegabytes,
      planSeconds,
      restart,
      grown,
      shrunk,
      lostNode,
    };
  } finally {
    await Promise.all(operators.map((operator) => operator.stop()));
    await history.stop();
  }
}

/** A StreamMonitor with a list of streams in a ConfigMap of its own. */
async function writeMonitor(cluster: ControlPlane, index: number, size: number): Promise<void> {
  const name = `monitor-${index}`;
  const streams = Array.from({ length: size }, (_, number) => ({
    name: `stream-${number}`,
    url: `https://origin.example/${index}/${number}.m3u8`,
    rendition: { maxHeight: 480 },
  }));
  const list = {
    ...{ apiVersion: 'v1', kind: 'ConfigMap' },
    metadata: { name, namespace, labels: { 'streammonitor.dev/streams': 'true' } },
    data: { streams: JSON.stringify(streams) },
  };
  const monitor = {
    ...{ apiVersion: 'streammonitor.dev/v1alpha1', kind: 'StreamMonitor' },
    metadata: { name, namespace },
    spec: { streamsFrom: [{ configMap: { name } }] },
  };
  const path = `/api/v1/namespaces/${namespace}/configmaps/${name}?fieldManager=test&force=true`;
  await cluster.api.json('PATCH', path, list, 'application/apply-patch+yaml');
  const monitors = `/apis/streammonitor.dev/v1alpha1/namespaces/${namespace}/streammonitors/${name}`;
  await cluster.api.json('PATCH', `${monitors}?fieldManager=test`, monitor, 'application/apply-patch+yaml');
}

async function allReady(cluster: ControlPlane, monitors: number, patience: number): Promise<void> {
  const path = `/apis/streammonitor.dev/v1alpha1/namespaces/${namespace}/streammonitors`;
  await eventually(
    'every StreamMonitor is Ready',
    async () => {
      const { items } = await cluster.api.json<{ items: { status?: StreamMonitorStatus }[] }>('GET', path);
      const ready = items.filter(({ status }) =>
        status?.conditions?.some(({ type, status: holds }) => type === 'Ready' && holds === 'True'),
      );
      return ready.length === monitors;
    },
    patience,
  );
}

/** The shard of each stream, by StreamMonitor and name. */
function ownersOf(history: AssignmentHistory): Map<string, string> {
  return new Map(
    history
      .assignments(namespace)
      .flatMap(({ shard, streams }) =>
        streams
          .filter(({ role }) => role === 'owner')
          .map(({ monitor, name }): [string, string] => [`${monitor}/${name}`, shard]),
      ),
  );
}

/** Writes of the operator so far, Leases not counted. */
async function writesOf(operator: OperatorProcess): Promise<number> {
  const metrics = await operator.metrics();
  const verbs = ['create', 'update', 'apply', 'patch', 'delete'];
  const all = verbs.reduce((sum, verb) => sum + (metrics.sum('operator_api_calls_total', { verb }) ?? 0), 0);
  const leases = verbs.reduce(
    (sum, verb) => sum + (metrics.sum('operator_api_calls_total', { verb, resource: 'leases' }) ?? 0),
    0,
  );
  return all - leases;
}

async function quiet(operator: OperatorProcess): Promise<ScaleFigures['steady']> {
  // What the placing was followed by: learned answers, statuses that waited.
  await sleep(8_000);
  const [writes, cpu, began] = [await writesOf(operator), cpuOf(operator.pid), performance.now()];
  await sleep(quietSeconds * 1000);
  const seconds = (performance.now() - began) / 1000;
  return {
    seconds,
    writes: (await writesOf(operator)) - writes,
    cpuPercent: ((cpuOf(operator.pid) - cpu) / seconds) * 100,
  };
}

/** Gives the last StreamMonitor `more` streams beyond its own, and tells which of the others moved for it. */
async function resized(
  cluster: ControlPlane,
  history: AssignmentHistory,
  monitors: number,
  streams: number,
  more: number,
  patience: number,
): Promise<ScaleFigures['grown']> {
  const before = ownersOf(history);
  const last = streams - (monitors - 1) * monitorSize;
  await writeMonitor(cluster, monitors - 1, last + more);
  await history.when(`${more} more streams`, () => ownersOf(history).size === streams + more, patience);
  await sleep(5_000);
  const after = ownersOf(history);
  return { shards: new Set(after.values()).size, moved: movedBetween(before, after) };
}

async function withoutNode(
  cluster: ControlPlane,
  fake: FakeNodes,
  shards: SimulatedShards,
  history: AssignmentHistory,
  streams: number,
  patience: number,
): Promise<ScaleFigures['lostNode']> {
  const node = fake.nodes[0]!;
  const before = ownersOf(history);
  const lost = await shardsOn(cluster, node.name);
  const affected = [...before].filter(([, shard]) => lost.has(shard));
  const began = performance.now();
  shards.setNode(node.name, 'lost');
  await fake.lose(node);
  await node.delete();
  const elsewhere = () => {
    const owners = ownersOf(history);
    return owners.size === streams && affected.every(([stream, shard]) => owners.get(stream) !== shard);
  };
  await history.when('the streams of the lost node are elsewhere', elsewhere, patience);
  const seconds = (performance.now() - began) / 1000;
  return { streams: affected.length, moved: movedBetween(before, ownersOf(history)), seconds };
}

/** Names of the shards whose pods are on a node. */
async function shardsOn(cluster: ControlPlane, node: string): Promise<Set<string>> {
  const query = `fieldSelector=${encodeURIComponent(`spec.nodeName=${node}`)}`;
  const { items } = await cluster.api.json<{ items: { metadata: { labels: Record<string, string> } }[] }>(
    'GET',
    `/api/v1/namespaces/${namespace}/pods?${query}`,
  );
  return new Set(items.flatMap(({ metadata }) => metadata.labels['streammonitor.dev/shard'] ?? []));
}

function movedBetween(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): number {
  return [...before].filter(([stream, shard]) => after.has(stream) && after.get(stream) !== shard).length;
}

/** CPU of a process so far, in seconds (proc(5): utime and stime in ticks of 10 ms). */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function memoryOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
}
