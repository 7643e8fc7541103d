import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { nodeBinaries } from '../../integration/cluster/binaries.ts';
import type { ControlPlane } from '../../integration/cluster/control-plane.ts';
import { ServerProcess } from '../../integration/cluster/server-process.ts';
import { attempt } from '../command.ts';
import { fullImageName } from '../image-tags.ts';
import { containerdConfig, ctr, networkConfig, networkPlugins } from './containerd.ts';
import { kubeletConfig } from './node-configs.ts';
import { kubeconfigWith } from './node-kubeconfig.ts';
import { machinePaths, type NodeLayout } from './node-layout.ts';
import { importPauseImage } from './pause-image.ts';

const binaries = nodeBinaries();

/** A node of a control plane on this machine: containerd and kubelet as plain processes. */
export class RealNode {
  readonly #plane: ControlPlane;
  readonly #layout: NodeLayout;
  readonly #processes: ServerProcess[] = [];

  private constructor(plane: ControlPlane, layout: NodeLayout) {
    this.#plane = plane;
    this.#layout = layout;
  }

  /** Starts it, after `prepareMachine`, and waits until it is Ready. */
  static async start(plane: ControlPlane, layout: NodeLayout): Promise<RealNode> {
    const node = new RealNode(plane, layout);
    try {
      await node.#start();
    } catch (error) {
      await node.stop();
      throw error;
    }
    return node;
  }

  async #start(): Promise<void> {
    const { name, address } = this.#layout;
    await this.#startContainerd();
    const { authority } = this.#plane;
    const subject = `/O=system:nodes/CN=system:node:${name}`;
    const certificate = await authority.issue(name, subject, [`DNS:${name}`, `IP:${address}`]);
    const kubeconfig = await kubeconfigWith(this.#plane, name, certificate);
    const config = kubeletConfig(this.#layout, authority.files.certificate, certificate);
    await writeFile(this.#layout.kubeletConfig, JSON.stringify(config));
    const kubelet = this.#run('kubelet', [
      ...[binaries.kubelet, '--config', this.#layout.kubeletConfig, '--kubeconfig', kubeconfig],
      ...['--root-dir', this.#layout.kubelet, '--hostname-override', name, '--node-ip', address],
    ]);
    await kubelet.ready(() => this.#isReady());
  }

  /** Puts an image on the node, from an archive as `docker save` writes it. */
  async import(archive: string): Promise<void> {
    await ctr(this.#layout, ['images', 'import', archive]);
  }

  /** Gives an image a further name. */
  async tag(image: string, name: string): Promise<void> {
    await ctr(this.#layout, ['images', 'tag', '--force', fullImageName(image), fullImageName(name)]);
  }

  /** Ends its processes; pods and images stay until the machine is cleared. */
  async stop(): Promise<void> {
    // The kubelet first: it would start again what is ended.
    for (const process of this.#processes.toReversed()) await process.stop();
  }

  async #startContainerd(): Promise<void> {
    const cache =
      process.env.STREAMMONITOR_CACHE ??
      join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'streammonitor');
    const images = join(cache, `${this.#layout.name}-images`);
    await mkdir(images, { recursive: true });
    const config = containerdConfig(this.#layout, images, await networkPlugins());
    await writeFile(this.#layout.containerdConfig, config);
    await writeFile(join(machinePaths.network, '10-node.conflist'), JSON.stringify(networkConfig()));
    const containerd = this.#run('containerd', ['containerd', '--config', this.#layout.containerdConfig]);
    await containerd.ready(
      async () => (await attempt(['ctr', '--address', this.#layout.socket, 'version'])) !== undefined,
    );
    await this.#removeContainers();
    await importPauseImage(this.#layout, binaries.pause);
  }

  /** containerd keeps containers beside the images: those of a node that is gone are nobody's. */
  async #removeContainers(): Promise<void> {
    const listed = await ctr(this.#layout, ['containers', 'list', '--quiet']);
    for (const container of listed.split('\n').filter(Boolean)) {
      await ctr(this.#layout, ['containers', 'remove', container]);
    }
  }

  #run(name: string, command: readonly string[]): ServerProcess {
    const log = join(machinePaths.log, `${this.#layout.name}-${name}.log`);
    const process = new ServerProcess(name, command, log);
    this.#processes.push(process);
    process.start();
    return process;
  }

  /** Ready, and answering requests that the API server passes on: logs, commands. */
  async #isReady(): Promise<boolean> {
    const path = `/api/v1/nodes/${this.#layout.name}`;
    type Node = { status?: { conditions?: { type: string; status: string }[] } };
    const { status, body } = await this.#plane.api.request<Node>('GET', path);
    if (status !== 200) return false;
    const ready = body.status?.conditions?.find(({ type }) => type === 'Ready');
    if (ready?.status !== 'True') return false;
    return (await this.#plane.api.request('GET', `${path}/proxy/healthz`)).status === 200;
  }
}
