import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ControlPlane, startControlPlane } from './cluster/control-plane.ts';
import { type FakeNodes, startFakeNodes } from './cluster/fake-nodes.ts';
import { eventually } from './run-process.ts';

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
    readonly spec: { readonly nodeName?: string };
    readonly status: { readonly podIP?: string };
  }[];
}

let cluster: ControlPlane;
let fake: FakeNodes;

beforeAll(async () => {
  const crd = new URL('../../crds/streammonitor.dev_streammonitors.yaml', import.meta.url);
  cluster = await startControlPlane({ manifests: readFileSync(crd, 'utf8') });
  fake = await startFakeNodes(cluster, 2);
});
afterAll(async () => {
  await fake?.stop();
  await cluster?.stop();
});

const streamMonitor = `
apiVersion: streammonitor.dev/v1alpha1
kind: StreamMonitor
metadata: {name: sports, namespace: default}
spec: {streams: [{name: one, url: 'https://origin.example/one.m3u8'}]}`;

function deployment(name: string, owner = ''): string {
  return `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: default${owner}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: main, image: none}]}
`;
}

function podsOf(app: string): Promise<PodList> {
  return cluster.api.json<PodList>('GET', `/api/v1/namespaces/default/pods?labelSelector=app%3D${app}`);
}

test('the pod of a Deployment runs on a fake node, at an address of the loopback network', async () => {
  await cluster.apply(deployment('web'));
  await cluster.kubectl(['rollout', 'status', 'deployment/web', '--timeout=30s']);
  const { items } = await podsOf('web');
  expect(items).toHaveLength(1);
  expect(items[0]!.status.podIP).toMatch(/^127\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./);
});

test('what a StreamMonitor owns goes with it', async () => {
  await cluster.apply(streamMonitor);
  const path = '/apis/streammonitor.dev/v1alpha1/namespaces/default/streammonitors/sports';
  const { metadata } = await cluster.api.json<{ metadata: { uid: string } }>('GET', path);
  const reference = `{apiVersion: streammonitor.dev/v1alpha1, kind: StreamMonitor, name: sports, uid: ${metadata.uid}}`;
  await cluster.apply(deployment('owned', `, ownerReferences: [${reference}]`));
  await cluster.kubectl(['rollout', 'status', 'deployment/owned', '--timeout=30s']);

  await cluster.api.json('DELETE', path);
  await eventually('the pods are gone', async () => (await podsOf('owned')).items.length === 0);
  const left = await cluster.api.request('GET', '/apis/apps/v1/namespaces/default/deployments/owned');
  expect(left.status).toBe(404);
});

describe('a node', () => {
  test('that is cordoned gets no pods', async () => {
    const [cordoned, open] = fake.nodes as [(typeof fake.nodes)[0], (typeof fake.nodes)[0]];
    await cordoned.cordon();
    await cluster.apply(deployment('elsewhere').replace('selector:', 'replicas: 5\n  selector:'));
    await cluster.kubectl(['rollout', 'status', 'deployment/elsewhere', '--timeout=30s']);
    const { items } = await podsOf('elsewhere');
    expect(items.map(({ spec }) => spec.nodeName)).toEqual(Array(5).fill(open.name));
    await cordoned.cordon(false);
  });

  test('that is lost keeps its deleted pods until it is back', async () => {
    await cluster.apply(deployment('stranded'));
    await cluster.kubectl(['rollout', 'status', 'deployment/stranded', '--timeout=30s']);
    const [pod] = (await podsOf('stranded')).items;
    const node = fake.nodes.find(({ name }) => name === pod!.spec.nodeName)!;
    await fake.lose(node);
    await cluster.kubectl(['delete', 'pod', pod!.metadata.name, '--wait=false']);
    await eventually('a new pod elsewhere', async () => (await podsOf('stranded')).items.length === 2);
    const old = (await podsOf('stranded')).items.find(({ metadata }) => metadata.name === pod!.metadata.name);
    expect(old?.metadata.deletionTimestamp).toBeDefined();
    expect(await node.isReady()).toBe(false);

    await fake.recover(node);
    await eventually('the old pod is gone', async () => (await podsOf('stranded')).items.length === 1);
    expect(await node.isReady()).toBe(true);
  });
});

test('a service account may do what its role says, and nothing else', async () => {
  await cluster.apply(`
apiVersion: v1
kind: ServiceAccount
metadata: {name: reader, namespace: default}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: default}
rules: [{apiGroups: [''], resources: [pods], verbs: [list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader, namespace: default}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: reader, namespace: default}]`);
  const kubeconfig = await cluster.kubeconfigFor({ namespace: 'default', name: 'reader' });
  const asReader = ['--kubeconfig', kubeconfig];
  expect(await cluster.kubectl([...asReader, 'get', 'pods', '-o', 'name'])).toContain('pod/web');
  await expect(cluster.kubectl([...asReader, 'get', 'secrets'])).rejects.toThrow(/forbidden/);
});

test('the API server comes back with what it held', async () => {
  await cluster.killApiServer();
  await expect(cluster.api.request('GET', '/readyz')).rejects.toThrow();
  await cluster.startApiServer();
  expect((await podsOf('web')).items).toHaveLength(1);
});
