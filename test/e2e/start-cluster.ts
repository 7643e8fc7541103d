import type { Cluster } from './cluster.ts';
import { attempt } from './command.ts';

/** Starts a cluster: kind where a Docker daemon answers, else a node as plain processes, which takes root. */
export async function startCluster(): Promise<Cluster> {
  // Loaded when it is known which: each brings what it needs.
  if (await hasDocker()) {
    const { startKindCluster } = await import('./kind/kind-cluster.ts');
    return startKindCluster();
  }
  const { startNodeCluster } = await import('./node/node-cluster.ts');
  return startNodeCluster();
}

/** Takes away what a run that was interrupted has left of its cluster; nothing happens where there is nothing. */
export async function clearCluster(): Promise<void> {
  if (await hasDocker()) {
    const { clearKindCluster } = await import('./kind/kind-cluster.ts');
    return clearKindCluster();
  }
  const { clearNode } = await import('./node/real-node.ts');
  return clearNode();
}

async function hasDocker(): Promise<boolean> {
  return (await attempt(['docker', 'info'])) !== undefined;
}
