import { join } from 'node:path';

/** Addresses and names of the node; one machine has room for one. */
export const nodeLayout = {
  name: 'node-1',
  /** Address of this machine for pods, put on `lo`: API server, DNS, and whatever else listens here for them. */
  address: '10.222.0.1',
  podRange: '10.244.0.0/24',
  bridge: 'streammonitor0',
  /** Group below the root of each cgroup hierarchy that holds all pods. */
  controlGroup: 'streammonitor-e2e',
  pauseImage: 'localhost/pause:1',
} as const;

const state = '/run/streammonitor-e2e';

/** Files of the node. Paths of sockets must be short, so its state has a place of its own. */
export const nodePaths = {
  state,
  socket: join(state, 'containerd.sock'),
  containerd: join(state, 'containerd'),
  containerdConfig: join(state, 'containerd.toml'),
  network: join(state, 'cni.d'),
  addresses: join(state, 'cni-addresses'),
  kubelet: join(state, 'kubelet'),
  kubeletConfig: join(state, 'kubelet.json'),
  proxyConfig: join(state, 'kube-proxy.json'),
  corefile: join(state, 'Corefile'),
  podLogs: join(state, 'pod-logs'),
  log: join(state, 'log'),
} as const;
