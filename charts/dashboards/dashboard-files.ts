import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { cost } from './cost.ts';
import { detector } from './detector.ts';
import { fleet } from './fleet.ts';
import { operator } from './operator.ts';
import { stream } from './stream.ts';

const builders = { fleet, stream, detector, operator, cost };
const folder = 'charts/stream-monitor/dashboards/';

/** Every dashboard as Grafana takes it, by the name of its file. */
export const dashboards: Readonly<Record<string, Dashboard>> = Object.fromEntries(
  Object.entries(builders).map(([name, builder]) => [name, settled(builder.build())]),
);

/** Contents of every generated file, by path from the root of the repository. */
export function dashboardFiles(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(dashboards).map(([name, dashboard]) => [
      `${folder}${name}.json`,
      `${JSON.stringify(dashboard, undefined, 2)}\n`,
    ]),
  );
}

/** Panels with numbers of their own, so that a link to one stays; links in sight rather than in a menu. */
function settled(dashboard: Dashboard): Dashboard {
  return {
    ...dashboard,
    panels: dashboard.panels!.map((panel, index) => ({ ...panel, id: index + 1 })),
    links: dashboard.links!.map(({ placement: _, ...link }) => link),
  };
}
