import { stringify } from 'yaml';
import { parseAssignment } from '../../../crds/assignment.ts';
import { parseShardReport } from '../../../crds/shard-report.ts';
import { parseStreamList } from '../../../crds/stream-list.ts';
import { parseStreamMonitors, StreamMonitorFileError } from '../../../crds/stream-monitor-file.ts';
import type { Random } from '../../accuracy/random.ts';
import { damagedDocument, damagedText, hostileText } from '../mutations.ts';
import { type FuzzTarget, never } from '../target.ts';

const detector = {
  enabled: true,
  severity: 'warning',
  minDuration: 2,
  mergeGap: 5,
  parameters: { level: 1 },
};
const incident = {
  ...{
    id: 'a',
    stream: 'channel-1',
    detector: 'freeze',
    kind: 'freeze',
    severity: 'critical',
    state: 'open',
  },
  ...{ start: 1, startTime: '2026-01-01T00:00:00Z', score: 1, reconnects: 0, evidence: {} },
};
const secret = { name: 'live', key: 'token' };
const assignment = {
  ...{ apiVersion: 'shards.streammonitor.dev/v1alpha1', kind: 'Assignment', shard: 'shard-0', generation: 1 },
  monitors: {
    'live/sports': { namespace: 'live', name: 'sports', detectors: { freeze: detector }, notifications: [] },
  },
  streams: [
    {
      ...{
        monitor: 'live/sports',
        name: 'channel-1',
        url: 'https://o.example/a.m3u8',
        detectors: ['freeze'],
      },
      ...{
        role: 'owner',
        rendition: { maxHeight: 720 },
        headersFrom: secret,
        reference: { urlFrom: secret },
      },
      adopt: { from: 'shard-1', watermarkTime: '2026-01-01T00:00:00Z', incidents: [] },
    },
  ],
};
const report = {
  ...{ apiVersion: assignment.apiVersion, kind: 'ShardReport', shard: 'shard-0', bootId: 'b', generation: 1 },
  ...{
    time: '2026-01-01T00:00:00Z',
    startedAt: '2026-01-01T00:00:00Z',
    cpuSeconds: 1,
    memoryBytes: 1,
    spoolBytes: 0,
  },
  dropped: { notifications: 0, results: 0 },
  streams: [
    {
      ...{ phase: 'Up', reason: 'Receiving', message: 'frames arrive', since: '2026-01-01T00:00:00Z' },
      ...{
        monitor: 'live/sports',
        name: 'channel-1',
        role: 'owner',
        detectors: ['freeze'],
        unknown: { freeze: 'x' },
      },
      ...{ monitoredSeconds: 1, blindSeconds: 0, defectSeconds: 0, cpuSeconds: 1, closedIncidents: [] },
      ...{ openIncidents: [incident], watermarkTime: '2026-01-01T00:00:00Z' },
    },
  ],
};
const monitor = {
  ...{ apiVersion: 'streammonitor.dev/v1alpha1', kind: 'StreamMonitor', metadata: { name: 'sports' } },
  spec: {
    streams: [
      { name: 'channel-1', url: 'https://o.example/a.m3u8', rendition: { heights: [720, 480] } },
      {
        name: 'channel-2',
        urlFrom: { secretKeyRef: secret },
        expect: { slates: [], static: [{ cron: '0 3 * * *', duration: '1h' }] },
      },
    ],
    detectors: { freeze: { severity: 'critical', minDuration: '3s' }, black: { enabled: false } },
    notifications: [{ match: { severity: 'critical' }, webhook: { url: 'https://p.example/h' } }],
    results: { s3: { bucket: 'results' } },
  },
};

const yamlWords = (random: Random) => {
  const text = hostileText(random);
  return [
    ...[
      '---',
      '- &a [*a, *a]',
      '  - *b',
      `a: &a [${'x,'.repeat(50)}]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]`,
      '\t- x',
      '{',
    ],
    ...[
      `${text}: ${JSON.stringify(text)}`,
      '- '.repeat(500),
      '['.repeat(2000),
      '!!js/function "x"',
      '!!binary "====="',
    ],
    ...['? {a: b}\n: c', '<<: *a', '%YAML 9.9', '- url: https://user:pass@o.example/'],
  ];
};

const yaml = (random: Random, document: unknown): Buffer => {
  const text = stringify(random.chance(0.6) ? damagedDocument(random, document) : document);
  return random.chance(0.6) ? damagedText(random, text, yamlWords(random)) : Buffer.from(text);
};
const json = (random: Random, document: unknown) =>
  Buffer.from(JSON.stringify(damagedDocument(random, document)) ?? '');
const named = (start: string) => (error: unknown) =>
  error instanceof Error && error.constructor === Error && error.message.startsWith(start);

export const documents: readonly FuzzTarget[] = [
  {
    name: 'assignment',
    input: (random) => json(random, assignment),
    run: (input) => parseAssignment(JSON.parse(input.toString())),
    allows: named('assignment: '),
  },
  {
    name: 'shard-report',
    input: (random) => json(random, report),
    run: (input) => parseShardReport(JSON.parse(input.toString())),
    allows: named('shard report: '),
  },
  {
    name: 'stream-monitor',
    input: (random) => yaml(random, monitor),
    run: (input) => parseStreamMonitors(input.toString(), 'live.yaml'),
    allows: (error) => error instanceof StreamMonitorFileError,
  },
  {
    name: 'stream-list',
    input: (random) => yaml(random, monitor.spec.streams),
    run: (input) => parseStreamList(input.toString(), { configMap: 'list', key: 'streams' }),
    allows: never,
  },
];
