import type { CompletedLine, ValueSource } from '../../cli/documented-command.ts';
import type { KubeObject } from '../kube/resource.ts';
import { openCluster } from './cluster.ts';
import type { ClusterFlags } from './cluster-options.ts';

/** Whoever presses the tabulator waits for no longer, in ms. */
const patience = 3_000;

/** Namespaces with StreamMonitors, and contexts of the kubeconfig. */
export const contextValues: Readonly<Record<string, ValueSource>> = {
  namespace: (line) =>
    fromCluster(line, async ({ client }) => {
      const { streamMonitors } = await import('../controllers/cluster-caches.ts');
      const { items } = await client.list<KubeObject>(streamMonitors);
      return [...new Set(items.map(({ metadata }) => metadata.namespace ?? ''))].sort();
    }),
  context: async ({ options }) => {
    const { kubeContexts } = await import('../kube/kube-config.ts');
    try {
      return kubeContexts(options.kubeconfig);
    } catch {
      return [];
    }
  },
};

/** StreamMonitors of the namespace; behind a slash the streams of one. */
export const targetValues: ValueSource = (line) =>
  fromCluster(line, async ({ client, namespace }) => {
    const { clusterState } = await import('../explain/cluster-facts.ts');
    const { sources } = await clusterState(client, namespace);
    return sources.flatMap(({ object: { metadata }, streams }) =>
      line.word.startsWith(`${metadata.name}/`)
        ? streams.map(({ name }) => `${metadata.name}/${name}`)
        : [metadata.name],
    );
  });

/** Nothing where the cluster cannot be read: a completion says no more than that. */
async function fromCluster(
  { options }: CompletedLine,
  read: (cluster: Awaited<ReturnType<typeof openCluster>>) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  if (options.file !== undefined || options.url !== undefined) return [];
  try {
    const cluster = await openCluster(options as ClusterFlags, 'completion');
    const late = new Promise<readonly string[]>((settle) => setTimeout(settle, patience, []).unref());
    return await Promise.race([read(cluster), late]);
  } catch {
    return [];
  }
}
