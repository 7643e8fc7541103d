import { readFile, writeFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { dashboardFiles } from '../dashboards/dashboard-files.ts';
import { chartReadme } from './chart-readme.ts';
import { valuesSchema } from './values-schema.ts';

const root = new URL('../../', import.meta.url);
const chart = 'charts/stream-monitor';

/** Contents of every generated file of the chart, by path from the root of the repository. */
export async function generatedChartFiles(): Promise<Record<string, string>> {
  const read = (path: string) => readFile(new URL(path, root), 'utf8');
  const values = await read(`${chart}/values.yaml`);
  const metadata = parse(await read(`${chart}/Chart.yaml`));
  const introduction = await read('charts/build/introduction.md');
  return {
    [`${chart}/values.schema.json`]: `${JSON.stringify(valuesSchema(values), undefined, 2)}\n`,
    [`${chart}/README.md`]: chartReadme(metadata, introduction, values),
    // Helm reads nothing from outside of the chart.
    [`${chart}/files/crd.yaml`]: await read('crds/streammonitor.dev_streammonitors.yaml'),
    ...dashboardFiles(),
  };
}

/** Writes them. */
export async function writeGeneratedChartFiles(): Promise<void> {
  for (const [path, content] of Object.entries(await generatedChartFiles()))
    await writeFile(new URL(path, root), content);
}

if (import.meta.main) await writeGeneratedChartFiles();
