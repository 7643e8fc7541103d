import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiConnection } from './api-connection.ts';
import { auditFilesIn, writeAuditPolicy } from './audit-log.ts';
import { clusterBinaries } from './binaries.ts';
import { CertificateAuthority, type CertificateFiles, readCertificate } from './certificates.ts';
import { type ControlPlanePart, controlPlaneCommands } from './control-plane-commands.ts';
import { freePorts } from './free-ports.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { runKubectl } from './kubectl.ts';
import { ServerProcess } from './server-process.ts';

export interface ControlPlaneOptions {
  /** `false` where no pod has to be bound to a node. */
  readonly scheduler?: boolean;
  /**
   * YAML applied before the controller manager starts, such as CRDs: its garbage collector looks for new kinds only
   * every 30 s.
   */
  readonly manifests?: string;
  /** Address of this machine on which the API server listens; without, 127.0.0.1, which no pod reaches. */
  readonly address?: string;
  /** Account whose writes the API server notes: see `AuditLog`. */
  readonly audited?: ServiceAccountName;
}

/** A service account that exists. */
export interface ServiceAccountName {
  readonly namespace: string;
  readonly name: string;
}

/** Starts a control plane: some seconds, and minutes on a machine where its binaries are yet to be built. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const directory = await mkdtemp(join(tmpdir(), 'streammonitor-cluster-'));
  await mkdir(join(directory, 'log'));
  const cluster = await prepare(directory, options);
  try {
    await cluster.start(options);
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return cluster;
}

/** A Kubernetes control plane on 127.0.0.1: RBAC, CRDs, service accounts, garbage collection; no node. */
export class ControlPlane {
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** URL of the API server. */
  readonly server: string;
  /** Scratch directory of the cluster, with logs in `log/`; removed by `stop`. */
  readonly directory: string;
  /** Signs certificates that every client of the cluster trusts. */
  readonly authority: CertificateAuthority;
  /** Client certificate of the administrator. */
  readonly administrator: CertificateFiles;
  /** Plain requests as the administrator. */
  readonly api: ApiConnection;
  readonly #parts: Readonly<Record<ControlPlanePart, ServerProcess>>;

  /** Use `startControlPlane`. */
  constructor(
    place: { kubeconfig: string; server: string; directory: string },
    authority: CertificateAuthority,
    administrator: CertificateFiles,
    api: ApiConnection,
    parts: Readonly<Record<ControlPlanePart, ServerProcess>>,
  ) {
    this.kubeconfig = place.kubeconfig;
    this.server = place.server;
    this.directory = place.directory;
    this.authority = authority;
    this.administrator = administrator;
    this.api = api;
    this.#parts = parts;
  }

  async start({ scheduler = true, manifests }: ControlPlaneOptions): Promise<void> {
    this.#parts.etcd.start();
    await this.startApiServer();
    if (manifests !== undefined) await this.apply(manifests);
    this.#parts['kube-controller-manager'].start();
    if (scheduler) this.#parts['kube-scheduler'].start();
    // No pod can be created in a namespace before it has this.
    const account = '/api/v1/namespaces/default/serviceaccounts/default';
    await this.#parts['kube-controller-manager'].ready(
      async () => (await this.api.request('GET', account)).status === 200,
    );
  }

  /**
   * What kubectl prints, run as the administrator.
   * @param input given on standard input
   * @throws Error with what it wrote to stderr when it fails
   */
  kubectl(args: readonly string[], input?: string): Promise<string> {
    return runKubectl(
      ['--kubeconfig', this.kubeconfig, '--cache-dir', join(this.directory, 'kubectl'), ...args],
      input,
    );
  }

  /** Server-side apply of YAML, which may hold several documents. */
  async apply(yaml: string): Promise<void> {
    await this.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], yaml);
  }

  /** A token of the service account, valid for a day. */
  async tokenFor({ namespace, name }: ServiceAccountName): Promise<string> {
    const { status } = await this.api.json<{ status: { token: string } }>(
      'POST',
      `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
      { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 86_400 } },
    );
    return status.token;
  }

  /**
   * Writes a kubeconfig that speaks as the service account, in its namespace.
   * @param server instead of the API server itself, such as a proxy before it
   * @returns its path, below `directory`
   */
  async kubeconfigFor(account: ServiceAccountName, server = this.server): Promise<string> {
    const { namespace, name } = account;
    const path = join(this.directory, `${namespace}.${name}.${new URL(server).port}.kubeconfig`);
    const user = { token: await this.tokenFor(account) };
    await writeKubeconfig(path, { server, authority: await this.authority.certificate(), user, namespace });
    return path;
  }

  /** Ends the API server as a crash would. */
  killApiServer(): Promise<void> {
    return this.#parts['kube-apiserver'].stop('SIGKILL');
  }

  /** Ends etcd as a crash would. */
  killEtcd(): Promise<void> {
    return this.#parts.etcd.stop('SIGKILL');
  }

  /** Starts etcd with what it had, and waits until the API server is ready with it. */
  async startEtcd(): Promise<void> {
    this.#parts.etcd.start();
    await this.#answering();
  }

  /** Starts the API server, on the port that it always had, and waits until it is ready. */
  async startApiServer(): Promise<void> {
    this.#parts['kube-apiserver'].start();
    await this.#answering();
  }

  async restartApiServer(): Promise<void> {
    await this.killApiServer();
    await this.startApiServer();
  }

  async #answering(): Promise<void> {
    await this.#parts['kube-apiserver'].ready(async () => {
      const answer = await this.api.request('GET', '/readyz').catch(() => undefined);
      return answer?.status === 200;
    });
  }

  /** Ends every process and removes the directory. */
  async stop(): Promise<void> {
    // Nothing of its state is wanted, so nobody is waited for.
    await Promise.all(Object.values(this.#parts).map((part) => part.stop('SIGKILL')));
    await this.api.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}

async function prepare(
  directory: string,
  { address = '127.0.0.1', audited }: ControlPlaneOptions,
): Promise<ControlPlane> {
  if (audited) await writeAuditPolicy(directory, audited);
  const [apiServer, etcd, etcdPeer] = (await freePorts(3)) as [number, number, number];
  const server = `https://${address}:${apiServer}`;
  const authority = await CertificateAuthority.create(join(directory, 'pki'));
  const names = [
    ...['localhost', 'kubernetes', 'kubernetes.default.svc'].map((name) => `DNS:${name}`),
    ...[...new Set(['127.0.0.1', '10.96.0.1', address])].map((ip) => `IP:${ip}`),
  ];
  const [serving, accounts, admin, controllerManager, scheduler] = await Promise.all([
    authority.issue('kube-apiserver', '/CN=kube-apiserver', names),
    authority.issue('service-accounts', '/CN=service-accounts'),
    authority.issue('admin', '/O=system:masters/CN=admin'),
    authority.issue('kube-controller-manager', '/CN=system:kube-controller-manager'),
    authority.issue('kube-scheduler', '/CN=system:kube-scheduler'),
  ]);
  const authorityText = await authority.certificate();
  const kubeconfigOf = async (name: string, files: typeof admin) => {
    const path = join(directory, `${name}.kubeconfig`);
    await writeKubeconfig(path, { server, authority: authorityText, user: await readCertificate(files) });
    return path;
  };
  const commands = controlPlaneCommands({
    binaries: clusterBinaries(),
    directory,
    address,
    ports: { apiServer, etcd, etcdPeer },
    ...(audited && { audit: auditFilesIn(directory) }),
    pki: { authority: authority.files, serving, accounts, administrator: admin },
    kubeconfigs: {
      controllerManager: await kubeconfigOf('kube-controller-manager', controllerManager),
      scheduler: await kubeconfigOf('kube-scheduler', scheduler),
    },
  });
  const part = (name: ControlPlanePart) =>
    new ServerProcess(name, commands[name], join(directory, 'log', `${name}.log`));
  return new ControlPlane(
    { kubeconfig: await kubeconfigOf('admin', admin), server, directory },
    authority,
    admin,
    new ApiConnection(server, authorityText, await readCertificate(admin)),
    {
      etcd: part('etcd'),
      'kube-apiserver': part('kube-apiserver'),
      'kube-controller-manager': part('kube-controller-manager'),
      'kube-scheduler': part('kube-scheduler'),
    },
  );
}
