import { existsSync, readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { z } from 'zod';
import { clientLibrary } from './client-library.ts';
import { KubeConnection } from './kube-connection.ts';
import { type Fields, type KubeConfigDocument, readKubeConfigFiles } from './kubeconfig-file.ts';
import { type ClusterConfig, PlainConfig } from './plain-config.ts';

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

interface ChosenContext {
  readonly name: string;
  readonly context: Fields;
  readonly cluster: Fields;
  readonly user: Fields;
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

const text = z.string().optional();
const plainCluster = z.strictObject({
  server: z.url({ protocol: /^https$/ }),
  'certificate-authority': text,
  'certificate-authority-data': text,
  'insecure-skip-tls-verify': z.boolean().optional(),
  'tls-server-name': text,
});
const plainUser = z.strictObject({
  token: text,
  'client-certificate': text,
  'client-certificate-data': text,
  'client-key': text,
  'client-key-data': text,
  'auth-provider': z
    .strictObject({ name: z.literal('tokenFile'), config: z.strictObject({ tokenFile: z.string() }) })
    .optional(),
});

/** Undefined for what takes the library: plugins, proxies, passwords, impersonation, and what is wrong. */
function plainConfig({ name, context, cluster, user }: ChosenContext): PlainConfig | undefined {
  const [ofCluster, ofUser] = [plainCluster.safeParse(cluster), plainUser.safeParse(user)];
  if (!ofCluster.success || !ofUser.success) return undefined;
  const { namespace } = context;
  const told = (field: string | undefined, key: string) => (field === undefined ? {} : { [key]: field });
  const { data: c } = ofCluster;
  const { data: u } = ofUser;
  return new PlainConfig(
    {
      name: String(context.cluster),
      server: c.server,
      skipTLSVerify: c['insecure-skip-tls-verify'] ?? false,
      ...told(c['certificate-authority'], 'caFile'),
      ...told(c['certificate-authority-data'], 'caData'),
      ...told(c['tls-server-name'], 'tlsServerName'),
    },
    {
      name: String(context.user),
      ...told(u.token, 'token'),
      ...told(u['client-certificate'], 'certFile'),
      ...told(u['client-certificate-data'], 'certData'),
      ...told(u['client-key'], 'keyFile'),
      ...told(u['client-key-data'], 'keyData'),
      ...(u['auth-provider'] && { authProvider: u['auth-provider'] }),
    },
    {
      name,
      cluster: String(context.cluster),
      user: String(context.user),
      ...(typeof namespace === 'string' && { namespace }),
    },
  );
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
