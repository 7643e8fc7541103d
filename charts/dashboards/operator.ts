import { BytesIEC, PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { dashboard } from './dashboard.ts';
import { colors, noneIsGood, steps, words } from './palette.ts';
import { lines, stat, timeline } from './panels.ts';
import { cores, perSecond } from './units.ts';
import { matching, scopeVariables } from './variables.ts';

const region = 'region=~"$region"';
const namespaces = matching('namespace');
const empty = 'No data: is the operator scraped?';
const rate = (metric: string, by: string) => `sum by (${by}) (rate(${metric}{${region}}[$__rate_interval]))`;

const glance = [
  stat({
    title: 'Leaders',
    description: 'Operators that lead: one in each region. The others stand by.',
    unit: Short,
    width: 4,
    thresholds: steps(colors.critical, [1, colors.good]),
    empty,
    queries: [{ expr: `sum(streammonitor_operator_leader{${region}})`, legend: 'leaders' }],
  }),
  stat({
    title: 'Operators',
    description: 'Processes of the operator that answer.',
    unit: Short,
    width: 4,
    empty,
    queries: [{ expr: `count(streammonitor_operator_leader{${region}})`, legend: 'operators' }],
  }),
  stat({
    title: 'Streams placed',
    description: 'Streams, or parts of their detectors, that a shard is told to watch.',
    unit: Short,
    width: 4,
    empty,
    queries: [
      { expr: `sum(streammonitor_operator_streams{${namespaces}, state="placed"})`, legend: 'placed' },
    ],
  }),
  stat({
    title: 'Streams left out',
    description: 'Streams that are not watched for want of capacity.',
    unit: Short,
    width: 4,
    thresholds: noneIsGood,
    empty,
    queries: [
      { expr: `sum(streammonitor_operator_streams{${namespaces}, state="shed"})`, legend: 'left out' },
    ],
  }),
  stat({
    title: 'Shards',
    description: 'Shards of all pools, whatever their health.',
    unit: Short,
    width: 4,
    empty,
    queries: [{ expr: `sum(streammonitor_operator_shards{${namespaces}})`, legend: 'shards' }],
  }),
  stat({
    title: 'Halted pools',
    description:
      'Pools into which nothing is moved until somebody has looked, as streams do not start there.',
    unit: Short,
    width: 4,
    thresholds: noneIsGood,
    empty,
    queries: [{ expr: `sum(streammonitor_operator_pool_halted{${namespaces}})`, legend: 'pools' }],
  }),
];

const placement = [
  lines({
    title: 'Shards, by health',
    seriesColors: {
      Ready: colors.good,
      Starting: colors.info,
      Draining: colors.warning,
      Unknown: colors.blind,
      Lost: colors.critical,
    },
    description:
      'Starting: not ready yet. Unknown: no answer. Draining: its node is to be emptied. Lost: its streams go elsewhere at once.',
    unit: Short,
    min: 0,
    width: 8,
    stacked: true,
    empty,
    queries: [
      { expr: `sum by (health) (streammonitor_operator_shards{${namespaces}})`, legend: '{{health}}' },
    ],
  }),
  lines({
    title: 'Streams, by what the plan says',
    seriesColors: { placed: colors.good, waiting: colors.info, shed: colors.critical },
    description: 'Waiting: a move is due and held back by the budget or the cool-down. Shed: no capacity.',
    unit: Short,
    min: 0,
    width: 8,
    stacked: true,
    empty,
    queries: [
      { expr: `sum by (state) (streammonitor_operator_streams{${namespaces}})`, legend: '{{state}}' },
    ],
  }),
  lines({
    title: 'Moves, by cause',
    decimals: 0,
    description:
      'Streams placed, moved and taken away within five minutes. A steady rate without a cause is churn.',
    unit: Short,
    min: 0,
    width: 8,
    empty: 'No stream was placed or moved',
    queries: [
      {
        expr: `sum by (cause) (increase(streammonitor_operator_moves_total{${region}}[5m]))`,
        legend: '{{cause}}',
      },
    ],
  }),
  lines({
    title: 'Planned CPU of each pool',
    description: 'CPU that the streams of a pool are planned with, as a share of what its shards ask for.',
    unit: PercentUnit,
    min: 0,
    width: 12,
    empty,
    queries: [
      {
        expr: `sum by (namespace, pool) (streammonitor_operator_pool_planned_cores{${namespaces}}) / (sum by (namespace, pool) (streammonitor_operator_pool_capacity_cores{${namespaces}}) > 0)`,
        legend: '{{namespace}} {{pool}}',
      },
    ],
  }),
  timeline({
    title: 'Who leads',
    description: 'Which process of the operator led at each moment.',
    unit: Short,
    width: 12,
    empty,
    mappings: words([0, 'stands by', colors.info], [1, 'leads', colors.good]),
    queries: [{ expr: `streammonitor_operator_leader{${region}}`, legend: '{{pod}} {{instance}}' }],
  }),
];

const work = [
  lines({
    title: 'Reconciles, by how they ended',
    description: 'Errors are tried again with growing pauses; requeued ones met a change of somebody else.',
    unit: perSecond,
    min: 0,
    width: 8,
    empty,
    queries: [
      {
        expr: rate('streammonitor_operator_reconciles_total', 'controller, result'),
        legend: '{{controller}} {{result}}',
      },
    ],
  }),
  lines({
    title: 'Time of a reconcile',
    description:
      '95 % of those in the five minutes before were faster. In quiet times a namespace is planned once a minute.',
    unit: Seconds,
    min: 0,
    width: 8,
    empty,
    queries: [
      {
        expr: `histogram_quantile(0.95, sum by (le, controller) (rate(streammonitor_operator_reconcile_seconds_bucket{${region}}[5m])))`,
        legend: '{{controller}}',
      },
      {
        expr: `histogram_quantile(0.95, sum by (le) (rate(streammonitor_operator_plan_seconds_bucket{${region}}[5m])))`,
        legend: 'planning alone',
      },
    ],
  }),
  lines({
    title: 'Waiting for a reconcile',
    description: 'Namespaces to plan and statuses to write. Near zero is good.',
    unit: Short,
    min: 0,
    width: 8,
    empty,
    queries: [
      {
        expr: `sum by (controller) (streammonitor_operator_queue_depth{${region}})`,
        legend: '{{controller}}',
      },
    ],
  }),
  lines({
    title: 'Statuses',
    description: 'Written, failed, and left out as they said the same or came too soon.',
    unit: perSecond,
    min: 0,
    width: 8,
    empty,
    queries: [
      { expr: rate('streammonitor_operator_status_writes_total', 'result'), legend: '{{result}}' },
      {
        expr: `sum(rate(streammonitor_operator_status_writes_suppressed_total{${region}}[$__rate_interval]))`,
        legend: 'left out',
      },
    ],
  }),
  lines({
    title: 'Questions to shards',
    description: 'How shards answered when they were asked for their reports.',
    unit: perSecond,
    min: 0,
    width: 8,
    empty,
    queries: [{ expr: rate('streammonitor_operator_report_polls_total', 'result'), legend: '{{result}}' }],
  }),
  lines({
    title: 'Events given up',
    description:
      'Kubernetes Events that were not recorded within five minutes, as too many were waiting. Zero is good.',
    unit: Short,
    min: 0,
    width: 8,
    empty,
    queries: [
      {
        expr: `sum(increase(streammonitor_operator_events_dropped_total{${region}}[5m]))`,
        legend: 'given up',
      },
    ],
  }),
];

const api = [
  lines({
    title: 'Requests to the API server, by answer',
    description: 'HTTP status, or why there was no answer.',
    unit: perSecond,
    min: 0,
    width: 12,
    empty,
    queries: [{ expr: rate('streammonitor_operator_api_calls_total', 'code'), legend: '{{code}}' }],
  }),
  lines({
    title: 'Time of a request',
    description: '95 % were faster, by verb. Watches are left out.',
    unit: Seconds,
    min: 0,
    width: 12,
    empty,
    queries: [
      {
        expr: `histogram_quantile(0.95, ${rate('streammonitor_operator_api_call_seconds_bucket', 'le, verb')})`,
        legend: '{{verb}}',
      },
    ],
  }),
  lines({
    title: 'Age of watches',
    description:
      'Time since the API server last said anything; about a minute in quiet times. Above three somebody is told.',
    unit: Seconds,
    min: 0,
    width: 12,
    thresholds: steps(colors.good, [180, colors.warning]),
    limits: true,
    empty,
    queries: [
      {
        expr: `max by (resource) (streammonitor_operator_watch_age_seconds{${region}})`,
        legend: '{{resource}}',
      },
    ],
  }),
  lines({
    title: 'Watches opened again, and lists',
    decimals: 0,
    description: 'Within five minutes. Ended watches are normal; lists of all objects should be rare.',
    unit: Short,
    min: 0,
    width: 12,
    empty,
    queries: [
      {
        expr: `sum by (cause) (increase(streammonitor_operator_watch_reconnects_total{${region}}[5m]))`,
        legend: 'watch: {{cause}}',
      },
      {
        expr: `sum by (cause) (increase(streammonitor_operator_relists_total{${region}}[5m]))`,
        legend: 'list: {{cause}}',
      },
    ],
  }),
];

const processes = [
  lines({
    title: 'CPU of the operator',
    description: 'CPU that each process of the operator takes, in cores.',
    unit: cores,
    min: 0,
    width: 8,
    empty,
    queries: [
      {
        expr: `rate(streammonitor_operator_process_cpu_seconds_total{${region}}[$__rate_interval])`,
        legend: '{{pod}} {{instance}}',
      },
    ],
  }),
  lines({
    title: 'Memory of the operator',
    description: 'Resident memory. It grows with the number of streams, and not with time.',
    unit: BytesIEC,
    min: 0,
    width: 8,
    empty,
    queries: [
      {
        expr: `streammonitor_operator_process_resident_memory_bytes{${region}}`,
        legend: '{{pod}} {{instance}}',
      },
    ],
  }),
  lines({
    title: 'Lag of the event loop',
    description: '99 % of the delays were shorter. Above a tenth of a second the operator is late.',
    unit: Seconds,
    min: 0,
    width: 8,
    empty,
    queries: [
      {
        expr: `streammonitor_operator_nodejs_eventloop_lag_p99_seconds{${region}}`,
        legend: '{{pod}} {{instance}}',
      },
    ],
  }),
];

/** How the operator is, and what it does with streams and shards. */
export const operator = dashboard({
  name: 'operator',
  title: 'StreamMonitor / Operator',
  description: 'How the operator is, and what it does with streams and shards.',
  from: 'now-6h',
  variables: scopeVariables('namespace', { metric: 'streammonitor_operator_streams' }),
  sections: [
    { title: 'At a glance', panels: glance },
    { title: 'Streams and shards', panels: placement },
    { title: 'Work', panels: work },
    { title: 'API server', panels: api },
    { title: 'Processes', panels: processes },
  ],
});
