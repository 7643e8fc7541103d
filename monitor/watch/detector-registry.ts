import { readdirSync } from 'node:fs';
import type { DetectorDefinition } from '../detectors/contract.ts';

const directory = new URL('../detectors/', import.meta.url);

/** Every built-in detector by type: a file in `detectors/` whose default export is a detector definition. */
export async function loadDetectors(): Promise<ReadonlyMap<string, DetectorDefinition>> {
  const detectors = new Map<string, DetectorDefinition>();
  for (const file of readdirSync(directory).sort()) {
    if (!file.endsWith('.ts')) continue;
    const module: { default?: DetectorDefinition } = await import(new URL(file, directory).href);
    if (module.default) detectors.set(module.default.manifest.type, module.default);
  }
  return detectors;
}
