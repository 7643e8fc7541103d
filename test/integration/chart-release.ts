import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ControlPlane, ServiceAccountName } from './cluster/control-plane.ts';
import { freePorts } from './cluster/free-ports.ts';
import type { Manifest } from './helm.ts';
import { OperatorProcess } from './operator-process.ts';

/** An object as the API server has it. */
export async function objectOf(
  cluster: ControlPlane,
  kind: string,
  name: string,
  namespace: string,
): Promise<Manifest> {
  return JSON.parse(await cluster.kubectl(['get', kind, name, '-n', namespace, '-o', 'json']));
}

/** Every object but Events, the heartbeat of nodes and what the API server says of its own APIs. */
export async function everyObject(cluster: ControlPlane): Promise<string[]> {
  const resources = (await cluster.kubectl(['api-resources', '--verbs=list', '-o', 'name']))
    .trim()
    .split('\n');
  const kinds = resources.filter((name) => !/^(events|componentstatuses|apiservices)/.test(name));
  const columns = 'custom-columns=KIND:.kind,NAMESPACE:.metadata.namespace,NAME:.metadata.name';
  const listed = await cluster.kubectl(['get', kinds.join(','), '-A', '--no-headers', '-o', columns]);
  return [
    ...new Set(
      listed
        .trim()
        .split('\n')
        .map((line) => line.replace(/\s+/g, ' ').trim()),
    ),
  ]
    .filter((line) => !line.startsWith('Lease kube-node-lease'))
    .sort();
}

/** Whether RBAC lets a user do something; resources as kubectl names them. */
export async function mayDo(
  cluster: ControlPlane,
  user: string,
  verb: string,
  resource: string,
  namespace?: string,
): Promise<boolean> {
  const [plural, group = ''] = resource.split(/\.(.*)/) as [string, string?];
  const [name, subresource] = plural.split('/');
  const { status } = await cluster.api.json<{ status: { allowed: boolean } }>(
    'POST',
    '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user, resourceAttributes: { verb, group, resource: name, subresource, namespace } },
    },
  );
  return status.allowed;
}

/**
 * The operator as the release would start it: its account, arguments and settings; but here, on a port of its own. Who
 * starts it stops it.
 * @param release whose objects and account have that name
 * @param name of its pod
 */
export async function operatorOfRelease(
  cluster: ControlPlane,
  { namespace, name: release }: ServiceAccountName,
  name: string,
): Promise<OperatorProcess> {
  const { data } = await objectOf(cluster, 'configmap', release, namespace);
  const { spec } = (await objectOf(cluster, 'deployment', release, namespace)) as unknown as {
    spec: { template: { spec: { containers: [{ args: string[]; env: { name: string }[] }] } } };
  };
  const { args, env } = spec.template.spec.containers[0];
  expect(env.map((variable) => variable.name)).toEqual(['POD_NAMESPACE', 'POD_NAME']);
  const settings = join(cluster.directory, `${name}.yaml`);
  await writeFile(settings, (data as Record<string, string>)['operator.yaml']!);
  const [port] = (await freePorts(1)) as [number];
  const here: Record<string, string> = {
    '/etc/streammonitor/operator.yaml': settings,
    ':8081': `127.0.0.1:${port}`,
  };
  expect(args).toEqual(expect.arrayContaining(['operator', ...Object.keys(here)]));
  const flags = args.slice(1).map((argument) => here[argument] ?? argument);
  return new OperatorProcess(
    [...flags, '--kubeconfig', await cluster.kubeconfigFor({ namespace, name: release })],
    { ...process.env, POD_NAMESPACE: namespace, POD_NAME: name },
    { name, page: `http://127.0.0.1:${port}` },
  );
}
