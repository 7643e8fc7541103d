import { PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { dashboard } from './dashboard.ts';
import { inDetectorColors } from './detector-colors.ts';
import { seriesLink } from './links.ts';
import { colors, highShareIsGood, lowShareIsGood, noneIsGood } from './palette.ts';
import { bars, lines, stat } from './panels.ts';
import {
  blindShare,
  defectFreeShare,
  defectShare,
  defectShareByDetector,
  ratesThatCounted,
} from './service-level.ts';
import { streamTable } from './stream-table.ts';
import { perMinute } from './units.ts';
import { matching, scopeVariables } from './variables.ts';

const streams = matching('stream');
const detectors = matching('detector');
const monitors = matching('monitor');
const active = 'stream_detector:streammonitor_defect_active:max';
const ofStream = ['region', 'namespace', 'monitor', 'stream'];
const notRecorded = 'No data: is a shard scraped, and are the recording rules loaded?';

const glance = [
  stat({
    title: 'Free of defects',
    description:
      'Share of the watched time of all chosen streams without a critical defect or one that disturbs. Blind time is in neither.',
    unit: PercentUnit,
    decimals: 3,
    width: 4,
    thresholds: highShareIsGood,
    empty: notRecorded,
    queries: [{ expr: defectFreeShare(streams), legend: 'free of defects' }],
  }),
  stat({
    title: 'Streams with a critical defect',
    description: 'Streams that viewers cannot watch at this moment.',
    unit: Short,
    width: 4,
    thresholds: noneIsGood,
    empty: notRecorded,
    queries: [
      {
        expr: `sum(max by (${ofStream.join(', ')}) (${active}{${detectors}, severity="critical"}) > bool 0)`,
        legend: 'streams',
      },
    ],
  }),
  stat({
    title: 'Streams down',
    description: 'Streams that bring no media at this moment. Nothing is known of their picture and sound.',
    unit: Short,
    width: 4,
    thresholds: noneIsGood,
    empty: notRecorded,
    queries: [{ expr: `sum(stream:streammonitor_up:max{${streams}} == bool 0)`, legend: 'streams' }],
  }),
  stat({
    title: 'Streams',
    description: 'Streams that shards are told to watch.',
    unit: Short,
    width: 4,
    empty: notRecorded,
    queries: [{ expr: `count(stream:streammonitor_up:max{${streams}})`, legend: 'streams' }],
  }),
  stat({
    title: 'Blind',
    description:
      'Share of the time in which streams should have been watched and were not. It is never counted as good.',
    unit: PercentUnit,
    decimals: 2,
    width: 4,
    thresholds: lowShareIsGood,
    empty: notRecorded,
    queries: [{ expr: blindShare(streams), legend: 'blind' }],
  }),
  stat({
    title: 'Incidents',
    description: 'Incidents opened in the chosen time, of all severities.',
    unit: Short,
    decimals: 0,
    width: 4,
    empty: 'No data: is a shard scraped?',
    queries: [
      { expr: `sum(increase(streammonitor_defects_total{${detectors}}[$__range]))`, legend: 'incidents' },
    ],
  }),
];

const where = [
  inDetectorColors(
    lines({
      title: 'Share of time with defects, by detector',
      description:
        'Of each watched second of all chosen streams, how much had a critical defect or one that disturbs. Zero is good.',
      unit: PercentUnit,
      min: 0,
      width: 12,
      stacked: true,
      empty: notRecorded,
      queries: [{ expr: defectShareByDetector(detectors, streams), legend: '{{detector}}' }],
    }),
  ),
  lines({
    title: 'Open incidents, by severity',
    description:
      'Incidents that are open at each moment: critical cannot be watched, warning disturbs, info is advisory.',
    unit: Short,
    min: 0,
    width: 12,
    stacked: true,
    empty: notRecorded,
    seriesColors: { critical: colors.critical, warning: colors.warning, info: colors.info },
    queries: [{ expr: `sum by (severity) (${active}{${detectors}})`, legend: '{{severity}}' }],
  }),
  streamTable({
    title: 'Worst streams',
    description:
      'The twenty streams with the largest share of time with defects. A name leads to the stream.',
    width: 16,
    height: 10,
    empty: notRecorded,
    columns: [
      {
        legend: 'with defects',
        unit: PercentUnit,
        thresholds: lowShareIsGood,
        expr: `topk(20, ${defectShare(streams, ofStream)})`,
      },
      {
        legend: 'blind',
        unit: PercentUnit,
        thresholds: lowShareIsGood,
        expr: `${blindShare(streams, ofStream)} and on (${ofStream.join(', ')}) topk(20, ${defectShare(streams, ofStream)})`,
      },
    ],
  }),
  bars({
    title: 'Share of time with defects, by StreamMonitor',
    description: 'The ten StreamMonitors with the largest share of watched time with defects.',
    unit: PercentUnit,
    decimals: 2,
    min: 0,
    width: 8,
    height: 10,
    thresholds: lowShareIsGood,
    empty: notRecorded,
    queries: [
      {
        expr: `topk(10, ${defectShare(streams, ['region', 'namespace', 'monitor'])})`,
        legend: '{{region}} {{namespace}}/{{monitor}}',
      },
    ],
  }),
  lines({
    title: 'Burn rate of the worst streams',
    description:
      'How many times faster than its objective allows a stream had defects in the last hour. At 1 it just meets its objective; at 14.4 somebody is paged.',
    unit: Short,
    min: 0,
    width: 24,
    empty: notRecorded,
    queries: [
      {
        expr: `topk(10, stream:streammonitor_defect:ratio_rate1h{${streams}} / on () group_left () (1 - streammonitor:defect_free_objective:ratio))`,
        legend: '{{region}} {{namespace}}/{{monitor}} {{stream}}',
      },
    ],
  }).dataLinks([seriesLink()]),
];

const watching = [
  lines({
    title: 'Streams, by phase',
    seriesColors: {
      Up: colors.good,
      Down: colors.critical,
      Starting: colors.info,
      Ended: colors.neutral,
    },
    description:
      'Up: media arrives. Down: it does not. Starting: none has arrived yet. Ended: a finite source is over.',
    unit: Short,
    min: 0,
    width: 8,
    stacked: true,
    empty: 'No data: is a shard scraped?',
    queries: [
      {
        expr: `count by (phase) (max by (${ofStream.join(', ')}, phase) (streammonitor_stream_state{${streams}}))
or 0 * count by (phase) (last_over_time(streammonitor_stream_state{${streams}}[$__range]))`,
        legend: '{{phase}}',
      },
    ],
  }),
  lines({
    title: 'Blind streams, by reason',
    description: 'How many streams were blind at each moment, and why.',
    unit: Short,
    min: 0,
    width: 8,
    stacked: true,
    empty: 'No data: is a shard scraped?',
    queries: [
      {
        expr: ratesThatCounted(`streammonitor_blind_seconds_total{${streams}}`, 'reason'),
        legend: '{{reason}}',
      },
    ],
  }),
  lines({
    title: 'Time to detection',
    description:
      'From the onset of a defect to its incident, of the incidents opened in the hour before. Nothing is shown while there were none.',
    unit: Seconds,
    min: 0,
    width: 8,
    empty: 'No incident was opened',
    queries: [0.5, 0.95].map((quantile) => ({
      expr: `histogram_quantile(${quantile}, sum by (le) (increase(streammonitor_detection_delay_seconds_bucket{${monitors}, detector=~"$detector"}[1h])))`,
      legend: `${quantile * 100} %`,
    })),
  }),
];

const delivery = [
  lines({
    title: 'Notifications, by outcome',
    description: 'Failed and dropped are lost; retried are attempts, and are tried again.',
    unit: perMinute,
    min: 0,
    width: 6,
    empty: 'No data: is a shard scraped?',
    queries: [
      {
        expr: `60 * sum by (sink, outcome) (rate(streammonitor_notifications_total{${monitors}}[$__rate_interval]))`,
        legend: '{{sink}} {{outcome}}',
      },
    ],
  }),
  lines({
    title: 'Time to notification',
    description:
      'From what a notification tells of to its acknowledgement by the receiver: 95 % were faster.',
    unit: Seconds,
    min: 0,
    width: 6,
    empty: 'No notification was sent',
    queries: [
      {
        expr: `histogram_quantile(0.95, sum by (le, sink) (increase(streammonitor_notification_latency_seconds_bucket{${monitors}}[1h])))`,
        legend: '{{sink}} 95 %',
      },
    ],
  }),
  lines({
    title: 'Results and spool',
    description:
      'Fullness of the fullest spool, and the share of the last hour’s uploads that were lost. Zero is good.',
    unit: PercentUnit,
    min: 0,
    width: 6,
    empty: 'No data: is a shard scraped?',
    queries: [
      {
        expr: `max(streammonitor_spool_bytes{region=~"$region"} / streammonitor_spool_limit_bytes{region=~"$region"})`,
        legend: 'fullest spool',
      },
      {
        expr: `sum(increase(streammonitor_result_uploads_total{region=~"$region", outcome=~"failed|dropped"}[1h])) / clamp_min(sum(increase(streammonitor_result_uploads_total{region=~"$region", outcome!="retried"}[1h])), 1)`,
        legend: 'uploads lost',
      },
    ],
  }),
  lines({
    title: 'Corrective actions, by outcome',
    description:
      'Failed were refused; abandoned were not answered before the incident closed; cooldown were due and put off.',
    unit: perMinute,
    min: 0,
    width: 6,
    empty: 'No action is configured',
    queries: [
      {
        expr: `60 * sum by (action, outcome) (rate(streammonitor_actions_total{${monitors}}[$__rate_interval]))`,
        legend: '{{action}} {{outcome}}',
      },
    ],
  }),
];

/** How all streams are, and which are not well. */
export const fleet = dashboard({
  name: 'fleet',
  title: 'StreamMonitor / Fleet',
  description: 'How all streams are at a glance, and which of them are not well.',
  from: 'now-6h',
  variables: scopeVariables('detector'),
  sections: [
    { title: 'At a glance', panels: glance },
    { title: 'Where', panels: where },
    { title: 'Watching', panels: watching },
    { title: 'Delivery', panels: delivery },
  ],
});
