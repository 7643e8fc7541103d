import { PanelBuilder as BarGauge } from '@grafana/grafana-foundation-sdk/bargauge';
import {
  BarGaugeDisplayMode,
  BarGaugeSizing,
  BigValueColorMode,
  BigValueGraphMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import type { ThresholdsConfigBuilder, ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimeline } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';
import { type Color, plain } from './palette.ts';
import { datasource } from './variables.ts';

/** One PromQL query, and what its series are called. */
export interface Query {
  readonly expr: string;
  /** May name labels, as `{{stream}}`. */
  readonly legend: string;
}

/** What every panel says. */
export interface PanelOptions {
  readonly title: string;
  /** What it shows, and what is good. */
  readonly description: string;
  /** A unit of Grafana's. */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** Instead of a graph of nothing. */
  readonly empty: string;
  /** Of 24 columns. */
  readonly width: number;
  readonly height?: number;
  readonly decimals?: number;
  readonly min?: number;
  readonly max?: number;
  readonly thresholds?: ThresholdsConfigBuilder;
  readonly mappings?: ValueMapping[];
}

/** A query for the present moment, or for the whole range of time at once. */
export function instantQuery({ expr, legend }: Query, index: number): DataqueryBuilder {
  return query({ expr, legend }, index).instant();
}

/** The same as the rows of a table. */
export function tableQuery({ expr, legend }: Query, index: number): DataqueryBuilder {
  return instantQuery({ expr, legend }, index).format(PromQueryFormat.Table);
}

function rangeQuery({ expr, legend }: Query, index: number): DataqueryBuilder {
  return query({ expr, legend }, index).range();
}

function query({ expr, legend }: Query, index: number): DataqueryBuilder {
  return new DataqueryBuilder()
    .datasource(datasource)
    .refId(String.fromCharCode('A'.charCodeAt(0) + index))
    .expr(expr.trim())
    .legendFormat(legend);
}

/** One large number. */
export function stat(options: PanelOptions): Stat {
  return common(new Stat(), { height: 4, ...options })
    .targets(options.queries.map(instantQuery))
    .reduceOptions(lastValue())
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.None);
}

/** Values beside each other, the first of the query on top. */
export function bars(options: PanelOptions): BarGauge {
  return common(new BarGauge(), options)
    .targets(options.queries.map(instantQuery))
    .reduceOptions(lastValue())
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .showUnfilled(true)
    .sizing(BarGaugeSizing.Manual)
    .minVizHeight(16)
    .maxVizHeight(32);
}

export interface LineOptions extends PanelOptions {
  /** Where the sum means something. */
  readonly stacked?: boolean;
  /** Draws the thresholds. */
  readonly limits?: boolean;
  /** Colours of series by name: of states that are good or bad. */
  readonly seriesColors?: Readonly<Record<string, Color>>;
}

/** Lines over time, those that were highest first in the legend. Areas are filled where zero is below them. */
export function lines({
  stacked = false,
  limits = false,
  seriesColors = {},
  ...options
}: LineOptions): TimeSeries {
  const panel = common(new TimeSeries(), options)
    .targets(options.queries.map(rangeQuery))
    .fillOpacity(stacked ? 40 : options.min === 0 ? 10 : 0)
    .lineWidth(1)
    .showPoints(VisibilityMode.Auto)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(['lastNotNull', 'max'])
        .sortBy('Max')
        .sortDesc(true),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (stacked) panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  for (const [name, fixedColor] of Object.entries(seriesColors)) {
    panel.overrideByName(name, [{ id: 'color', value: { mode: 'fixed', fixedColor } }]);
  }
  if (limits) {
    panel.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  }
  return panel;
}

/** What was when: one row a series, one colour a state. */
export function timeline(options: PanelOptions & { readonly mappings: ValueMapping[] }): StateTimeline {
  return common(new StateTimeline(), options)
    .targets(options.queries.map(rangeQuery))
    .showValue(VisibilityMode.Never)
    .rowHeight(0.8)
    .mergeValues(true)
    .fillOpacity(80)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs([]),
    );
}

/** What all kinds of panel can be told. */
interface Configurable {
  title(title: string): this;
  description(description: string): this;
  datasource(reference: typeof datasource): this;
  unit(unit: string): this;
  noValue(text: string): this;
  span(columns: number): this;
  height(rows: number): this;
  thresholds(thresholds: ThresholdsConfigBuilder): this;
  decimals(decimals: number): this;
  min(min: number): this;
  max(max: number): this;
  mappings(mappings: ValueMapping[]): this;
}

/** Puts on a panel what every panel says. */
export function common<P extends Configurable>(panel: P, options: Omit<PanelOptions, 'queries'>): P {
  const { title, description, unit, empty, width, height = 8, thresholds = plain } = options;
  panel.title(title).description(description).datasource(datasource).unit(unit).noValue(empty);
  panel.span(width).height(height).thresholds(thresholds);
  if (options.decimals !== undefined) panel.decimals(options.decimals);
  if (options.min !== undefined) panel.min(options.min);
  if (options.max !== undefined) panel.max(options.max);
  if (options.mappings !== undefined) panel.mappings(options.mappings);
  return panel;
}

function lastValue(): ReduceDataOptionsBuilder {
  return new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false);
}
