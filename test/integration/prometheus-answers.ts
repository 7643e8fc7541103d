import { interpolated, type PanelQuery, type VariableQuery } from '../charts/dashboard-queries.ts';
import type { PrometheusServer, Series } from './prometheus-server.ts';
import { eventually } from './run-process.ts';

/** Whether there is a number in it: a share of nothing is NaN. */
export function hasData(series: readonly Series[]): boolean {
  return series.some(({ value, values }) =>
    (values ?? [value!]).some(([, number]) => !Number.isNaN(Number(number))),
  );
}

/** Asks as Grafana does when all is chosen, until there is data. */
export function answered(
  prometheus: PrometheusServer,
  name: string,
  { expr, instant }: Pick<PanelQuery, 'expr' | 'instant'>,
): Promise<boolean> {
  const query = interpolated(expr, '2m', '20s');
  const ask = () => (instant ? prometheus.query(query) : prometheus.course(query, 120));
  return eventually(`data of ${name}`, async () => hasData(await ask()), 75);
}

/** What a variable of a dashboard offers; undefined for series that lack its label. */
export async function choices(
  prometheus: PrometheusServer,
  { name, metric }: VariableQuery,
): Promise<(string | undefined)[]> {
  const series = await prometheus.query(`group by (${name}) (${interpolated(metric, '2m')})`);
  return series.map((each) => each.metric[name]);
}
