import { readdir, readFile, readlink, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { attempt } from '../command.ts';
import { removeControlGroups } from './control-groups.ts';
import { closeNetwork } from './machine-network.ts';
import { machineLayout, machinePaths, nodeLayouts } from './node-layout.ts';

/** Where the state of forwarding before the nodes is kept for whoever clears up. */
export const forwardingFile = join(machinePaths.state, 'ip_forward');

/**
 * Clears up after the nodes, whether they were stopped or the test that ran them was killed: processes of pods, mounts,
 * network, control groups, files. What is not there is passed over.
 */
export async function removeRemains(proxy: string): Promise<void> {
  await endShims();
  await removeControlGroups();
  for (const mount of await mountsBelow(machinePaths.state)) await attempt(['umount', '-l', mount]);
  const forwarding = await readFile(forwardingFile, 'utf8').catch(() => undefined);
  await closeNetwork(proxy, forwarding);
  await removePodLinks();
  await rm(machinePaths.state, { recursive: true, force: true });
}

/** Each pod has a process between containerd and its containers, which outlives containerd. */
async function endShims(): Promise<void> {
  const sockets = nodeLayouts.map(({ socket }) => socket);
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (!words[0]?.endsWith('containerd-shim-runc-v2') || !sockets.some((socket) => words.includes(socket)))
      continue;
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** Deepest first: volumes of pods, roots of containers, network namespaces. */
async function mountsBelow(directory: string): Promise<string[]> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  return mounts
    .filter((mount) => mount.startsWith(`${directory}/`))
    .sort()
    .reverse();
}

/** What is kept outside the nodes' own folders: links to the logs of containers, results of network plugins. */
async function removePodLinks(): Promise<void> {
  const logs = '/var/log/containers';
  for (const name of await readdir(logs).catch(() => [])) {
    const target = await readlink(join(logs, name)).catch(() => '');
    if (target.startsWith(machinePaths.state)) await unlink(join(logs, name)).catch(() => {});
  }
  const results = '/var/lib/cni/results';
  for (const name of await readdir(results).catch(() => [])) {
    if (name.startsWith(`${machineLayout.bridge}-`)) await unlink(join(results, name)).catch(() => {});
  }
}
