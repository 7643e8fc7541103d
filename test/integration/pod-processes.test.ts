import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Assignment, shardApiVersion } from '../../crds/assignment.ts';
import { parseShardReport, type ShardReport } from '../../crds/shard-report.ts';
import { type ControlPlane, startControlPlane } from './cluster/control-plane.ts';
import type { PodProcess } from './cluster/pod-process.ts';
import { type PodProcesses, startPodProcesses } from './cluster/pod-processes.ts';
import { eventually, isRunning } from './run-process.ts';

let cluster: ControlPlane;
let kubelet: PodProcesses;

beforeAll(async () => {
  cluster = await startControlPlane();
  kubelet = await startPodProcesses(cluster, { nodes: 2 });
});
afterAll(async () => {
  await kubelet?.stop();
  await cluster?.stop();
});

const container = `
        - name: monitor
          image: streammonitor
          args: [monitor, --assignment=/etc/streammonitor/assignment/assignment.json, --state, /var/lib/streammonitor,
                 --secrets, /etc/streammonitor/secrets, --log-level, warn]
          ports: [{name: http, containerPort: 8080}]
          readinessProbe: {httpGet: {path: /readyz, port: http}}
          volumeMounts:
            - {name: assignment, mountPath: /etc/streammonitor/assignment}
            - {name: state, mountPath: /var/lib/streammonitor}
            - {name: secret-keys, mountPath: /etc/streammonitor/secrets/keys}`;

function deployment(shard: string): string {
  return `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${shard}, namespace: default}
spec:
  strategy: {type: Recreate}
  selector: {matchLabels: {shard: ${shard}}}
  template:
    metadata: {labels: {shard: ${shard}}}
    spec:
      terminationGracePeriodSeconds: 10
      containers:${container}
      volumes:
        - {name: assignment, configMap: {name: ${shard}}}
        - {name: state, emptyDir: {}}
        - {name: secret-keys, secret: {secretName: keys, optional: true}}`;
}

async function assign(shard: string, generation: number): Promise<void> {
  const document: Assignment = {
    ...{ apiVersion: shardApiVersion, kind: 'Assignment', shard, generation },
    ...{ monitors: {}, streams: [] },
  };
  const data = { 'assignment.json': JSON.stringify(document) };
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: shard, namespace: 'default' },
    data,
  };
  await cluster.apply(JSON.stringify(object));
}

async function reportOf({ address }: PodProcess): Promise<ShardReport> {
  return parseShardReport(await (await fetch(`http://${address}:8080/report`)).json());
}

/** A shard that is up: its pod is Ready, which says that its process answers. */
async function startShard(shard: string): Promise<PodProcess> {
  await cluster.apply(deployment(shard));
  await cluster.kubectl(['rollout', 'status', `deployment/${shard}`, '--timeout=60s']);
  return theProcess(shard)!;
}

function theProcess(shard: string): PodProcess | undefined {
  return kubelet.processes('default').find(({ pod }) => pod.metadata.labels?.shard === shard);
}

test('a pod is a real monitor that follows its assignment and is started again when it dies', async () => {
  await assign('one', 1);
  const shard = await startShard('one');
  const { name } = shard.pod.metadata;
  const first = await reportOf(shard);
  expect(first).toMatchObject({ shard: 'one', generation: 1 });

  await assign('one', 2);
  await cluster.kubectl(['annotate', 'pod', name, 'generation=2']);
  await eventually('generation 2', async () => (await reportOf(shard)).generation === 2);

  shard.signal('SIGKILL');
  await eventually('another boot', async () => {
    const report = await reportOf(shard).catch(() => undefined);
    return report !== undefined && report.bootId !== first.bootId && report.generation === 2;
  });
  const restarts = ['get', 'pod', name, '-o', 'jsonpath={.status.containerStatuses[0].restartCount}'];
  await eventually('the pod says so', async () => (await cluster.kubectl(restarts)) === '1');
});

test('a Secret comes and goes as files', async () => {
  await assign('secret', 1);
  const { pod, root } = await startShard('secret');
  const token = join(root, 'etc/streammonitor/secrets/keys/token');
  const read = () => readFile(token, 'utf8').catch(() => undefined);
  const told = () =>
    cluster.kubectl(['annotate', 'pod', pod.metadata.name, `told=${Date.now()}`, '--overwrite']);
  expect(await read()).toBeUndefined();
  await cluster.kubectl(['create', 'secret', 'generic', 'keys', '--from-literal=token=first']);
  await told();
  await eventually('the file', async () => (await read()) === 'first');
  await cluster.kubectl(['delete', 'secret', 'keys']);
  await told();
  await eventually('no file', async () => (await read()) === undefined);
});

test('a pod waits for its ConfigMap', async () => {
  await cluster.apply(deployment('early'));
  await eventually('the pod is there', () => theProcess('early'));
  expect(theProcess('early')!.pid).toBeUndefined();
  await assign('early', 7);
  await cluster.kubectl(['rollout', 'status', 'deployment/early', '--timeout=60s']);
  expect((await reportOf(theProcess('early')!)).generation).toBe(7);
});

test('a process lives through a restart of the API server, and ends with its pod, which waits for it', async () => {
  await assign('two', 1);
  const shard = await startShard('two');
  const pid = shard.pid!;
  await cluster.restartApiServer();
  expect(shard.pid).toBe(pid);
  await cluster.kubectl(['delete', 'deployment', 'two', '--cascade=foreground', '--timeout=60s']);
  expect(await isRunning(pid)).toBe(false);
  expect(theProcess('two')).toBeUndefined();
});

test('a lost node takes its processes along, and its pods run elsewhere once they are deleted', async () => {
  await assign('three', 1);
  const shard = await startShard('three');
  const pid = shard.pid!;
  const node = kubelet.nodes.find(({ name }) => name === shard.pod.spec.nodeName)!;
  await kubelet.lose(node);
  expect(await isRunning(pid)).toBe(false);

  await cluster.kubectl(['delete', 'pod', shard.pod.metadata.name, '--force', '--grace-period=0']);
  await cluster.kubectl(['rollout', 'status', 'deployment/three', '--timeout=60s']);
  expect(theProcess('three')!.pod.spec.nodeName).not.toBe(node.name);
  await kubelet.recover(node);
  expect(await node.isReady()).toBe(true);
});
