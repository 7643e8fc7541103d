import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from '../command.ts';
import { ctr } from './containerd.ts';
import { machineLayout, type NodeLayout } from './node-layout.ts';

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
const mediaType = 'application/vnd.oci.image';

/** Puts the image of the process that holds a pod together on a node: one file, by hand, as no registry is asked. */
export async function importPauseImage(node: NodeLayout, binary: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'streammonitor-pause-'));
  try {
    const archive = await pauseArchive(binary, work);
    await ctr(node, ['images', 'import', archive]);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** An OCI archive: https://github.com/opencontainers/image-spec/blob/main/image-layout.md */
async function pauseArchive(binary: string, work: string): Promise<string> {
  const layout = join(work, 'layout');
  const blobs = join(layout, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  const blob = async (content: Buffer, type: string) => {
    const hash = createHash('sha256').update(content).digest('hex');
    await writeFile(join(blobs, hash), content);
    return { mediaType: `${mediaType}.${type}`, digest: `sha256:${hash}`, size: content.length };
  };
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));

  await copyFile(binary, join(work, 'pause'));
  const file = join(work, 'layer.tar');
  const reproducible = ['--owner=0', '--group=0', '--mtime=@0', '--mode=755'];
  await command(['tar', '-C', work, ...reproducible, '-cf', file, 'pause']);
  const layer = await blob(await readFile(file), 'layer.v1.tar');
  const config = await blob(
    json({
      architecture: architectures[process.arch],
      os: 'linux',
      config: { Entrypoint: ['/pause'], User: '65535:65535' },
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    }),
    'config.v1+json',
  );
  const type = `${mediaType}.manifest.v1+json`;
  const manifest = await blob(
    json({ schemaVersion: 2, mediaType: type, config, layers: [layer] }),
    'manifest.v1+json',
  );
  const annotations = { 'io.containerd.image.name': machineLayout.pauseImage };
  await writeFile(
    join(layout, 'index.json'),
    json({ schemaVersion: 2, manifests: [{ ...manifest, annotations }] }),
  );
  await writeFile(join(layout, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }));
  const archive = join(work, 'pause.tar');
  await command(['tar', '-C', layout, '-cf', archive, '.']);
  return archive;
}
