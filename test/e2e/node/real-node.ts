import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { nodeBinaries } from '../../integration/cluster/binaries.ts';
import type { CertificateFiles } from '../../integration/cluster/certificates.ts';
import { readCertificate } from '../../integration/cluster/certificates.ts';
import type { ControlPlane } from '../../integration/cluster/control-plane.ts';
import { writeKubeconfig } from '../../integration/cluster/kubeconfig.ts';
import { ServerProcess } from '../../integration/cluster/server-process.ts';
import { attempt } from '../command.ts';
import { containerdConfig, ctr, networkConfig, networkPlugins } from './containerd.ts';
import { createControlGroup } from './control-groups.ts';
import { openNetwork } from './machine-network.ts';
import { corefile, kubeletConfig, proxyConfig, resolverAccess } from './node-configs.ts';
import { nodeLayout, nodePaths } from './node-layout.ts';
import { importPauseImage } from './pause-image.ts';
import { forwardingFile, removeRemains } from './remains.ts';

const binaries = nodeBinaries();

/** Readies this machine for a node: its address is there, and nothing is left of an earlier one. Needs root. */
export async function prepareNode(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('a node needs root: containers, mounts and network rules');
  await removeRemains(binaries['kube-proxy']);
  for (const directory of [nodePaths.network, nodePaths.kubelet, nodePaths.podLogs, nodePaths.log]) {
    await mkdir(directory, { recursive: true });
  }
  await createControlGroup();
  await writeFile(forwardingFile, await openNetwork());
}

/** Takes away what is left of a node whose test was interrupted. */
export async function clearNode(): Promise<void> {
  if (process.getuid?.() === 0) await removeRemains(binaries['kube-proxy']);
}

/** A node of a control plane on this machine: containerd, kubelet, kube-proxy and CoreDNS as plain processes. */
export class RealNode {
  readonly #plane: ControlPlane;
  readonly #processes: ServerProcess[] = [];

  private constructor(plane: ControlPlane) {
    this.#plane = plane;
  }

  /** Starts it, after `prepareNode`, and waits until it is Ready. */
  static async start(plane: ControlPlane): Promise<RealNode> {
    const node = new RealNode(plane);
    try {
      await node.#start();
    } catch (error) {
      await node.stop();
      throw error;
    }
    return node;
  }

  async #start(): Promise<void> {
    const { name, address } = nodeLayout;
    await this.#startContainerd();
    await this.#plane.apply(resolverAccess.map((object) => JSON.stringify(object)).join('\n---\n'));

    await writeFile(nodePaths.corefile, corefile(await this.#kubeconfig('coredns', '/CN=system:coredns')));
    this.#run('coredns', [binaries.coredns, '-conf', nodePaths.corefile]);

    const proxy = await this.#kubeconfig('kube-proxy', '/CN=system:kube-proxy');
    await writeFile(nodePaths.proxyConfig, JSON.stringify(proxyConfig(proxy)));
    this.#run('kube-proxy', [binaries['kube-proxy'], '--config', nodePaths.proxyConfig]);

    const names = [`DNS:${name}`, `IP:${address}`];
    const certificate = await this.#plane.authority.issue(
      'kubelet',
      `/O=system:nodes/CN=system:node:${name}`,
      names,
    );
    const kubeconfig = await this.#kubeconfigOf('kubelet', certificate);
    const config = kubeletConfig(this.#plane.authority.files.certificate, certificate);
    await writeFile(nodePaths.kubeletConfig, JSON.stringify(config));
    const kubelet = this.#run('kubelet', [
      ...[binaries.kubelet, '--config', nodePaths.kubeletConfig, '--kubeconfig', kubeconfig],
      ...['--root-dir', nodePaths.kubelet, '--hostname-override', name, '--node-ip', address],
    ]);
    await kubelet.ready(() => this.#isReady());
  }

  /** Puts an image on the node, from an archive as `docker save` writes it. */
  async import(archive: string): Promise<void> {
    await ctr(['images', 'import', archive]);
  }

  /** Gives an image a further name. */
  async tag(image: string, name: string): Promise<void> {
    // The names that pods use are completed so.
    const full = (short: string) => `docker.io/library/${short}`;
    await ctr(['images', 'tag', '--force', full(image), full(name)]);
  }

  /** Ends its pods and all that it started; images stay for the next one. */
  async stop(): Promise<void> {
    // The kubelet first: it would start again what is ended.
    for (const process of this.#processes.toReversed()) await process.stop();
    await removeRemains(binaries['kube-proxy']);
  }

  async #startContainerd(): Promise<void> {
    const cache =
      process.env.STREAMMONITOR_CACHE ??
      join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'streammonitor');
    const images = join(cache, 'node-images');
    await mkdir(images, { recursive: true });
    await writeFile(nodePaths.containerdConfig, containerdConfig(images, await networkPlugins()));
    await writeFile(join(nodePaths.network, '10-node.conflist'), JSON.stringify(networkConfig()));
    const containerd = this.#run('containerd', ['containerd', '--config', nodePaths.containerdConfig]);
    await containerd.ready(
      async () => (await attempt(['ctr', '--address', nodePaths.socket, 'version'])) !== undefined,
    );
    await this.#removeContainers();
    await importPauseImage(binaries.pause);
  }

  /** containerd keeps containers beside the images: those of a node that is gone are nobody's. */
  async #removeContainers(): Promise<void> {
    const containers = (await ctr(['containers', 'list', '--quiet'])).split('\n').filter(Boolean);
    for (const container of containers) await ctr(['containers', 'remove', container]);
  }

  #run(name: string, command: readonly string[]): ServerProcess {
    const process = new ServerProcess(name, command, join(nodePaths.log, `${name}.log`));
    this.#processes.push(process);
    process.start();
    return process;
  }

  async #kubeconfig(name: string, subject: string): Promise<string> {
    return this.#kubeconfigOf(name, await this.#plane.authority.issue(name, subject));
  }

  async #kubeconfigOf(name: string, certificate: CertificateFiles): Promise<string> {
    const path = join(nodePaths.state, `${name}.kubeconfig`);
    const authority = await this.#plane.authority.certificate();
    const user = await readCertificate(certificate);
    await writeKubeconfig(path, { server: this.#plane.server, authority, user });
    return path;
  }

  /** Ready, and answering requests that the API server passes on: logs, commands. */
  async #isReady(): Promise<boolean> {
    const path = `/api/v1/nodes/${nodeLayout.name}`;
    type Node = { status?: { conditions?: { type: string; status: string }[] } };
    const { status, body } = await this.#plane.api.request<Node>('GET', path);
    if (status !== 200) return false;
    const ready = body.status?.conditions?.find(({ type }) => type === 'Ready');
    if (ready?.status !== 'True') return false;
    return (await this.#plane.api.request('GET', `${path}/proxy/healthz`)).status === 200;
  }
}
