import { readFile, writeFile } from 'node:fs/promises';
import { commands } from '../../bin/commands.ts';
import { loadDetectors } from '../../monitor/watch/detector-registry.ts';
import { commandLinePage } from './command-line-page.ts';
import { detectorsPage } from './detectors-page.ts';
import { withDetectors } from './readme-detectors.ts';

const root = new URL('../../', import.meta.url);

/** Contents of every generated page, by path from the root of the repository. */
export async function generatedPages(): Promise<Record<string, string>> {
  const all = await Promise.all(Object.values(commands).map((load) => load()));
  const detectors = [...(await loadDetectors()).values()];
  return {
    'README.md': withDetectors(await readFile(new URL('README.md', root), 'utf8'), detectors),
    'docs/command-line.md': `${commandLinePage(all)}\n`,
    'docs/detectors.md': detectorsPage(detectors),
  };
}

if (import.meta.main) {
  for (const [path, content] of Object.entries(await generatedPages()))
    await writeFile(new URL(path, root), content);
}
