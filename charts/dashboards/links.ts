import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard';

/** Tag of every dashboard here, by which they find each other. */
export const tag = 'streammonitor';

/** The other dashboards, with the same choices and the same time. */
export const otherDashboards = new DashboardLinkBuilder('StreamMonitor')
  .type(DashboardLinkType.Dashboards)
  .tags([tag])
  .includeVars(true)
  .keepTime(true);

/** From a stream in a table, or from a series with its labels, to what is known of it. */
export function streamLink(from: 'table' | 'series') {
  const choices = ['namespace', 'monitor', 'stream'].map(
    (label) =>
      `var-${label}=\${${from === 'table' ? `__data.fields.${label}` : `__field.labels.${label}`}:percentencode}`,
  );
  return {
    title: 'This stream',
    url: `/d/streammonitor-stream?\${__url_time_range}&\${datasource:queryparam}&${choices.join('&')}`,
  };
}

/** As a link of all values of a panel. */
export function seriesLink(): DashboardLinkBuilder {
  const { title, url } = streamLink('series');
  return new DashboardLinkBuilder(title).url(url);
}
