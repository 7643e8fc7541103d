import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clusterBinaries } from './binaries.ts';
import type { ControlPlane } from './control-plane.ts';
import { podNetwork } from './pod-network.ts';
import { ServerProcess } from './server-process.ts';
import { TestNode } from './test-node.ts';

const managed = 'test.streammonitor.dev/fake-node';

/** Nodes on which every pod runs and is Ready at once, without any process. */
export interface FakeNodes {
  readonly nodes: readonly TestNode[];
  /** A node falls silent: it and its pods turn to not ready, and pods that are deleted stay, as nobody confirms. */
  lose(node: TestNode): Promise<void>;
  /** A lost node answers again. */
  recover(node: TestNode): Promise<void>;
  /** Ends kwok and deletes the nodes. */
  stop(): Promise<void>;
}

/**
 * Starts kwok with nodes named `fake-0` and on. Pods get addresses of the loopback network, on which a test can
 * listen in their place. Needs the scheduler.
 */
export async function startFakeNodes(cluster: ControlPlane, count = 1): Promise<FakeNodes> {
  const kwok = new ServerProcess(
    'kwok',
    [
      clusterBinaries().kwok,
      `--kubeconfig=${cluster.kubeconfig}`,
      `--config=${fileURLToPath(new URL('fake-nodes.yaml', import.meta.url))}`,
      `--manage-nodes-with-label-selector=${managed}=true`,
      `--cidr=${podNetwork.fakePods}`,
      `--node-ip=${podNetwork.node}`,
      '--node-lease-duration-seconds=40',
    ],
    join(cluster.directory, 'log', 'kwok.log'),
  );
  const nodes = Array.from({ length: count }, (_, index) => new TestNode(cluster.api, `fake-${index}`));
  kwok.start();
  await Promise.all(nodes.map((node) => node.create({ [managed]: 'true' })));
  await kwok.ready(async () => (await Promise.all(nodes.map((node) => node.isReady()))).every(Boolean));
  return {
    nodes,
    lose: async (node) => {
      await node.setLabels({ [managed]: null });
      await node.setReady('Unknown');
    },
    recover: async (node) => {
      await node.setLabels({ [managed]: 'true' });
    },
    stop: async () => {
      await kwok.stop();
      await Promise.all(nodes.map((node) => cluster.api.request('DELETE', `/api/v1/nodes/${node.name}`)));
    },
  };
}
