import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  DashboardBuilder,
  DashboardCursorSync,
  type Panel,
  RowBuilder,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { otherDashboards, tag } from './links.ts';
import { datasourceVariable } from './variables.ts';

/** Panels under a heading. */
export interface Section {
  readonly title: string;
  readonly panels: readonly Builder<Panel>[];
}

/** A dashboard as all of them look: chooses its Prometheus, links to the others, is read-only for it is generated. */
export function dashboard({
  name,
  title,
  description,
  from,
  variables,
  sections,
}: {
  /** Of its file and in its address. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Begin of the range of time that it opens with, such as `now-6h`. */
  readonly from: string;
  readonly variables: readonly Builder<VariableModel>[];
  readonly sections: readonly Section[];
}): DashboardBuilder {
  const builder = new DashboardBuilder(title)
    .uid(`streammonitor-${name}`)
    .description(description)
    .tags([tag])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from, to: 'now' })
    .refresh('30s')
    .timezone('browser')
    .variables([datasourceVariable, ...variables])
    .link(otherDashboards);
  for (const section of sections) {
    builder.withRow(new RowBuilder(section.title));
    for (const panel of section.panels) builder.withPanel(panel);
  }
  return builder;
}
