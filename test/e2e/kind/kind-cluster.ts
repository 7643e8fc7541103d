import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cluster } from '../cluster.ts';
import { command } from '../command.ts';
import { fullImageName } from '../image-tags.ts';

const name = 'streammonitor-e2e';
const configuration = fileURLToPath(new URL('cluster.yaml', import.meta.url));
const builder = fileURLToPath(new URL('../../setup/kind.sh', import.meta.url));

/** Takes away what is left of a cluster whose test was interrupted. */
export async function clearKindCluster(): Promise<void> {
  await command([kindPath(), 'delete', 'cluster', '--name', name]);
}

function kindPath(): string {
  return execFileSync(builder, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
}

/** A cluster of kind, whose node is a container of Docker's. */
export async function startKindCluster(): Promise<Cluster> {
  const kind = kindPath();
  const directory = await mkdtemp(join(tmpdir(), 'streammonitor-kind-'));
  const kubeconfig = join(directory, 'kubeconfig');
  const stop = async () => {
    await command([kind, 'delete', 'cluster', '--name', name, '--kubeconfig', kubeconfig]);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const wait = ['--wait', '120s'];
    await command([
      kind,
      'create',
      'cluster',
      '--config',
      configuration,
      '--kubeconfig',
      kubeconfig,
      ...wait,
    ]);
    const ctr = await ctrOfNodes(kind);
    const { gateway, subnet } = await network();
    return {
      description: 'kind',
      kubeconfig,
      hostAddress: gateway,
      nodeRange: subnet,
      ctr,
      import: async (archive) => {
        await command([kind, 'load', 'image-archive', archive, '--name', name]);
      },
      tag: async (image, other) => {
        for (const words of Object.values(ctr)) {
          await command([...words, 'images', 'tag', '--force', fullImageName(image), fullImageName(other)]);
        }
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The nodes are containers of Docker's, which have the names of the nodes. */
async function ctrOfNodes(kind: string): Promise<Record<string, string[]>> {
  const nodes = (await command([kind, 'get', 'nodes', '--name', name])).split('\n').filter(Boolean);
  return Object.fromEntries(
    nodes.map((node) => [node, ['docker', 'exec', node, 'ctr', '--namespace', 'k8s.io']]),
  );
}

/** The network of kind's nodes, and the address of this machine in it. */
async function network(): Promise<{ gateway: string; subnet: string }> {
  const networks = await command(['docker', 'network', 'inspect', 'kind']);
  const [{ IPAM }] = JSON.parse(networks) as [{ IPAM: { Config: { Gateway?: string; Subnet: string }[] } }];
  for (const { Gateway: gateway, Subnet: subnet } of IPAM.Config) {
    if (gateway?.includes('.')) return { gateway, subnet };
  }
  throw new Error("the Docker network 'kind' has no gateway with an IPv4 address");
}
