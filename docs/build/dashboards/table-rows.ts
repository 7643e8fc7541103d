import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { PanelSeries } from './panel-data.ts';

/** A table after its transformations: names of columns, and rows of texts and numbers. */
export interface TableRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | undefined)[])[];
}

interface Organized {
  readonly excludeByName: Readonly<Record<string, boolean>>;
  readonly indexByName: Readonly<Record<string, number>>;
  readonly renameByName: Readonly<Record<string, string>>;
}

/** Applies `merge` and `organize`, the transformations of the tables here, and sorts as the panel says. */
export function tableRows(panel: Panel, series: readonly PanelSeries[]): TableRows {
  const merged = new Map<string, Record<string, string | number>>();
  const isOnly = panel.targets!.length === 1;
  for (const { refId, labels, points } of series) {
    const key = JSON.stringify(Object.entries(labels).sort());
    const row = merged.get(key) ?? { ...labels };
    row[isOnly ? 'Value' : `Value #${refId}`] = points.at(-1)![1];
    merged.set(key, row);
  }
  const { excludeByName, indexByName, renameByName } = panel.transformations!.find(
    ({ id }) => id === 'organize',
  )!.options as Organized;
  const found = [...new Set([...merged.values()].flatMap((row) => Object.keys(row)))];
  const names = found
    .filter((name) => !excludeByName[name])
    .sort((a, b) => (indexByName[a] ?? found.length) - (indexByName[b] ?? found.length));
  const columns = names.map((name) => renameByName[name] ?? name);
  const rows = [...merged.values()].map((row) => names.map((name) => row[name]));
  const [sort] =
    (panel.options as { sortBy?: readonly { displayName: string; desc: boolean }[] }).sortBy ?? [];
  const by = sort ? columns.indexOf(sort.displayName) : -1;
  if (by >= 0) rows.sort((a, b) => (sort!.desc ? -1 : 1) * (Number(a[by]) - Number(b[by])));
  return { columns, rows };
}
