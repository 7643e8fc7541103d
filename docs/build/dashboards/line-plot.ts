import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Asked, PanelSeries } from './panel-data.ts';
import { colorOf, fieldStyle, seriesColor } from './panel-style.ts';
import type { ValueStyle } from './panel-values.ts';

/** A panel of lines as the browser draws it. */
export interface LinePlot {
  readonly id: number;
  readonly from: number;
  readonly to: number;
  readonly style: ValueStyle;
  readonly min: number | null;
  readonly max: number | null;
  /** Seconds since 1970. */
  readonly times: readonly number[];
  /** Stacked ones already lie on top of those before. */
  readonly lines: readonly PlotLine[];
  readonly stacked: boolean;
  readonly width: number;
  /** Of the area below a line, 0 to 1. */
  readonly opacity: number;
  readonly levels: readonly { readonly at: number; readonly color: string }[];
}

export interface PlotLine {
  readonly name: string;
  readonly color: string;
  readonly values: readonly (number | null)[];
  /** What the legend says, of the values themselves. */
  readonly last: number | null;
  readonly highest: number | null;
}

interface Custom {
  readonly fillOpacity?: number;
  readonly lineWidth?: number;
  readonly stacking?: { readonly mode: string };
  readonly thresholdsStyle?: { readonly mode: string };
}

export function linePlot(panel: Panel, series: readonly PanelSeries[], asked: Asked): LinePlot {
  const { defaults } = panel.fieldConfig!;
  const { fillOpacity = 0, lineWidth = 1, stacking, thresholdsStyle } = (defaults.custom ?? {}) as Custom;
  const style = fieldStyle(panel);
  const times = [...new Set(series.flatMap(({ points }) => points.map(([time]) => time)))].sort(
    (a, b) => a - b,
  );
  const stacked = stacking?.mode === 'normal';
  const values = series.map((each) => valuesAt(times, each));
  const drawn = stacked ? onTop(values) : values;
  return {
    id: panel.id!,
    from: asked.end - asked.seconds,
    to: asked.end,
    style: { unit: style.unit, decimals: style.decimals },
    min: style.min ?? null,
    max: style.max ?? null,
    times,
    lines: series.map(({ name }, index) => ({
      name,
      color: fieldStyle(panel, name).fixed ?? seriesColor(index),
      values: drawn[index]!,
      last: values[index]!.findLast((value) => value !== null) ?? null,
      highest: highest(values[index]!),
    })),
    stacked,
    width: lineWidth,
    opacity: fillOpacity / 100,
    levels:
      thresholdsStyle && thresholdsStyle.mode !== 'off'
        ? style.steps
            .filter(({ value }) => value !== null)
            .map(({ value, color }) => ({ at: value!, color: colorOf(color) }))
        : [],
  };
}

function valuesAt(times: readonly number[], { points }: PanelSeries): (number | null)[] {
  const found = new Map(points);
  return times.map((time) => {
    const value = found.get(time);
    return value === undefined || !Number.isFinite(value) ? null : value;
  });
}

/** Each on the sum of those before; what is missing adds nothing. */
function onTop(values: readonly (readonly (number | null)[])[]): (number | null)[][] {
  const sums: number[] = [];
  return values.map((line) =>
    line.map((value, index) => {
      sums[index] = (sums[index] ?? 0) + (value ?? 0);
      return sums[index];
    }),
  );
}

function highest(values: readonly (number | null)[]): number | null {
  return values.reduce(
    (most, value) => (value !== null && (most === null || value > most) ? value : most),
    null,
  );
}
