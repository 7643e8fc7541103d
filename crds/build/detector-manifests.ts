import { readdir } from 'node:fs/promises';
import type { DetectorManifest } from '../detector-manifest.ts';

const detectorsFolder = new URL('../../monitor/detectors/', import.meta.url);

/** Manifests of all detectors, by type in alphabetical order: a detector is a file whose default export has one. */
export async function readDetectorManifests(): Promise<Record<string, DetectorManifest>> {
  const manifests: DetectorManifest[] = [];
  for (const file of await readdir(detectorsFolder)) {
    if (!file.endsWith('.ts')) continue;
    const module: { default?: { manifest?: DetectorManifest } } = await import(
      new URL(file, detectorsFolder).href
    );
    if (module.default?.manifest) manifests.push(module.default.manifest);
  }
  manifests.sort((a, b) => (a.type < b.type ? -1 : 1));
  return Object.fromEntries(manifests.map((manifest) => [manifest.type, manifest]));
}
