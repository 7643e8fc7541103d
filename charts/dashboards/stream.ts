import { PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { dashboard } from './dashboard.ts';
import { inDetectorColors } from './detector-colors.ts';
import { colors, highShareIsGood, inSync, lowShareIsGood, steps, words } from './palette.ts';
import { bars, lines, stat, timeline } from './panels.ts';
import { blindShare, defectFreeShare, ratesThatCounted } from './service-level.ts';
import { cores, loudness, loudnessRange, perMinute, truePeak } from './units.ts';
import { matching, scopeVariables } from './variables.ts';

const streams = matching('stream');
const detectors = matching('detector');
const ofStream = 'region, namespace, monitor, stream';
const active = 'stream_detector:streammonitor_defect_active:max';
const notRecorded = 'No data: is a shard scraped, and are the recording rules loaded?';
const notScraped = 'No data: is the shard of the stream scraped?';

/** 0 none, else the worst severity of what is open. */
const worstOpen = ['critical', 'warning', 'info']
  .map((severity, index) => `(${active}{${detectors}, severity="${severity}"} > bool 0) * ${3 - index}`)
  .join('\n  or ');

const glance = [
  stat({
    title: 'Free of defects',
    description:
      'Share of the watched time without a critical defect or one that disturbs. Blind time is in neither.',
    unit: PercentUnit,
    decimals: 3,
    width: 4,
    thresholds: highShareIsGood,
    empty: notRecorded,
    queries: [{ expr: defectFreeShare(streams), legend: 'free of defects' }],
  }),
  stat({
    title: 'Media',
    description: 'Whether media arrives at this moment, on all chosen streams.',
    unit: Short,
    width: 4,
    mappings: words([0, 'down', colors.critical], [1, 'arrives', colors.good]),
    empty: notRecorded,
    queries: [{ expr: `min(stream:streammonitor_up:max{${streams}})`, legend: 'media' }],
  }),
  stat({
    title: 'Blind',
    description:
      'Share of the time in which the stream should have been watched and was not. It is never counted as good.',
    unit: PercentUnit,
    decimals: 2,
    width: 4,
    thresholds: lowShareIsGood,
    empty: notRecorded,
    queries: [{ expr: blindShare(streams), legend: 'blind' }],
  }),
  stat({
    title: 'Pictures',
    description: 'Frames analysed per second of a stream.',
    unit: 'fps',
    decimals: 1,
    width: 4,
    empty: notScraped,
    queries: [
      {
        expr: `sum(rate(streammonitor_frames_total{${streams}}[$__rate_interval])) / count(stream:streammonitor_up:max{${streams}})`,
        legend: 'frames',
      },
    ],
  }),
  stat({
    title: 'Sound against picture',
    description:
      'Latest measured offset, the furthest of the chosen streams; positive when sound is early. Measured only where the stream carries a marker or has a reference.',
    unit: Seconds,
    width: 4,
    thresholds: inSync,
    empty: 'Not measured',
    queries: [
      {
        expr: `round(topk(1, abs(streammonitor_av_offset_seconds{${streams}})) * sgn(streammonitor_av_offset_seconds{${streams}}), 0.001)`,
        legend: '{{stream}}',
      },
    ],
  }),
  stat({
    title: 'CPU',
    description:
      'CPU that watching takes: converters, and their share of the processes that analyse, in cores.',
    unit: cores,
    decimals: 2,
    width: 4,
    empty: notRecorded,
    queries: [{ expr: `sum(stream:streammonitor_cpu_seconds:rate5m{${streams}})`, legend: 'cores' }],
  }),
];

const defects = [
  timeline({
    title: 'Defects, by detector',
    description: 'The worst open incident of each detector at each moment.',
    unit: Short,
    width: 24,
    height: 9,
    empty: notRecorded,
    mappings: words(
      [0, 'none', colors.good],
      [1, 'info', colors.info],
      [2, 'warning', colors.warning],
      [3, 'critical', colors.critical],
    ),
    queries: [
      {
        expr: `max by (${ofStream}, detector) (\n  ${worstOpen}\n)`,
        legend: '{{stream}} {{detector}}',
      },
    ],
  }),
  inDetectorColors(
    lines({
      title: 'Share of time with defects, by detector',
      description:
        'Of each watched second, how much had a defect of the detector, of any severity. Zero is good.',
      unit: PercentUnit,
      min: 0,
      width: 12,
      empty: notRecorded,
      queries: [
        {
          expr: `clamp_max(sum by (${ofStream}, detector) (stream_detector:streammonitor_defect_seconds:rate5m{${detectors}}) / on (${ofStream}) group_left () (stream:streammonitor_monitored_seconds:rate5m{${streams}} > 0), 1)`,
          legend: '{{stream}} {{detector}}',
        },
      ],
    }),
  ),
  bars({
    title: 'Incidents',
    description: 'Incidents opened in the chosen time, by detector, kind and severity.',
    unit: Short,
    decimals: 0,
    min: 0,
    width: 6,
    empty: 'No incident was opened',
    queries: [
      {
        expr: `sort_desc(sum by (detector, kind, severity) (increase(streammonitor_defects_total{${detectors}}[$__range])) > 0)`,
        legend: '{{detector}}: {{kind}} ({{severity}})',
      },
    ],
  }),
  timeline({
    title: 'What detectors can tell',
    description:
      'Where a detector cannot tell, an absence of its incidents says nothing. The report of the shard says why.',
    unit: Short,
    width: 6,
    empty: notScraped,
    mappings: words([0, 'can tell', colors.good], [1, 'cannot tell', colors.blind]),
    queries: [
      {
        expr: `max by (${ofStream}, detector) (streammonitor_detector_unknown{${detectors}})`,
        legend: '{{stream}} {{detector}}',
      },
    ],
  }),
];

const watching = [
  timeline({
    title: 'Media',
    description: 'Whether media arrived at each moment.',
    unit: Short,
    width: 12,
    height: 6,
    empty: notRecorded,
    mappings: words([0, 'down', colors.critical], [1, 'arrives', colors.good]),
    queries: [
      { expr: `stream:streammonitor_up:max{${streams}}`, legend: '{{namespace}}/{{monitor}} {{stream}}' },
    ],
  }),
  lines({
    title: 'Blind time, by reason',
    description: 'How much of each second the chosen streams were blind, and why.',
    unit: Short,
    min: 0,
    width: 12,
    height: 6,
    stacked: true,
    empty: notScraped,
    queries: [
      {
        expr: ratesThatCounted(`streammonitor_blind_seconds_total{${streams}}`, 'reason', ['stream']),
        legend: '{{stream}} {{reason}}',
      },
    ],
  }),
  lines({
    title: 'Pictures',
    description: 'Frames analysed per second. A live stream keeps its rate.',
    unit: 'fps',
    min: 0,
    width: 8,
    empty: notScraped,
    queries: [
      {
        expr: `sum by (${ofStream}) (rate(streammonitor_frames_total{${streams}}[$__rate_interval]))`,
        legend: '{{namespace}}/{{monitor}} {{stream}}',
      },
    ],
  }),
  lines({
    title: 'Sound against picture',
    description:
      'Latest measured offset; positive when sound is early, negative when it is late. Viewers notice 45 ms early and 125 ms late.',
    unit: Seconds,
    width: 8,
    thresholds: inSync,
    limits: true,
    empty: 'Not measured: the stream has neither marker nor reference',
    queries: [
      {
        expr: `round(streammonitor_av_offset_seconds{${streams}}, 0.001)`,
        legend: '{{namespace}}/{{monitor}} {{stream}}',
      },
    ],
  }),
  lines({
    title: 'Sources opened again, by reason',
    description: 'How often per minute the source was opened anew. Zero is good.',
    unit: perMinute,
    min: 0,
    width: 8,
    empty: notScraped,
    queries: [
      {
        expr: ratesThatCounted(`streammonitor_stream_reconnects_total{${streams}}`, 'reason', ['stream'], 60),
        legend: '{{stream}} {{reason}}',
      },
    ],
  }),
  lines({
    title: 'Transport evidence',
    description:
      'Lost packets and segments, decoder errors per minute. Clean random access points are left out.',
    unit: perMinute,
    min: 0,
    width: 12,
    empty: notScraped,
    queries: [
      {
        expr: `60 * sum by (stream, evidence) (rate(streammonitor_transport_evidence_total{${streams}, evidence!="random-access"}[$__rate_interval]))`,
        legend: '{{stream}} {{evidence}}',
      },
    ],
  }),
  lines({
    title: 'CPU',
    description: 'CPU that watching the stream takes, in cores.',
    unit: cores,
    min: 0,
    width: 12,
    empty: notRecorded,
    queries: [
      {
        expr: `stream:streammonitor_cpu_seconds:rate5m{${streams}}`,
        legend: '{{namespace}}/{{monitor}} {{stream}}',
      },
    ],
  }),
  lines({
    title: 'Loudness',
    description:
      'In LUFS: of three seconds, and gated over the last hour. EBU R 128 asks for −23, ATSC A/85 for −24.',
    unit: loudness,
    decimals: 1,
    width: 8,
    empty: 'Not measured: no sound, or the detector is off',
    queries: [
      {
        expr: `streammonitor_loudness_lufs{${streams}, window=~"short-term|integrated"}`,
        legend: '{{stream}} {{window}}',
      },
    ],
  }),
  lines({
    title: 'Loudness range',
    description: 'How far loud and quiet parts of the last hour are apart, in LU (EBU Tech 3342).',
    unit: loudnessRange,
    decimals: 1,
    width: 8,
    empty: 'Not measured: no sound, less than a minute of it, or the detector is off',
    queries: [
      {
        expr: `streammonitor_loudness_range_lu{${streams}}`,
        legend: '{{namespace}}/{{monitor}} {{stream}}',
      },
    ],
  }),
  lines({
    title: 'True peak',
    description:
      'Highest level between the samples of the last minute, in dBTP. Above −1 lossy coding clips.',
    unit: truePeak,
    decimals: 1,
    width: 8,
    thresholds: steps(colors.good, [-1, colors.warning]),
    limits: true,
    empty: 'Not measured: no sound, or the detector is off',
    queries: [
      { expr: `streammonitor_true_peak_dbtp{${streams}}`, legend: '{{namespace}}/{{monitor}} {{stream}}' },
    ],
  }),
];

/** All that is known of one stream, or of a few beside each other. */
export const stream = dashboard({
  name: 'stream',
  title: 'StreamMonitor / Stream',
  description: 'All that is known of one stream, or of a few beside each other.',
  from: 'now-3h',
  variables: scopeVariables('detector'),
  sections: [
    { title: 'At a glance', panels: glance },
    { title: 'Defects', panels: defects },
    { title: 'Watching', panels: watching },
  ],
});
