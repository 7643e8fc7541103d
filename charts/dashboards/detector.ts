import { PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { dashboard } from './dashboard.ts';
import { inDetectorColors } from './detector-colors.ts';
import { seriesLink } from './links.ts';
import { colors, lowShareIsGood, noneIsGood, steps } from './palette.ts';
import { bars, lines, stat } from './panels.ts';
import { defectShareByDetector } from './service-level.ts';
import { matching, scopeVariables } from './variables.ts';

const streams = matching('stream');
const detectors = matching('detector');
const monitors = matching('monitor');
const ofStream = 'region, namespace, monitor, stream';
const notRecorded = 'No data: is a shard scraped, and are the recording rules loaded?';
const notScraped = 'No data: is a shard scraped?';
const delays = (by: string) =>
  `sum by (${by}) (increase(streammonitor_detection_delay_seconds_bucket{${monitors}, detector=~"$detector"}[$__range]))`;

const glance = [
  stat({
    title: 'Open incidents',
    description:
      'Critical incidents, and those that disturb, that are open at this moment. Advisory ones are left out.',
    unit: Short,
    width: 6,
    thresholds: noneIsGood,
    empty: notRecorded,
    queries: [
      {
        expr: `sum(stream_detector:streammonitor_defect_active:max{${detectors}, severity=~"critical|warning"})`,
        legend: 'incidents',
      },
    ],
  }),
  stat({
    title: 'Incidents',
    description: 'Incidents opened in the chosen time.',
    unit: Short,
    decimals: 0,
    width: 6,
    empty: notScraped,
    queries: [
      { expr: `sum(increase(streammonitor_defects_total{${detectors}}[$__range]))`, legend: 'incidents' },
    ],
  }),
  stat({
    title: 'Time to detection',
    description: 'From the onset of a defect to its incident: 95 % were faster, in the chosen time.',
    unit: Seconds,
    decimals: 1,
    width: 6,
    empty: 'No incident was opened',
    queries: [{ expr: `histogram_quantile(0.95, ${delays('le')})`, legend: '95 %' }],
  }),
  stat({
    title: 'Cannot tell',
    description:
      'Share of pairs of stream and detector that cannot tell at this moment, such as without sound.',
    unit: PercentUnit,
    decimals: 1,
    width: 6,
    thresholds: steps(colors.good, [0.1, colors.blind]),
    empty: notScraped,
    queries: [
      {
        expr: `avg(max by (${ofStream}, detector) (streammonitor_detector_unknown{${detectors}}))`,
        legend: 'cannot tell',
      },
    ],
  }),
];

const defects = [
  inDetectorColors(
    lines({
      title: 'Share of time with defects, by detector',
      description:
        'Of each watched second of all chosen streams, how much had a critical defect or one that disturbs.',
      unit: PercentUnit,
      min: 0,
      width: 12,
      stacked: true,
      empty: notRecorded,
      queries: [{ expr: defectShareByDetector(detectors, streams), legend: '{{detector}}' }],
    }),
  ),
  lines({
    title: 'Incidents per hour, by kind',
    decimals: 0,
    description:
      'Incidents opened in the hour before. Many short ones on many streams are more often a setting than a fault.',
    unit: Short,
    min: 0,
    width: 12,
    empty: notScraped,
    queries: [
      {
        expr: `sum by (detector, kind) (increase(streammonitor_defects_total{${detectors}}[1h]))`,
        legend: '{{detector}}: {{kind}}',
      },
    ],
  }),
  bars({
    title: 'Worst streams',
    description:
      'The fifteen streams with the most time with critical defects of the chosen detectors, or ones that disturb, as a share of watched time.',
    unit: PercentUnit,
    decimals: 2,
    min: 0,
    width: 12,
    height: 10,
    thresholds: lowShareIsGood,
    empty: 'No defect in the chosen time',
    queries: [
      {
        expr: `topk(15, sum by (${ofStream}, detector) (sum_over_time(stream_detector:streammonitor_defect_seconds:rate5m{${detectors}, severity=~"critical|warning"}[$__range])) / on (${ofStream}) group_left () (sum by (${ofStream}) (sum_over_time(stream:streammonitor_monitored_seconds:rate5m{${streams}}[$__range])) > 0) > 0)`,
        legend: '{{namespace}}/{{monitor}} {{stream}}: {{detector}}',
      },
    ],
  }).dataLinks([seriesLink()]),
  bars({
    title: 'Incidents per stream',
    description: 'The fifteen streams with the most incidents of the chosen detectors in the chosen time.',
    unit: Short,
    decimals: 0,
    min: 0,
    width: 12,
    height: 10,
    empty: 'No incident was opened',
    queries: [
      {
        expr: `topk(15, sum by (${ofStream}, detector) (increase(streammonitor_defects_total{${detectors}}[$__range])) > 0)`,
        legend: '{{namespace}}/{{monitor}} {{stream}}: {{detector}}',
      },
    ],
  }).dataLinks([seriesLink()]),
];

const quality = [
  bars({
    title: 'Time to detection, by detector',
    description: 'From the onset of a defect to its incident: 95 % were faster, in the chosen time.',
    unit: Seconds,
    decimals: 1,
    min: 0,
    width: 8,
    empty: 'No incident was opened',
    queries: [
      { expr: `sort_desc(histogram_quantile(0.95, ${delays('le, detector')}) > 0)`, legend: '{{detector}}' },
    ],
  }),
  lines({
    title: 'Time to detection over time',
    description: 'Of the incidents opened in the hour before. Nothing is shown while there were none.',
    unit: Seconds,
    min: 0,
    width: 8,
    empty: 'No incident was opened',
    queries: [0.5, 0.95, 0.99].map((quantile) => ({
      expr: `histogram_quantile(${quantile}, sum by (le) (increase(streammonitor_detection_delay_seconds_bucket{${monitors}, detector=~"$detector"}[1h])))`,
      legend: `${quantile * 100} %`,
    })),
  }),
  inDetectorColors(
    lines({
      title: 'Streams on which it cannot tell',
      description: 'An absence of incidents says nothing there. The report of the shard says why.',
      unit: Short,
      min: 0,
      width: 8,
      empty: notScraped,
      queries: [
        {
          expr: `sum by (detector) (max by (${ofStream}, detector) (streammonitor_detector_unknown{${detectors}}))`,
          legend: '{{detector}}',
        },
      ],
    }),
  ),
];

/** What each detector finds, how fast, and where it cannot tell. */
export const detector = dashboard({
  name: 'detector',
  title: 'StreamMonitor / Detector',
  description: 'What each detector finds, how fast, and where it cannot tell.',
  from: 'now-24h',
  variables: scopeVariables('detector'),
  sections: [
    { title: 'At a glance', panels: glance },
    { title: 'Defects', panels: defects },
    { title: 'How well it works', panels: quality },
  ],
});
