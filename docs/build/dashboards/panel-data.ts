import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { interpolated } from '../../../test/charts/dashboard-queries.ts';
import type { PrometheusServer, Series } from '../../../test/integration/prometheus-server.ts';

/** What a query of a panel answered, as one line, bar or number. */
export interface PanelSeries {
  readonly refId: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds since 1970, and the value at each; not a number where Prometheus says NaN. */
  readonly points: readonly (readonly [number, number])[];
}

/** What is asked: the last `seconds`, one value every `step`, with these choices. */
export interface Asked {
  readonly end: number;
  readonly seconds: number;
  readonly step: number;
  readonly rateInterval: string;
  /** Chosen values of variables; of the others all are. */
  readonly choices?: Readonly<Record<string, string>>;
}

interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat: string;
  readonly instant?: boolean;
}

/** Asks Prometheus what Grafana would ask for a panel. @throws Error with Prometheus' own words */
export async function panelData(
  prometheus: PrometheusServer,
  panel: Panel,
  asked: Asked,
): Promise<readonly PanelSeries[]> {
  const answers = (panel.targets as unknown as readonly Target[]).map(async (target) => {
    const query = interpolated(target.expr, `${asked.seconds}s`, asked.rateInterval, asked.choices);
    const series = target.instant
      ? await prometheus.query(query, asked.end)
      : await prometheus.course(query, asked.seconds, asked);
    return series.map((each) => panelSeries(each, target));
  });
  return (await Promise.all(answers)).flat();
}

function panelSeries({ metric, value, values }: Series, { refId, legendFormat }: Target): PanelSeries {
  const points = (values ?? [value!]).map(([time, text]) => [time, number(text)] as const);
  return { refId, name: legend(legendFormat, metric), labels: metric, points };
}

/** A label that the series lacks leaves nothing. */
export function legend(format: string, labels: Readonly<Record<string, string>>): string {
  return format.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (_, label: string) => labels[label] ?? '').trim();
}

function number(text: string): number {
  return text.endsWith('Inf') ? Number(text.replace('+', '').replace('Inf', 'Infinity')) : Number(text);
}

/** Without what has no value at all. */
export function withValues(series: readonly PanelSeries[]): readonly PanelSeries[] {
  return series.filter(({ points }) => points.some(([, value]) => !Number.isNaN(value)));
}
