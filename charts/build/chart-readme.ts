import { type ChartValue, everyValue, type JsonSchema, readChartValues } from './chart-values.ts';
import { valueDefinitions } from './value-definitions.ts';

/** What Chart.yaml says of the chart, as far as the page repeats it. */
export interface ChartMetadata {
  readonly name: string;
  readonly description: string;
  readonly appVersion: string;
  readonly kubeVersion: string;
}

/**
 * The page of the chart, with every value.
 * @param introduction Markdown that stands between the title and the values
 * @param values a commented values.yaml
 */
export function chartReadme(chart: ChartMetadata, introduction: string, values: string): string {
  return [
    '<!-- Written by `npm run generate` from Chart.yaml, introduction.md and values.yaml; do not edit. -->',
    `# ${chart.name}`,
    chart.description,
    `Version ${chart.appVersion}; Kubernetes ${chart.kubeVersion.replace(/-0$/, '')}; Helm 3, tried with 3.22.`,
    introduction.trim(),
    '## Values',
    ...sections(readChartValues(values)).flatMap(({ name, rows }) => [`### ${name}`, table(rows)]),
    '',
  ].join('\n\n');
}

function sections(values: readonly ChartValue[]): { name: string; rows: ChartValue[] }[] {
  const found: { name: string; rows: ChartValue[] }[] = [];
  for (const value of everyValue(values)) {
    if (value.section !== undefined) found.push({ name: value.section, rows: [] });
    if (found.length === 0) throw new Error(`values.yaml, ${value.path}: no @section has begun`);
    if (!value.children) found.at(-1)!.rows.push(value);
  }
  return found;
}

function table(rows: readonly ChartValue[]): string {
  const lines = rows.map(({ path, preset, description, schema }) => {
    const cells = [
      `\`${path}\``,
      typeText(schema ?? {}, preset),
      `\`${JSON.stringify(preset)}\``,
      description,
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return ['| key | type | default | |', '|---|---|---|---|', ...lines].join('\n');
}

function typeText(schema: JsonSchema, preset: unknown): string {
  if (schema.$ref) return String(valueDefinitions[schema.$ref.split('/').at(-1)!]?.title);
  if (Array.isArray(schema.enum)) return schema.enum.map((choice) => `\`${choice}\``).join(', ');
  if (Array.isArray(preset) && schema.items) return `list of ${typeText(schema.items, undefined)}`;
  return schema.type?.toString() ?? (Number.isInteger(preset) ? 'integer' : typeof preset);
}
