import type { Command } from 'commander';
import type { KubeConnection } from '../kube/kube-connection.ts';

/** Which cluster, as kubectl is told. */
export interface ClusterFlags {
  readonly namespace?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** Adds the options by which a command is told its cluster. */
export function clusterOptions(command: Command, namespaceText: string): Command {
  return command
    .option('-n, --namespace <name>', namespaceText)
    .option(
      '--kubeconfig <file>',
      'the cluster; KUBECONFIG, ~/.kube/config or the account of the pod without',
    )
    .option('--context <name>', 'context of the kubeconfig; its current one without');
}

/** @throws Error that names what is missing and the fix */
export async function connectionOf({ kubeconfig, context }: ClusterFlags): Promise<KubeConnection> {
  // Loaded late: it is large, and a wrong argument should be told at once.
  const { loadKubeConfig } = await import('../kube/kube-config.ts');
  return loadKubeConfig({
    ...(kubeconfig !== undefined && { path: kubeconfig }),
    ...(context !== undefined && { context }),
  });
}
