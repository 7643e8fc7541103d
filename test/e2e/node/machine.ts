import { mkdir, writeFile } from 'node:fs/promises';
import { nodeBinaries } from '../../integration/cluster/binaries.ts';
import { createControlGroups } from './control-groups.ts';
import { openNetwork } from './machine-network.ts';
import { machinePaths, nodeLayouts } from './node-layout.ts';
import { forwardingFile, removeRemains } from './remains.ts';

/** Readies this machine for nodes: their addresses are there, and nothing is left of earlier ones. Needs root. */
export async function prepareMachine(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('a node needs root: containers, mounts and network rules');
  await clearMachine();
  const ofNodes = nodeLayouts.flatMap(({ kubelet, podLogs }) => [kubelet, podLogs]);
  for (const directory of [machinePaths.network, machinePaths.log, ...ofNodes]) {
    await mkdir(directory, { recursive: true });
  }
  await createControlGroups();
  await writeFile(forwardingFile, await openNetwork());
}

/** Takes away what is left of nodes, also of those whose test was interrupted. */
export async function clearMachine(): Promise<void> {
  if (process.getuid?.() === 0) await removeRemains(nodeBinaries()['kube-proxy']);
}
