import { mkdir, writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { customResourceDefinition } from './custom-resource-definition.ts';
import { readDetectorManifests } from './detector-manifests.ts';
import { publishedSchemas } from './published-schemas.ts';
import { referencePage } from './reference-page.ts';

/** Contents of every generated file, by path from the root of the repository. */
export async function generatedFiles(): Promise<Record<string, string>> {
  const catalogue = await readDetectorManifests();
  const definition = stringify(customResourceDefinition(catalogue), {
    lineWidth: 110,
    aliasDuplicateObjects: false,
  });
  return {
    'crds/generated/detectors.json': `${JSON.stringify(catalogue, undefined, 2)}\n`,
    'crds/generated/stream-monitor.md': referencePage(catalogue),
    ...publishedSchemas(),
    'crds/streammonitor.dev_streammonitors.yaml': `# Written by \`npm run generate\`; do not edit.\n${definition}`,
  };
}

if (import.meta.main) {
  const root = new URL('../../', import.meta.url);
  await mkdir(new URL('crds/generated/', root), { recursive: true });
  for (const [path, content] of Object.entries(await generatedFiles()))
    await writeFile(new URL(path, root), content);
}
