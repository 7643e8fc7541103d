import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { ApiConnection } from '../integration/cluster/api-connection.ts';
import { runKubectl } from '../integration/cluster/kubectl.ts';

interface Kubeconfig {
  readonly clusters: readonly { cluster: { server: string; 'certificate-authority-data': string } }[];
  readonly users: readonly {
    user: { 'client-certificate-data': string; 'client-key-data': string };
  }[];
}

/** Where the API server is, and what proves who asks, in PEM. */
export interface Credentials {
  readonly server: string;
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** @param path of a file with one cluster and one user, who has a certificate */
export async function readKubeconfig(path: string): Promise<Credentials> {
  const { clusters, users } = parse(await readFile(path, 'utf8')) as Kubeconfig;
  const [{ cluster }, { user }] = [clusters[0]!, users[0]!];
  return {
    server: cluster.server,
    authority: decoded(cluster['certificate-authority-data']),
    certificate: decoded(user['client-certificate-data']),
    key: decoded(user['client-key-data']),
  };
}

/** What the cluster of the tests can be asked and told, as its administrator. */
export class Kubernetes {
  readonly kubeconfig: string;
  readonly api: ApiConnection;

  private constructor(kubeconfig: string, api: ApiConnection) {
    this.kubeconfig = kubeconfig;
    this.api = api;
  }

  /** @param kubeconfig path of a file with one cluster and one user, who has a certificate */
  static async connect(kubeconfig: string): Promise<Kubernetes> {
    const { server, authority, certificate, key } = await readKubeconfig(kubeconfig);
    return new Kubernetes(kubeconfig, new ApiConnection(server, authority, { certificate, key }));
  }

  /** @throws Error with what kubectl wrote to stderr when it fails */
  kubectl(args: readonly string[], input?: string): Promise<string> {
    return runKubectl(['--kubeconfig', this.kubeconfig, ...args], input);
  }

  async apply(...objects: readonly object[]): Promise<void> {
    const documents = objects.map((object) => JSON.stringify(object)).join('\n---\n');
    await this.kubectl(['apply', '--server-side', '-f', '-'], documents);
  }

  get<T>(path: string): Promise<T> {
    return this.api.json<T>('GET', path);
  }

  async list<T>(path: string): Promise<T[]> {
    return (await this.get<{ items: T[] }>(path)).items;
  }

  close(): Promise<void> {
    return this.api.close();
  }
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
