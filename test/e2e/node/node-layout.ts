import { join } from 'node:path';

/** What the nodes share, as they share the kernel of this machine. */
export const machineLayout = {
  /** Address of this machine for pods, put on `lo`: API server, DNS, and whatever else listens here for them. */
  address: '10.222.0.1',
  nodeRange: '10.222.0.0/24',
  podRange: '10.244.0.0/24',
  bridge: 'streammonitor0',
  pauseImage: 'localhost/pause:1',
} as const;

const state = '/run/streammonitor-e2e';

/** Files that the nodes share. */
export const machinePaths = {
  state,
  network: join(state, 'cni.d'),
  addresses: join(state, 'cni-addresses'),
  proxyConfig: join(state, 'kube-proxy.json'),
  corefile: join(state, 'Corefile'),
  log: join(state, 'log'),
} as const;

/** One node: its name, address and files. */
export interface NodeLayout {
  readonly name: string;
  /** Address of its kubelet, put on `lo`. */
  readonly address: string;
  /** Group below the root of each cgroup hierarchy that holds all its pods: a kubelet clears what it does not know. */
  readonly controlGroup: string;
  readonly socket: string;
  readonly containerd: string;
  readonly containerdConfig: string;
  readonly kubelet: string;
  readonly kubeletConfig: string;
  readonly podLogs: string;
}

/** Two, so that one can be drained. */
export const nodeLayouts: readonly NodeLayout[] = [1, 2].map((number) => {
  const name = `node-${number}`;
  // Paths of sockets must be short, so the state of nodes has a place of its own.
  const directory = join(state, name);
  return {
    name,
    address: `10.222.0.${10 + number}`,
    controlGroup: `streammonitor-e2e-${number}`,
    socket: join(directory, 'containerd.sock'),
    containerd: join(directory, 'containerd'),
    containerdConfig: join(directory, 'containerd.toml'),
    kubelet: join(directory, 'kubelet'),
    kubeletConfig: join(directory, 'kubelet.json'),
    podLogs: join(directory, 'pod-logs'),
  };
});
