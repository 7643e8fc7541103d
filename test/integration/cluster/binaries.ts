import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const names = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubectl',
  'kwok',
] as const;
export type ClusterBinary = (typeof names)[number];

export type ClusterBinaries = Readonly<Record<ClusterBinary, string>>;

const nodeNames = ['kubelet', 'kube-proxy', 'coredns', 'pause'] as const;
export type NodeBinaries = Readonly<Record<(typeof nodeNames)[number], string>>;

/** Paths of the Kubernetes binaries; the first call on a machine builds them, which takes minutes. */
export function clusterBinaries(): ClusterBinaries {
  return builtBinaries(names, []);
}

/** The same of what a real node takes beside them. */
export function nodeBinaries(): NodeBinaries {
  return builtBinaries(nodeNames, ['--node']);
}

function builtBinaries<Name extends string>(
  names: readonly Name[],
  flags: readonly string[],
): Record<Name, string> {
  const script = fileURLToPath(new URL('../../setup/kubernetes.sh', import.meta.url));
  const listed = execFileSync(script, flags, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const paths = new Map(listed.split('\n').map((line) => splitAtSpace(line)));
  return Object.fromEntries(names.map((name) => [name, paths.get(name)!])) as Record<Name, string>;
}

/** Paths may hold spaces, names do not. */
function splitAtSpace(line: string): [string, string] {
  const space = line.indexOf(' ');
  return [line.slice(0, space), line.slice(space + 1)];
}
