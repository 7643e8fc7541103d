import { readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { commands } from '../../bin/commands.ts';
import { loadDetectors } from '../../monitor/watch/detector-registry.ts';
import { type ResultFile, readResults } from '../../test/accuracy/result-file.ts';
import { readBenchFile } from '../../test/bench/bench-file.ts';
import { loadFaults } from '../../test/faults/catalogue.ts';
import { readScaleFile } from '../../test/scale/scale-file.ts';
import { accuracyPage, detectorFigures } from './accuracy-page.ts';
import { benchPage } from './bench-page.ts';
import { capacityPart } from './capacity-table.ts';
import { commandLinePage } from './command-line-page.ts';
import { costExample } from './cost-example.ts';
import { detectorsPage } from './detectors-page.ts';
import { faultsTable } from './faults-table.ts';
import { withGeneratedPart } from './generated-part.ts';
import { detectorRows } from './readme-detectors.ts';
import { figureRows } from './readme-figures.ts';
import { scalePage } from './scale-page.ts';

const root = new URL('../../', import.meta.url);

/** Contents of every generated page, by path from the root of the repository. */
export async function generatedPages(): Promise<Record<string, string>> {
  const all = await Promise.all(Object.values(commands).map((load) => load()));
  const detectors = [...(await loadDetectors()).values()];
  const names = await readdir(new URL('docs/detectors/', root));
  const described = names.sort().map((name) => name.replace(/\.md$/, ''));
  const measured = await readResults(fileURLToPath(new URL('docs/accuracy.json', root)));
  const benched = await readBenchFile(fileURLToPath(new URL('docs/bench.json', root)));
  return {
    ...(benched && { 'docs/bench.md': benchPage(benched) }),
    'README.md': withGeneratedPart(
      await withPart('README.md', 'detectors', detectorRows(detectors)),
      'figures',
      figureRows(measured),
    ),
    'docs/accuracy.md': accuracyPage(measured),
    'docs/capacity.md': await withPart('docs/capacity.md', 'figures', capacityPart()),
    'docs/command-line.md': `${commandLinePage(all)}\n`,
    'docs/cost.md': await withPart('docs/cost.md', 'example', costExample()),
    'docs/detectors.md': detectorsPage(detectors, described),
    'docs/faults.md': await withPart('docs/faults.md', 'faults', faultsTable(await loadFaults())),
    'docs/scale.md': scalePage(await readScaleFile(fileURLToPath(new URL('docs/scale.json', root)))),
    ...(await detectorPages(described, measured)),
  };
}

/** Pages that are written by hand, one for each detector that has one, with its figures in them. */
async function detectorPages(
  types: readonly string[],
  measured: ResultFile,
): Promise<Record<string, string>> {
  const pages = types.map(async (type) => {
    const path = `docs/detectors/${type}.md`;
    return [path, await withPart(path, 'figures', detectorFigures(measured, type))] as const;
  });
  return Object.fromEntries(await Promise.all(pages));
}

async function withPart(path: string, name: string, part: string): Promise<string> {
  return withGeneratedPart(await readFile(new URL(path, root), 'utf8'), name, part);
}

if (import.meta.main) {
  for (const [path, content] of Object.entries(await generatedPages()))
    await writeFile(new URL(path, root), content);
}
