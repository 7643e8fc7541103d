import { type ControlPlane, startControlPlane } from '../../integration/cluster/control-plane.ts';
import type { Cluster } from '../cluster.ts';
import { nodeLayout } from './node-layout.ts';
import { prepareNode, RealNode } from './real-node.ts';

/** A control plane and a node as plain processes: neither Docker nor a virtual machine, but root. */
export async function startNodeCluster(): Promise<Cluster> {
  await prepareNode();
  const plane = await startControlPlane({ address: nodeLayout.address });
  const node = await startNode(plane);
  return {
    description: 'containerd and kubelet on this machine; its network enforces no NetworkPolicy',
    kubeconfig: plane.kubeconfig,
    hostAddress: nodeLayout.address,
    import: (archive) => node.import(archive),
    tag: (image, name) => node.tag(image, name),
    stop: async () => {
      await node.stop();
      await plane.stop();
    },
  };
}

async function startNode(plane: ControlPlane): Promise<RealNode> {
  try {
    return await RealNode.start(plane);
  } catch (error) {
    await plane.stop();
    throw error;
  }
}
