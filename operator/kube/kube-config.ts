import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { KubeConnection } from './kube-connection.ts';
import { readKubeConfigFiles } from './kubeconfig-file.ts';

export interface KubeConfigOptions {
  /** A kubeconfig file, in place of `KUBECONFIG`, `~/.kube/config` and the in-cluster account. */
  readonly path?: string;
  /** In place of the file's current context. */
  readonly context?: string;
}

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/**
 * The cluster and account that kubectl would use here: the given file, else those in `KUBECONFIG`, else
 * `~/.kube/config`, else the service account of the pod.
 * @throws Error that names what is missing and the fix
 */
export function loadKubeConfig(options: KubeConfigOptions = {}): KubeConnection {
  const paths = configFiles(options.path);
  if (paths.length > 0) return new KubeConnection(() => fromFiles(paths, options.context));
  if (existsSync(serviceAccount) && process.env.KUBERNETES_SERVICE_HOST) return new KubeConnection(fromPod);
  throw new Error(
    'no cluster is configured: pass --kubeconfig FILE, set KUBECONFIG, or run in a pod with a service account',
  );
}

/**
 * Names of the contexts that can be chosen.
 * @throws Error when a file cannot be read
 */
export function kubeContexts(path?: string): string[] {
  return readKubeConfigFiles(configFiles(path)).contexts.map(({ name }) => String(name));
}

function configFiles(path: string | undefined): string[] {
  if (path !== undefined) return [resolve(path)];
  const listed = (process.env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '');
  if (listed.length > 0) {
    const existing = listed.filter((file) => existsSync(file));
    if (existing.length > 0) return existing.map((file) => resolve(file));
    throw new Error(`KUBECONFIG names no file that exists: ${listed.join(', ')}`);
  }
  const standard = join(homedir(), '.kube', 'config');
  return existsSync(standard) ? [standard] : [];
}

function fromFiles(paths: readonly string[], context: string | undefined): KubeConfig {
  const document = readKubeConfigFiles(paths);
  if (context !== undefined) document['current-context'] = context;
  const config = new KubeConfig();
  config.loadFromString(JSON.stringify(document));
  verifyContext(config, paths.join(', '));
  return config;
}

function verifyContext(config: KubeConfig, source: string): void {
  const name = config.getCurrentContext();
  if (!name) throw new Error(`kubeconfig ${source} has no current-context: set it, or pass --context NAME`);
  const context = config.contexts.find((candidate) => candidate.name === name);
  if (!context) {
    const known = config.contexts.map((candidate) => candidate.name).join(', ') || 'none';
    throw new Error(`kubeconfig ${source} has no context "${name}": it has ${known}`);
  }
  if (!config.clusters.some((cluster) => cluster.name === context.cluster)) {
    throw new Error(
      `kubeconfig ${source}: context "${name}" names the cluster "${context.cluster}", which is not there`,
    );
  }
  if (!config.users.some((user) => user.name === context.user)) {
    throw new Error(
      `kubeconfig ${source}: context "${name}" names the user "${context.user}", which is not there`,
    );
  }
}

function fromPod(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromCluster();
  return config;
}
