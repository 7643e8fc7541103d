import { existsSync, readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { clientLibrary } from './client-library.ts';
import { KubeConnection } from './kube-connection.ts';
import { type Fields, type KubeConfigDocument, readKubeConfigFiles } from './kubeconfig-file.ts';
import { type ClusterConfig, PlainConfig } from './plain-config.ts';
import { type ChosenContext, plainConfig } from './plain-kubeconfig.ts';

export interface KubeConfigOptions {
  /** A kubeconfig file, in place of `KUBECONFIG`, `~/.kube/config` and the in-cluster account. */
  readonly path?: string;
  /** In place of the file's current context. */
  readonly context?: string;
}

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The cluster and account that kubectl would use here: the given file, else those in `KUBECONFIG`, else
 * `~/.kube/config`, else the service account of the pod.
 * @throws Error that names what is missing and the fix
 */
export function loadKubeConfig(options: KubeConfigOptions = {}): KubeConnection {
  const paths = configFiles(options.path);
  if (paths.length > 0) return new KubeConnection(() => fromFiles(paths, options.context));
  if (existsSync(join(serviceAccount, 'token')) && process.env.KUBERNETES_SERVICE_HOST)
    return new KubeConnection(fromPod);
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

function fromFiles(paths: readonly string[], context: string | undefined): ClusterConfig {
  const document = readKubeConfigFiles(paths);
  if (context !== undefined) document['current-context'] = context;
  const chosen = chosenContext(document, paths.join(', '));
  const plain = plainConfig(chosen);
  if (plain) return plain;
  const config = new (clientLibrary().KubeConfig)();
  config.loadFromString(JSON.stringify(document));
  return config;
}

/** @throws Error that names what is missing */
function chosenContext(document: KubeConfigDocument, source: string): ChosenContext {
  const name = document['current-context'];
  if (!name) throw new Error(`kubeconfig ${source} has no current-context: set it, or pass --context NAME`);
  const context = named(document.contexts, name, 'context');
  if (!context) {
    const known = document.contexts.map((candidate) => candidate.name).join(', ') || 'none';
    throw new Error(`kubeconfig ${source} has no context "${name}": it has ${known}`);
  }
  const cluster = named(document.clusters, context.cluster, 'cluster');
  if (!cluster) {
    throw new Error(
      `kubeconfig ${source}: context "${name}" names the cluster "${context.cluster}", which is not there`,
    );
  }
  const user = named(document.users, context.user, 'user');
  if (!user) {
    throw new Error(
      `kubeconfig ${source}: context "${name}" names the user "${context.user}", which is not there`,
    );
  }
  return { name, context, cluster, user };
}

function named(entries: readonly Fields[], name: unknown, key: string): Fields | undefined {
  return entries.find((candidate) => candidate.name === name)?.[key] as Fields | undefined;
}

/** https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
function fromPod(): ClusterConfig {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '443' } = process.env;
  const namespaceFile = join(serviceAccount, 'namespace');
  const namespace = existsSync(namespaceFile) ? readFileSync(namespaceFile, 'utf8').trim() : undefined;
  const names = { cluster: 'pod', user: 'pod', name: 'pod' };
  return new PlainConfig(
    {
      name: names.cluster,
      server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
      skipTLSVerify: false,
      caFile: join(serviceAccount, 'ca.crt'),
    },
    {
      name: names.user,
      authProvider: { name: 'tokenFile', config: { tokenFile: join(serviceAccount, 'token') } },
    },
    { ...names, ...(namespace !== undefined && { namespace }) },
  );
}
