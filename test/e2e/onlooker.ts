import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TopStream } from '../../operator/top/top-stream.ts';
import { writeKubeconfig } from '../integration/cluster/kubeconfig.ts';
import { type Kubernetes, readKubeconfig } from './kubernetes.ts';

const executable = new URL('../../bin/streammonitor', import.meta.url).pathname;

/** Somebody who looks at a namespace from outside of the cluster. */
export interface Onlooker {
  readonly kubernetes: Kubernetes;
  readonly namespace: string;
  readonly token: string;
}

/** @param pods the one way in which it may ask pods: `pods/proxy` or `pods/portforward` */
export async function onlooker(kubernetes: Kubernetes, namespace: string, pods: string): Promise<Onlooker> {
  const name = pods.replace('/', '-');
  const metadata = { name, namespace };
  const rbac = 'rbac.authorization.k8s.io/v1';
  await kubernetes.apply(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      ...{ apiVersion: rbac, kind: 'Role', metadata },
      rules: [
        { apiGroups: ['streammonitor.dev'], resources: ['streammonitors'], verbs: ['list'] },
        { apiGroups: [''], resources: ['pods', 'configmaps'], verbs: ['list'] },
        { apiGroups: [''], resources: [pods], verbs: ['get', 'create'] },
      ],
    },
    {
      ...{ apiVersion: rbac, kind: 'RoleBinding', metadata },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', ...metadata }],
    },
  );
  const token = await kubernetes.kubectl(['create', 'token', name, '-n', namespace]);
  return { kubernetes, namespace, token: token.trim() };
}

/** What `top` shows it: the name of each stream and its state, by name. */
export async function topAs({ kubernetes, namespace, token }: Onlooker): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'streammonitor-e2e-'));
  try {
    const { server, authority } = await readKubeconfig(kubernetes.kubeconfig);
    const kubeconfig = join(directory, 'kubeconfig');
    await writeKubeconfig(kubeconfig, { server, authority, user: { token }, namespace });
    const args = ['top', '--kubeconfig', kubeconfig, '--sort', 'name', '--json'];
    const { stdout } = await promisify(execFile)(executable, args);
    const { streams } = JSON.parse(stdout) as { streams: TopStream[] };
    return streams.map(
      ({ stream, state, message }) => `${stream} ${state === 'Up' ? 'Up' : `${state}: ${message}`}`,
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
