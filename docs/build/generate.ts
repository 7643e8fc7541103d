import { writeFile } from 'node:fs/promises';
import { commands } from '../../bin/commands.ts';
import { loadDetectors } from '../../monitor/watch/detector-registry.ts';
import { commandLinePage } from './command-line-page.ts';
import { detectorsPage } from './detectors-page.ts';

const root = new URL('../../', import.meta.url);

/** Contents of every generated page, by path from the root of the repository. */
export async function generatedPages(): Promise<Record<string, string>> {
  const all = await Promise.all(Object.values(commands).map((load) => load()));
  return {
    'docs/command-line.md': `${commandLinePage(all)}\n`,
    'docs/detectors.md': detectorsPage([...(await loadDetectors()).values()]),
  };
}

if (import.meta.main) {
  for (const [path, content] of Object.entries(await generatedPages()))
    await writeFile(new URL(path, root), content);
}
