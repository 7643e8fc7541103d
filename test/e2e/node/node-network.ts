import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeBinaries } from '../../integration/cluster/binaries.ts';
import type { ControlPlane } from '../../integration/cluster/control-plane.ts';
import { ServerProcess } from '../../integration/cluster/server-process.ts';
import { corefile, proxyConfig, resolverAccess } from './node-configs.ts';
import { nodeKubeconfig } from './node-kubeconfig.ts';
import { machinePaths } from './node-layout.ts';

/** What serves the pods of all nodes: CoreDNS and kube-proxy as plain processes. */
export class NodeNetwork {
  readonly #processes: readonly ServerProcess[];

  private constructor(processes: readonly ServerProcess[]) {
    this.#processes = processes;
  }

  static async start(plane: ControlPlane): Promise<NodeNetwork> {
    const binaries = nodeBinaries();
    await plane.apply(resolverAccess.map((object) => JSON.stringify(object)).join('\n---\n'));
    const resolver = await nodeKubeconfig(plane, 'coredns', '/CN=system:coredns');
    await writeFile(machinePaths.corefile, corefile(resolver));
    const proxy = await nodeKubeconfig(plane, 'kube-proxy', '/CN=system:kube-proxy');
    await writeFile(machinePaths.proxyConfig, JSON.stringify(proxyConfig(proxy)));
    const commands = {
      coredns: [binaries.coredns, '-conf', machinePaths.corefile],
      'kube-proxy': [binaries['kube-proxy'], '--config', machinePaths.proxyConfig],
    };
    const processes = Object.entries(commands).map(
      ([name, command]) => new ServerProcess(name, command, join(machinePaths.log, `${name}.log`)),
    );
    for (const process of processes) process.start();
    return new NodeNetwork(processes);
  }

  async stop(): Promise<void> {
    for (const process of this.#processes) await process.stop();
  }
}
