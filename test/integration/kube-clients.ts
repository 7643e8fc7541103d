import { join } from 'node:path';
import { KubeClient, type KubeClientOptions } from '../../operator/kube/kube-client.ts';
import { loadKubeConfig } from '../../operator/kube/kube-config.ts';
import type { KubeConnection } from '../../operator/kube/kube-connection.ts';
import { readCertificate } from './cluster/certificates.ts';
import type { ControlPlane } from './cluster/control-plane.ts';
import { type KubeconfigUser, writeKubeconfig } from './cluster/kubeconfig.ts';

/** A connection to the cluster, as its administrator unless another user is given. */
export async function connectTo(
  cluster: ControlPlane,
  { server = cluster.server, user }: { server?: string; user?: KubeconfigUser } = {},
): Promise<KubeConnection> {
  const path = join(cluster.directory, `${new URL(server).port}.${Math.random()}.kubeconfig`);
  await writeKubeconfig(path, {
    server,
    authority: await cluster.authority.certificate(),
    user: user ?? (await readCertificate(cluster.administrator)),
  });
  return loadKubeConfig({ path });
}

/** A client whose rate is no matter. */
export function clientOf(connection: KubeConnection, options: Partial<KubeClientOptions> = {}): KubeClient {
  return new KubeClient(connection, {
    userAgent: 'kube-test/1',
    fieldManager: 'kube-test',
    qps: 1000,
    burst: 1000,
    ...options,
  });
}
