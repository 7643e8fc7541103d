import { TextBoxVariableBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { BytesIEC, Dollars, PercentUnit, Short } from '@grafana/grafana-foundation-sdk/units';
import { dashboard } from './dashboard.ts';
import { seriesLink } from './links.ts';
import { colors, steps } from './palette.ts';
import { bars, lines, stat } from './panels.ts';
import { streamTable } from './stream-table.ts';
import { cores } from './units.ts';
import { matching, scopeVariables } from './variables.ts';

const streams = matching('stream');
const namespaces = matching('namespace');
const ofStream = 'region, namespace, monitor, stream';
const cpu = 'stream:streammonitor_cpu_seconds:rate5m';
const capacity = `sum(streammonitor_operator_pool_capacity_cores{${namespaces}})`;
const notRecorded = 'No data: is a shard scraped, and are the recording rules loaded?';
const noOperator = 'No data: is the operator scraped?';

const price = new TextBoxVariableBuilder('price')
  .label('USD per core and hour')
  .description(
    'What one core costs in an hour. The default is the list price of a c6i.xlarge in us-east-1, by four.',
  )
  .defaultValue('0.0425')
  .current({ selected: true, text: '0.0425', value: '0.0425' });

const glance = [
  stat({
    title: 'Cost of a stream and hour',
    description: 'CPU that watching takes on average for one stream, at the price above.',
    unit: Dollars,
    decimals: 4,
    width: 4,
    empty: notRecorded,
    queries: [{ expr: `avg(${cpu}{${streams}}) * $price`, legend: 'a stream and hour' }],
  }),
  stat({
    title: 'Cost of a month',
    description: 'CPU that watching all chosen streams takes, at the price above, in 730 hours.',
    unit: Dollars,
    decimals: 2,
    width: 4,
    empty: notRecorded,
    queries: [{ expr: `sum(${cpu}{${streams}}) * $price * 730`, legend: 'a month' }],
  }),
  stat({
    title: 'Cost of a month as reserved',
    description:
      'CPU that the shards of the chosen namespaces ask for, at the price above, in 730 hours: what nodes must hold, used or not.',
    unit: Dollars,
    decimals: 2,
    width: 4,
    empty: noOperator,
    queries: [{ expr: `${capacity} * $price * 730`, legend: 'a month' }],
  }),
  stat({
    title: 'CPU of a stream',
    description: 'CPU that watching takes on average for one stream, in cores.',
    unit: cores,
    decimals: 3,
    width: 4,
    empty: notRecorded,
    queries: [{ expr: `avg(${cpu}{${streams}})`, legend: 'cores' }],
  }),
  stat({
    title: 'Streams',
    description: 'Streams that are watched.',
    unit: Short,
    width: 4,
    empty: notRecorded,
    queries: [{ expr: `count(${cpu}{${streams}})`, legend: 'streams' }],
  }),
  stat({
    title: 'Reserved CPU in use',
    description: 'CPU that watching takes in the chosen namespaces, as a share of what their shards ask for.',
    unit: PercentUnit,
    decimals: 0,
    width: 4,
    thresholds: steps(colors.warning, [0.4, colors.good], [0.9, colors.critical]),
    empty: noOperator,
    queries: [{ expr: `sum(${cpu}{${namespaces}}) / (${capacity} > 0)`, legend: 'in use' }],
  }),
];

const where = [
  lines({
    title: 'CPU, by StreamMonitor',
    description: 'CPU that watching the streams of each StreamMonitor takes, in cores.',
    unit: cores,
    min: 0,
    width: 12,
    stacked: true,
    empty: notRecorded,
    queries: [
      {
        expr: `sum by (region, namespace, monitor) (${cpu}{${streams}})`,
        legend: '{{region}} {{namespace}}/{{monitor}}',
      },
    ],
  }),
  lines({
    title: 'CPU used, planned and reserved',
    description:
      'Used: what watching takes. Planned: what the operator counts with, learned from what was used. Reserved: what shards ask for. In cores.',
    unit: cores,
    min: 0,
    width: 12,
    empty: notRecorded,
    queries: [
      { expr: `sum(${cpu}{${namespaces}})`, legend: 'used' },
      { expr: `sum(streammonitor_operator_pool_planned_cores{${namespaces}})`, legend: 'planned' },
      { expr: capacity, legend: 'reserved' },
    ],
  }),
  streamTable({
    title: 'Dearest streams',
    description:
      'The twenty streams that take the most CPU, what that costs in an hour, and their frames per second.',
    width: 14,
    height: 10,
    empty: notRecorded,
    columns: [
      { legend: 'CPU', unit: cores, expr: `topk(20, sum by (${ofStream}) (${cpu}{${streams}}))` },
      {
        legend: 'cost of an hour',
        unit: Dollars,
        expr: `topk(20, sum by (${ofStream}) (${cpu}{${streams}})) * $price`,
      },
      {
        legend: 'frames per second',
        unit: 'fps',
        expr: `sum by (${ofStream}) (rate(streammonitor_frames_total{${streams}}[$__rate_interval])) and on (${ofStream}) topk(20, ${cpu}{${streams}})`,
      },
    ],
  }),
  bars({
    title: 'Cost of a month, by StreamMonitor',
    description: 'CPU that watching takes, at the price above, in 730 hours.',
    unit: Dollars,
    decimals: 2,
    min: 0,
    width: 10,
    height: 10,
    empty: notRecorded,
    queries: [
      {
        expr: `topk(10, sum by (region, namespace, monitor) (${cpu}{${streams}})) * $price * 730`,
        legend: '{{region}} {{namespace}}/{{monitor}}',
      },
    ],
  }),
];

const shards = [
  lines({
    title: 'CPU of streams',
    description: 'CPU that watching each stream takes, of the ten dearest, in cores.',
    unit: cores,
    min: 0,
    width: 8,
    empty: notRecorded,
    queries: [{ expr: `topk(10, ${cpu}{${streams}})`, legend: '{{namespace}}/{{monitor}} {{stream}}' }],
  }).dataLinks([seriesLink()]),
  lines({
    title: 'CPU of processes that analyse',
    description: 'Of each shard, without the converters of its streams, in cores.',
    unit: cores,
    min: 0,
    width: 8,
    empty: 'No data: is a shard scraped?',
    queries: [
      {
        expr: 'rate(streammonitor_process_cpu_seconds_total{region=~"$region"}[$__rate_interval])',
        legend: '{{pod}} {{instance}}',
      },
    ],
  }),
  lines({
    title: 'Memory of processes that analyse',
    description: 'Resident memory of each shard, without the converters of its streams.',
    unit: BytesIEC,
    min: 0,
    width: 8,
    empty: 'No data: is a shard scraped?',
    queries: [
      {
        expr: 'streammonitor_process_resident_memory_bytes{region=~"$region"}',
        legend: '{{pod}} {{instance}}',
      },
    ],
  }),
];

/** What watching takes and costs, and where. */
export const cost = dashboard({
  name: 'cost',
  title: 'StreamMonitor / Cost',
  description: 'What watching takes and costs, and where.',
  from: 'now-24h',
  variables: [...scopeVariables('stream'), price],
  sections: [
    { title: 'At a glance', panels: glance },
    { title: 'Where', panels: where },
    { title: 'Streams and shards', panels: shards },
  ],
});
