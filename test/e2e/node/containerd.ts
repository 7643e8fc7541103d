import { access } from 'node:fs/promises';
import { command } from '../command.ts';
import { machineLayout, machinePaths, type NodeLayout } from './node-layout.ts';

const namespace = 'k8s.io';

/**
 * Configuration of containerd: https://github.com/containerd/containerd/blob/main/docs/cri/config.md
 * @param images folder for images, which outlive the node
 * @param plugins folder of the network plugins
 */
export function containerdConfig(node: NodeLayout, images: string, plugins: string): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = ${JSON.stringify(images)}
state = ${JSON.stringify(node.containerd)}
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
[grpc]
  address = ${JSON.stringify(node.socket)}
[${cri}]
  sandbox_image = ${JSON.stringify(machineLayout.pauseImage)}
  netns_mounts_under_state_dir = true
  # A machine that is itself a container or sandbox may not lower the score of a process.
  restrict_oom_score_adj = true
  [${cri}.containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [${cri}.containerd.runtimes.runc.options]
      SystemdCgroup = false
  [${cri}.cni]
    bin_dir = ${JSON.stringify(plugins)}
    conf_dir = ${JSON.stringify(machinePaths.network)}
`;
}

/** Pods reach each other and this machine; what they send further is refused at once. */
export function networkConfig(): object {
  return {
    cniVersion: '0.4.0',
    name: machineLayout.bridge,
    plugins: [
      {
        ...{
          type: 'bridge',
          bridge: machineLayout.bridge,
          isGateway: true,
          ipMasq: false,
          hairpinMode: true,
        },
        ipam: {
          ...{ type: 'host-local', dataDir: machinePaths.addresses, routes: [{ dst: '0.0.0.0/0' }] },
          ranges: [[{ subnet: machineLayout.podRange }]],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}

/** @throws Error when no folder holds the network plugins */
export async function networkPlugins(): Promise<string> {
  for (const folder of ['/usr/lib/cni', '/opt/cni/bin']) {
    const found = await access(`${folder}/bridge`).then(
      () => true,
      () => false,
    );
    if (found) return folder;
  }
  throw new Error("a node needs the CNI plugins: install Debian's containernetworking-plugins");
}

/** The words with which a command on a node's images and containers begins. */
export function ctrOf({ socket }: NodeLayout): readonly string[] {
  return ['ctr', '--address', socket, '--namespace', namespace];
}

/** Runs `ctr` on a node's images and containers. */
export function ctr(layout: NodeLayout, args: readonly string[]): Promise<string> {
  return command([...ctrOf(layout), ...args]);
}
