import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import type { Cluster } from './cluster.ts';
import { releasedImage } from './documented-commands.ts';
import { imageTags } from './image-tags.ts';
import { startCluster } from './start-cluster.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly kubeconfig: string;
    readonly hostAddress: Cluster['hostAddress'];
    readonly nodeRange: Cluster['nodeRange'];
    readonly ctr: Cluster['ctr'];
  }
}

const builder = fileURLToPath(new URL('../../image/build.sh', import.meta.url));

/** Before all end-to-end tests: builds the image, starts the cluster and puts the image on its node. */
export default async function setUp({ provide }: TestProject): Promise<() => Promise<void>> {
  const scratch = await mkdtemp(join(tmpdir(), 'streammonitor-e2e-'));
  const archive = join(scratch, 'image.tar');
  const [image, next] = [`streammonitor:${imageTags.current}`, `streammonitor:${imageTags.next}`];
  await timed('image', async () => {
    execFileSync(builder, ['--archive', archive, image], { stdio: ['ignore', 'inherit', 'inherit'] });
  });
  const cluster = await timed('cluster', startCluster);
  console.log(`end-to-end: cluster of ${cluster.description}`);
  try {
    await timed('image on the node', () => cluster.import(archive));
    await cluster.tag(image, next);
    await cluster.tag(image, await releasedImage());
  } catch (error) {
    await cluster.stop();
    throw error;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  provide('kubeconfig', cluster.kubeconfig);
  provide('hostAddress', cluster.hostAddress);
  provide('nodeRange', cluster.nodeRange);
  provide('ctr', cluster.ctr);
  return () => timed('end of the cluster', cluster.stop);
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  const result = await work();
  console.log(`end-to-end: ${what}: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  return result;
}
