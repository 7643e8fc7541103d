import type { Cluster } from './cluster.ts';
import { attempt } from './command.ts';

/** Starts a cluster: kind where a Docker daemon answers, else nodes as plain processes, which takes root. */
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
  const { clearMachine } = await import('./node/machine.ts');
  return clearMachine();
}

async function hasDocker(): Promise<boolean> {
  return (await attempt(['docker', 'info'])) !== undefined;
}
