import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import type { Deployment, Metadata } from '../../operator/resources/kubernetes-objects.ts';
import { type ControlPlane, startControlPlane } from './cluster/control-plane.ts';

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
}

interface Pod {
  readonly apiVersion: 'v1';
  readonly kind: 'Pod';
  readonly metadata: object;
  readonly spec: NonNullable<Deployment['spec']['template']['spec']>;
}

const folder = new URL('../unit/resources/golden/', import.meta.url);
const goldens = readdirSync(folder).map((file): [string, Manifest[]] => [
  file,
  parseAllDocuments(readFileSync(new URL(file, folder), 'utf8')).map((document) => document.toJS()),
]);
const pods = goldens.flatMap(([file, objects]) =>
  objects.filter(isDeployment).map((deployment): [string, Pod] => [file, podOf(deployment)]),
);
const dryRun = ['apply', '--server-side', '--dry-run=server', '--validate=strict', '--warnings-as-errors'];

// Everything that the goldens' pods name, in a namespace that takes none but restricted pods.
const surroundings = `
apiVersion: v1
kind: Namespace
metadata:
  name: live
  labels: {pod-security.kubernetes.io/enforce: restricted, pod-security.kubernetes.io/warn: restricted}
---
{apiVersion: v1, kind: Namespace, metadata: {name: streammonitor}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: results-writer, namespace: live}}
---
{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: live-video}, value: 1000}
`;

let cluster: ControlPlane;
beforeAll(async () => {
  cluster = await startControlPlane({ scheduler: false });
  await cluster.apply(surroundings);
  const account = () => cluster.kubectl(['get', 'serviceaccount', 'default', '-n', 'live']);
  await vi.waitFor(account, { timeout: 30_000, interval: 200 });
});
afterAll(() => cluster?.stop());

function isDeployment(object: Manifest): object is Deployment {
  return object.kind === 'Deployment';
}

/** The pod that a Deployment makes. */
function podOf({ metadata, spec }: Deployment): Pod {
  const { name, namespace } = metadata;
  const { template } = spec;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...template.metadata, name, namespace },
    spec: template.spec!,
  };
}

describe('a real API server takes the objects of the operator', () => {
  it.each(goldens)('%s, without a warning, and gives back what was written', async (_, objects) => {
    const manifests = objects.map((object) => stringify(object)).join('---\n');
    const answer = await cluster.kubectl([...dryRun, '-o', 'json', '-f', '-'], manifests);
    const { items } = JSON.parse(answer) as { items: Manifest[] };
    // A quantity or a default in another form would look like a change at every reconciliation.
    expect(items).toMatchObject(objects);
  });

  it.each(pods)('the pod of %s where only restricted pods may run', async (_, pod) => {
    await cluster.kubectl([...dryRun, '-f', '-'], stringify(pod));
  });

  it('and neither a pod that may gain privileges nor, without a warning, its Deployment', async () => {
    const deployment = structuredClone(goldens.flatMap(([, objects]) => objects).find(isDeployment)!);
    deployment.spec.template.spec!.containers[0]!.securityContext!.allowPrivilegeEscalation = true;
    await expect(cluster.kubectl([...dryRun, '-f', '-'], stringify(deployment))).rejects.toThrow(
      /would violate PodSecurity "restricted.*allowPrivilegeEscalation != false/,
    );
    await expect(cluster.kubectl([...dryRun, '-f', '-'], stringify(podOf(deployment)))).rejects.toThrow(
      /violates PodSecurity "restricted.*allowPrivilegeEscalation != false/,
    );
  });
});

describe('the account of the operator', () => {
  const can = async (verb: string, resource: string, namespace?: string) => {
    const [name, group = ''] = resource.split(/\.(.*)/) as [string, string?];
    const [plural, subresource] = name.split('/');
    const resourceAttributes = { verb, group, resource: plural, subresource, namespace };
    const { status } = await cluster.api.json<{ status: { allowed: boolean } }>(
      'POST',
      '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: { user: 'system:serviceaccount:streammonitor:streammonitor', resourceAttributes },
      },
    );
    return status.allowed;
  };

  it('may do its work in every namespace, and nothing with Secrets', async () => {
    await cluster.apply(readFileSync(new URL('access-cluster-wide.yaml', folder), 'utf8'));
    await vi.waitFor(async () => expect(await can('list', 'nodes')).toBe(true), { timeout: 10_000 });
    expect(await can('patch', 'streammonitors/status.streammonitor.dev', 'live')).toBe(true);
    expect(await can('create', 'deployments.apps', 'live')).toBe(true);
    expect(await can('update', 'configmaps', 'live')).toBe(true);
    for (const verb of ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'])
      expect(await can(verb, 'secrets', 'live'), verb).toBe(false);
    expect(await can('create', 'pods', 'live')).toBe(false);
    expect(await can('patch', 'streammonitors.streammonitor.dev', 'live')).toBe(false);
    expect(await can('create', 'leases.coordination.k8s.io', 'live')).toBe(false);
    expect(await can('create', 'leases.coordination.k8s.io', 'streammonitor')).toBe(true);
  });
});
