import { startControlPlane } from '../../integration/cluster/control-plane.ts';
import type { Cluster } from '../cluster.ts';
import { ctrOf } from './containerd.ts';
import { clearMachine, prepareMachine } from './machine.ts';
import { machineLayout, nodeLayouts } from './node-layout.ts';
import { NodeNetwork } from './node-network.ts';
import { RealNode } from './real-node.ts';

/** A control plane and nodes as plain processes: neither Docker nor a virtual machine, but root. */
export async function startNodeCluster(): Promise<Cluster> {
  await prepareMachine();
  const plane = await startControlPlane({ address: machineLayout.address });
  // In the order in which they are stopped.
  const parts: { stop(): Promise<void> }[] = [plane];
  const stop = async () => {
    for (const part of parts) await part.stop();
    await clearMachine();
  };
  try {
    parts.unshift(await NodeNetwork.start(plane));
    const nodes: RealNode[] = [];
    for (const layout of nodeLayouts) {
      const node = await RealNode.start(plane, layout);
      nodes.push(node);
      parts.unshift(node);
    }
    return {
      description:
        'two nodes of containerd and kubelet on this machine; its network enforces no NetworkPolicy',
      kubeconfig: plane.kubeconfig,
      hostAddress: machineLayout.address,
      nodeRange: machineLayout.nodeRange,
      ctr: Object.fromEntries(nodeLayouts.map((layout) => [layout.name, ctrOf(layout)])),
      import: async (archive) => {
        for (const node of nodes) await node.import(archive);
      },
      tag: async (image, name) => {
        for (const node of nodes) await node.tag(image, name);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
