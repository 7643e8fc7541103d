import type { KubeClient } from '../kube/kube-client.ts';
import type { PodReports } from '../shards/pod-reports.ts';
import { type ClusterFlags, connectionOf } from './cluster-options.ts';

/** A cluster that a command reads. */
export interface ReadCluster {
  readonly client: KubeClient;
  readonly reports: PodReports;
  /** That of the flags, else that of the context. */
  readonly namespace: string;
  close(): Promise<void>;
}

const rate = { qps: 50, burst: 100 };
/** How long a pod may take to answer, in ms. */
const podTimeout = 4_000;

/** @throws Error that names what is missing and the fix */
export async function openCluster(flags: ClusterFlags, command: string): Promise<ReadCluster> {
  const [connection, { KubeClient }, { PodReports }] = await Promise.all([
    connectionOf(flags),
    import('../kube/kube-client.ts'),
    import('../shards/pod-reports.ts'),
  ]);
  const caller = { userAgent: `streammonitor-${command}`, fieldManager: `streammonitor-${command}`, ...rate };
  const client = new KubeClient(connection, caller);
  const podClient = new KubeClient(connection, { ...caller, timeout: podTimeout });
  const reports = new PodReports(podClient, connection);
  return {
    client,
    reports,
    namespace: flags.namespace ?? connection.namespace,
    close: async () => {
      await Promise.all([reports.close(), client.close(), podClient.close()]);
      await connection.close();
    },
  };
}
