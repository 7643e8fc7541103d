import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';

/** The Prometheus that a person chose for the whole dashboard. */
export const datasource = { type: 'prometheus', uid: `\${datasource}` } as const;

export const datasourceVariable = new DatasourceVariableBuilder('datasource')
  .label('Data source')
  .type('prometheus');

type Scope = 'region' | 'namespace' | 'monitor' | 'stream' | 'detector';

/** Each narrows the next: what a choice offers depends on the choices before. */
const scopes: readonly { readonly name: Scope; readonly label: string; readonly description: string }[] = [
  { name: 'region', label: 'Region', description: 'Region or vantage point of the installation.' },
  { name: 'namespace', label: 'Namespace', description: 'Namespace of the StreamMonitor.' },
  { name: 'monitor', label: 'StreamMonitor', description: 'Name of the StreamMonitor.' },
  { name: 'stream', label: 'Stream', description: 'Name of the stream in its StreamMonitor.' },
  { name: 'detector', label: 'Detector', description: 'Type of the detector.' },
];

/** Label matchers of the first choices down to one of them. */
export function matching(last: Scope): string {
  return upTo(last)
    .map(({ name }) => `${name}=~"$${name}"`)
    .join(', ');
}

/** Choices down to one of them, filled from the series of `metric`; `without` leaves some out. */
export function scopeVariables(
  last: Scope,
  { metric = 'streammonitor_stream_up', without = [] }: { metric?: string; without?: readonly Scope[] } = {},
) {
  return upTo(last)
    .filter(({ name }) => !without.includes(name))
    .map(({ name, label, description }, index, chosen) => {
      const narrowed = chosen.slice(0, index).map((scope) => `${scope.name}=~"$${scope.name}"`);
      const source = name === 'detector' ? 'streammonitor_detector_unknown' : metric;
      return (
        new QueryVariableBuilder(name)
          .label(label)
          .description(description)
          .datasource(datasource)
          .query({
            query: `label_values(${source}{${narrowed.join(', ')}}, ${name})`,
            refId: `variable-${name}`,
          })
          .refresh(VariableRefresh.OnTimeRangeChanged)
          .sort(VariableSort.NaturalAsc)
          .multi(true)
          .includeAll(true)
          // An installation without a region has series without that label, which match this and not `.+`.
          .allValue('.*')
          .current({ selected: true, text: 'All', value: '$__all' })
      );
    });
}

function upTo(last: Scope) {
  return scopes.slice(0, scopes.findIndex(({ name }) => name === last) + 1);
}
