import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { PrometheusServer } from '../../../test/integration/prometheus-server.ts';
import { escaped } from './escaped.ts';
import { type Asked, panelData } from './panel-data.ts';
import { type PanelBody, panelBody } from './panel-html.ts';

/** A dashboard as a document that `draw-lines.ts` completes. */
export interface DashboardDocument {
  readonly html: string;
  /** Titles of the panels that have only their text for that. */
  readonly emptyPanels: readonly string[];
}

/**
 * Asks every query of a dashboard and lays its panels out in the grid of Grafana.
 * @throws Error naming the panel whose query Prometheus refuses, or that is not drawn here
 */
export async function dashboardDocument(
  prometheus: PrometheusServer,
  dashboard: Dashboard,
  asked: Asked,
): Promise<DashboardDocument> {
  const drawn = await Promise.all(
    dashboard.panels!.map(async (panel) => ({
      panel,
      body: await bodyOf(prometheus, panel as Panel, asked),
    })),
  );
  const plots = drawn.flatMap(({ body }) => body?.plot ?? []);
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escaped(dashboard.title!)}</title>
<link rel="stylesheet" href="uplot.css">
<link rel="stylesheet" href="dashboard.css">
<script type="importmap">{"imports": {"uplot": "./uplot.js"}}</script>
<header><h1>${escaped(dashboard.title!)}</h1>${choices(dashboard, asked)}</header>
<main>${drawn.map(({ panel, body }) => placed(panel as Panel, body)).join('\n')}</main>
<script type="application/json" id="plots">${JSON.stringify(plots).replaceAll('<', '\\u003c')}</script>
<script type="module" src="draw-lines.ts"></script>
</html>`;
  const emptyPanels = drawn.filter(({ body }) => body?.isEmpty).map(({ panel }) => panel.title!);
  return { html, emptyPanels };
}

async function bodyOf(
  prometheus: PrometheusServer,
  panel: Panel,
  asked: Asked,
): Promise<PanelBody | undefined> {
  if (panel.type === 'row') return undefined;
  try {
    return panelBody(panel, await panelData(prometheus, panel, asked), asked);
  } catch (cause) {
    throw new Error(`the panel ${panel.title} is not drawn: ${(cause as Error).message}`, { cause });
  }
}

function placed(panel: Panel, body: PanelBody | undefined): string {
  const { x, y, w, h } = panel.gridPos!;
  const area = `style="grid-area: ${y + 1} / ${x + 1} / span ${h} / span ${w}"`;
  const title = escaped(panel.title!);
  return body ? `<section ${area}><h3>${title}</h3>${body.html}</section>` : `<h2 ${area}>⌄ ${title}</h2>`;
}

function choices(dashboard: Dashboard, { choices: chosen = {}, seconds }: Asked): string {
  const variables = dashboard.templating.list!.filter(({ type }) => type !== 'datasource');
  const texts = variables.map(({ name, label, current, type }) => {
    const text = type === 'query' ? (chosen[name!] ?? 'All') : String(current?.text);
    return `${label}: ${text}`;
  });
  return [...texts, `Last ${Math.round(seconds / 6) / 10} minutes`]
    .map((text) => `<span>${escaped(text)}</span>`)
    .join('');
}
