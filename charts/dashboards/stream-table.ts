import {
  TableCellDisplayMode,
  TableCellHeight,
  TableSortByFieldStateBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table';
import { streamLink } from './links.ts';
import type { steps } from './palette.ts';
import { common, type PanelOptions, type Query, tableQuery } from './panels.ts';

/** A column of numbers: a query with one series for each stream. */
export interface Column extends Query {
  readonly unit: string;
  readonly thresholds?: ReturnType<typeof steps>;
}

/** One row a stream with a link to its dashboard, the highest of the first column on top. */
export function streamTable(
  options: Omit<PanelOptions, 'queries' | 'unit'> & { readonly columns: readonly [Column, ...Column[]] },
): Table {
  const { columns } = options;
  const values = columns.map(({ legend }, index) => [`Value #${letter(index)}`, legend] as const);
  const panel = common(new Table(), { unit: columns[0].unit, ...options })
    .targets(columns.map(tableQuery))
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: Object.fromEntries(
          ['region', 'namespace', 'monitor', 'stream', ...values.map(([name]) => name)].map((name, index) => [
            name,
            index,
          ]),
        ),
        renameByName: Object.fromEntries(columns.length === 1 ? [['Value', columns[0].legend]] : values),
      },
    })
    .cellHeight(TableCellHeight.Sm)
    .filterable(true)
    .sortBy([new TableSortByFieldStateBuilder().displayName(columns[0].legend).desc(true)])
    .overrideByName('stream', [{ id: 'links', value: [streamLink('table')] }]);
  for (const { legend, unit, thresholds } of columns) {
    panel.overrideByName(legend, [
      { id: 'unit', value: unit },
      ...(thresholds
        ? [
            { id: 'thresholds', value: thresholds.build() },
            { id: 'custom.cellOptions', value: { type: TableCellDisplayMode.ColorText } },
          ]
        : []),
    ]);
  }
  return panel;
}

function letter(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index);
}
