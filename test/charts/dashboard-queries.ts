import { dashboards } from '../../charts/dashboards/dashboard-files.ts';

/** One query of a panel. */
export interface PanelQuery {
  readonly dashboard: string;
  readonly panel: string;
  readonly expr: string;
  readonly legend: string;
  /** Whether it asks for one moment, rather than for a course over time. */
  readonly instant: boolean;
}

/** Every query of every dashboard, with its variables. */
export const panelQueries: readonly PanelQuery[] = Object.entries(dashboards).flatMap(
  ([dashboard, { panels }]) =>
    panels!.flatMap((panel) =>
      'targets' in panel
        ? (panel.targets ?? []).map((target) => ({
            dashboard,
            panel: panel.title!,
            ...queryOf(target as Target),
          }))
        : [],
    ),
);

/** What fills a variable of a dashboard: the values of the label of its name. */
export interface VariableQuery {
  readonly dashboard: string;
  readonly name: string;
  /** The series that have the label. */
  readonly metric: string;
}

/** @throws Error where a variable takes another label than that of its name */
export const variableQueries: readonly VariableQuery[] = Object.entries(dashboards).flatMap(
  ([dashboard, { templating }]) =>
    templating
      .list!.filter(({ type }) => type === 'query')
      .map(({ name, query }) => ({ dashboard, name: name!, metric: metricOf(name!, query) })),
);

function metricOf(name: string, query: unknown): string {
  const { query: text } = query as { query: string };
  const [, metric, label] = /^label_values\((.*), (\w+)\)$/.exec(text) ?? [];
  if (metric === undefined || label !== name) throw new Error(`the variable ${name} is filled by ${text}`);
  return metric;
}

/**
 * The query as Grafana sends it: all is chosen of the variables that `choices` do not name.
 * @param range the chosen time, as a PromQL duration
 */
export function interpolated(
  expr: string,
  range: string,
  rateInterval = range,
  choices: Readonly<Record<string, string>> = {},
): string {
  return expr
    .replaceAll('$__rate_interval', rateInterval)
    .replaceAll('$__range', range)
    .replaceAll('$price', '0.0425')
    .replaceAll(/"\$(\w+)"/g, (_, name: string) => `"${choices[name] ?? '.*'}"`);
}

interface Target {
  readonly expr?: string;
  readonly legendFormat?: string;
  readonly instant?: boolean;
}

function queryOf({ expr = '', legendFormat = '', instant = false }: Target) {
  return { expr, legend: legendFormat, instant };
}
