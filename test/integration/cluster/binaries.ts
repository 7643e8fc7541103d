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

/** Paths of the Kubernetes binaries; the first call on a machine builds them, which takes minutes. */
export function clusterBinaries(): ClusterBinaries {
  const script = fileURLToPath(new URL('../../setup/kubernetes.sh', import.meta.url));
  const listed = execFileSync(script, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const paths = new Map(listed.split('\n').map((line) => splitAtSpace(line)));
  return Object.fromEntries(names.map((name) => [name, paths.get(name)!])) as ClusterBinaries;
}

/** Paths may hold spaces, names do not. */
function splitAtSpace(line: string): [string, string] {
  const space = line.indexOf(' ');
  return [line.slice(0, space), line.slice(space + 1)];
}
