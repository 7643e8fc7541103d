import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { escaped } from './escaped.ts';
import { type LinePlot, linePlot } from './line-plot.ts';
import { type Asked, type PanelSeries, withValues } from './panel-data.ts';
import { fieldStyle, said, valueColor } from './panel-style.ts';
import { formatted } from './panel-values.ts';
import { tableRows } from './table-rows.ts';

/** What is inside a panel; lines are drawn later, into an empty box. */
export interface PanelBody {
  readonly html: string;
  readonly plot?: LinePlot;
  /** It has only its text for that. */
  readonly isEmpty: boolean;
}

type Draw = (panel: Panel, series: readonly PanelSeries[], asked: Asked) => Omit<PanelBody, 'isEmpty'>;

const kinds: Readonly<Record<string, Draw>> = {
  stat: (panel, series) => ({ html: series.map((each) => stat(panel, each)).join('') }),
  bargauge: (panel, series) => ({ html: bars(panel, series) }),
  table: (panel, series) => ({ html: table(panel, series) }),
  'state-timeline': (panel, series, asked) => ({ html: timeline(panel, series, asked) }),
  timeseries: (panel, series, asked) => {
    const plot = linePlot(panel, series, asked);
    return { html: `<div class="plot" data-plot="${panel.id}"></div>${legendTable(panel, plot)}`, plot };
  },
};

/** @throws RangeError for a kind of panel, unit or colour that is not drawn here */
export function panelBody(panel: Panel, answered: readonly PanelSeries[], asked: Asked): PanelBody {
  const draw = kinds[panel.type!];
  if (!draw) throw new RangeError(`panels of the type ${panel.type} are not drawn here: ${panel.title}`);
  const series = withValues(answered);
  if (series.length > 0) return { ...draw(panel, series, asked), isEmpty: false };
  const { noValue = 'No data' } = panel.fieldConfig!.defaults;
  return { html: `<p class="empty">${escaped(noValue)}</p>`, isEmpty: true };
}

function lastValue({ points }: PanelSeries): number {
  return points.findLast(([, value]) => !Number.isNaN(value))![1];
}

function stat(panel: Panel, series: PanelSeries): string {
  const style = fieldStyle(panel, series.name);
  const value = lastValue(series);
  const text = said(value, style);
  // A column of the grid is some 58 pixels wide, and a digit 0.65 of its height.
  const size = Math.min(38, (54 * panel.gridPos!.w) / (0.65 * text.length));
  const look = `color: ${valueColor(value, style)}; font-size: ${size.toFixed(0)}px`;
  return `<p class="stat" style="${look}">${escaped(text)}</p>`;
}

function bars(panel: Panel, series: readonly PanelSeries[]): string {
  const { minVizHeight, maxVizHeight } = panel.options as { minVizHeight: number; maxVizHeight: number };
  const highest = fieldStyle(panel).max ?? Math.max(...series.map(lastValue));
  const rows = series.map((each) => {
    const style = fieldStyle(panel, each.name);
    const value = lastValue(each);
    const color = style.fixed ?? valueColor(value, style);
    const share = highest > 0 ? (100 * Math.max(value, 0)) / highest : 0;
    return (
      `<span class="name">${escaped(each.name)}</span>` +
      `<span class="bar"><i style="width: ${share.toFixed(1)}%; background: ${color}66; border-color: ${color}"></i></span>` +
      `<span class="number" style="color: ${color}">${escaped(said(value, style))}</span>`
    );
  });
  return `<div class="bars" style="grid-auto-rows: minmax(${minVizHeight}px, ${maxVizHeight}px)">${rows.join('')}</div>`;
}

function table(panel: Panel, series: readonly PanelSeries[]): string {
  const { columns, rows } = tableRows(panel, series);
  const cells = rows.map((row) =>
    row.map((value, index) => {
      if (typeof value !== 'number') return `<td>${escaped(value ?? '')}</td>`;
      const style = fieldStyle(panel, columns[index]);
      const color = style.coloredText ? ` style="color: ${valueColor(value, style)}"` : '';
      return `<td class="number"${color}>${escaped(said(value, style))}</td>`;
    }),
  );
  const heads = columns.map((name, index) => {
    const isNumber = rows.some((row) => typeof row[index] === 'number');
    return `<th${isNumber ? ' class="number"' : ''}>${escaped(name)}</th>`;
  });
  return `<table><tr>${heads.join('')}</tr>${cells.map((row) => `<tr>${row.join('')}</tr>`).join('')}</table>`;
}

/** One row a series; a state lasts until the next value, and a gap in the data is a gap in the row. */
function timeline(panel: Panel, series: readonly PanelSeries[], { end, seconds, step }: Asked): string {
  const at = (time: number) => (100 * (time - (end - seconds))) / seconds;
  const shown = new Map<string, string>();
  const rows = series.map(({ name, points }) => {
    const style = fieldStyle(panel, name);
    const spans: { from: number; to: number; value: number }[] = [];
    for (const [time, value] of points) {
      const last = spans.at(-1);
      if (last && last.value === value && time - last.to < step / 2) last.to = time + step;
      else spans.push({ from: time, to: time + step, value });
    }
    const drawn = spans.map(({ from, to, value }) => {
      const color = valueColor(value, style);
      shown.set(said(value, style), color);
      return `<i style="left: ${at(from).toFixed(2)}%; width: ${(at(Math.min(to, end)) - at(from)).toFixed(2)}%; background: ${color}"></i>`;
    });
    return `<span class="name">${escaped(name)}</span><span class="states">${drawn.join('')}</span>`;
  });
  const words = [...shown].map(
    ([word, color]) => `<span><b style="background: ${color}"></b>${escaped(word)}</span>`,
  );
  return `<div class="timeline">${rows.join('')}</div><p class="words">${words.join('')}</p>`;
}

const columnNames = { lastNotNull: 'Last *', max: 'Max' };

function legendTable(panel: Panel, { lines, style }: LinePlot): string {
  const { calcs, sortBy } = (panel.options as { legend: { calcs: readonly string[]; sortBy?: string } })
    .legend;
  const sorted =
    sortBy === columnNames.max ? lines.toSorted((a, b) => (b.highest ?? 0) - (a.highest ?? 0)) : lines;
  const heads = calcs.map(
    (calc) => `<th class="number">${columnNames[calc as keyof typeof columnNames] ?? calc}</th>`,
  );
  const rows = sorted.map(({ name, color, last, highest }) => {
    const numbers = calcs.map((calc) => {
      const value = calc === 'max' ? highest : last;
      return `<td class="number">${value === null ? '' : escaped(formatted(value, style))}</td>`;
    });
    return `<tr><td><b style="background: ${color}"></b>${escaped(name)}</td>${numbers.join('')}</tr>`;
  });
  return `<div class="legend"><table><tr><th>Name</th>${heads.join('')}</tr>${rows.join('')}</table></div>`;
}
