import type { Cluster } from './cluster.ts';
import { attempt } from './command.ts';

/** Starts a cluster: kind where a Docker daemon answers, else a node as plain processes, which takes root. */
export async function startCluster(): Promise<Cluster> {
  // Loaded when it is known which: each brings what it needs.
  if ((await attempt(['docker', 'info'])) !== undefined) {
    const { startKindCluster } = await import('./kind/kind-cluster.ts');
    return startKindCluster();
  }
  const { startNodeCluster } = await import('./node/node-cluster.ts');
  return startNodeCluster();
}
