import { expect, test } from 'vitest';
import {
  interpolated,
  type PanelQuery,
  panelQueries,
  type VariableQuery,
  variableQueries,
} from '../charts/dashboard-queries.ts';
import { alertRules, recordingRules } from '../charts/rule-files.ts';
import type { PrometheusServer, Series } from './prometheus-server.ts';
import { eventually } from './run-process.ts';

/** Whether there is a number in it: a share of nothing is NaN. */
export function hasData(series: readonly Series[]): boolean {
  return series.some(({ value, values }) =>
    (values ?? [value!]).some(([, number]) => !Number.isNaN(Number(number))),
  );
}

/**
 * Tests that every rule, panel and variable of a dashboard has data, and that a frozen stream has its alert.
 * @param prometheus that scrapes streams of `sports` in the region `lab`, of which one named `frozen` is frozen
 */
export function answersEverything(prometheus: () => PrometheusServer, namespace: string): void {
  test.each(recordingRules)('the rule $record has data', async ({ record }) => {
    expect(await answered(prometheus(), record, { expr: record, instant: true })).toBe(true);
  });

  test.each(panelQueries)('$dashboard: $panel ($legend) has data', async (query) => {
    expect(await answered(prometheus(), query.panel, query)).toBe(true);
  });

  test.each(variableQueries)('$dashboard offers a choice of $name', async (variable) => {
    const values = await choices(prometheus(), variable);
    expect(values).not.toContain(undefined);
    expect(values).not.toEqual([]);
  });

  test('all rules are evaluated without an error, and the frozen stream has its alert', async () => {
    const rules = await prometheus().rules();
    expect(rules).toHaveLength(recordingRules.length + alertRules.length);
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    const labels = `region="lab", namespace="${namespace}", monitor="sports", stream="frozen", detector="freeze"`;
    const alert = `ALERTS{alertname="StreamDefect", alertstate="firing", ${labels}}`;
    await eventually('the alert', async () => (await prometheus().query(alert)).length === 1, 90);
  });
}

/** Asks as Grafana does when all is chosen, until there is data. */
function answered(
  prometheus: PrometheusServer,
  name: string,
  { expr, instant }: Pick<PanelQuery, 'expr' | 'instant'>,
): Promise<boolean> {
  const query = interpolated(expr, '2m', '20s');
  const ask = () => (instant ? prometheus.query(query) : prometheus.course(query, 120));
  return eventually(`data of ${name}`, async () => hasData(await ask()), 75);
}

/** What a variable of a dashboard offers; undefined for series that lack its label. */
async function choices(
  prometheus: PrometheusServer,
  { name, metric }: VariableQuery,
): Promise<(string | undefined)[]> {
  const series = await prometheus.query(`group by (${name}) (${interpolated(metric, '2m')})`);
  return series.map((each) => each.metric[name]);
}
