import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { parseStreamMonitor, type StreamMonitorStatus } from '../../crds/stream-monitor.ts';
import { wholePodTemplate } from '../unit/resources/installation.ts';
import { type ControlPlane, startControlPlane } from './cluster/control-plane.ts';

const path = '/apis/streammonitor.dev/v1alpha1/namespaces/default/streammonitors';
const definition = await readFile(
  new URL('../../crds/streammonitor.dev_streammonitors.yaml', import.meta.url),
  'utf8',
);
const url = 'https://origin.example/ch1/master.m3u8';
const stream = { name: 'channel-1', url };
const secret = { secretKeyRef: { name: 'live-keys', key: 'ch1' } };

let cluster: ControlPlane;
beforeAll(async () => {
  cluster = await startControlPlane({ scheduler: false, manifests: definition });
  // The API server lists a new kind a moment after it serves it, and kubectl keeps what it read.
  await vi.waitFor(
    async () =>
      expect(await cluster.kubectl(['api-resources', '--api-group', 'streammonitor.dev'])).toContain('smon'),
    { timeout: 30_000, interval: 200 },
  );
});
afterAll(() => cluster?.stop());

const monitor = (spec: object, name = 'sports') => ({
  apiVersion: 'streammonitor.dev/v1alpha1',
  kind: 'StreamMonitor',
  metadata: { name },
  spec,
});

/** Why the API server refuses an object, as a user is told; empty when it takes it. */
async function refusal(object: object): Promise<string> {
  const { status, body } = await cluster.api.request<{ message?: string }>(
    'POST',
    `${path}?dryRun=All&fieldValidation=Strict`,
    object,
  );
  return status === 201 ? '' : `${status} ${body.message}`;
}
const specRefusal = (spec: object) => refusal(monitor({ streams: [stream], ...spec }));
const streamRefusal = (fields: object) => refusal(monitor({ streams: [{ ...stream, ...fields }] }));

const action = { name: 'switch', match: {}, webhook: { url: 'https://router.example/' } };
const many = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `s-${index}`, url }));

/** Every field that a user can set. */
const wholeSpec = {
  streams: [
    {
      name: 'a',
      urlFrom: secret,
      headersFrom: secret,
      decryption: { keyFrom: secret },
      audio: { track: 2 },
      rendition: { maxHeight: 1080 },
      priority: 0,
      connections: 1,
      expect: {
        static: [
          { cron: '0 3 * * MON-FRI', duration: '2h', timeZone: 'Europe/Berlin', detectors: ['freeze'] },
        ],
        breaks: { maxDuration: '5m', margin: '500ms', detectors: ['black'] },
        slates: [{ name: 'soon', hash: '0f'.repeat(32), tolerance: 16, detectors: ['freeze'] }],
      },
    },
    { name: 'b', url: 'udp://239.0.0.1:5000', rendition: { select: 'lowest' } },
    {
      name: 'd',
      url: 'https://origin.example/d.m3u8',
      rendition: { heights: [1080, 720] },
      audio: { language: 'pt-BR' },
    },
    {
      name: 'c',
      url: 'srt://host:9000',
      window: { start: '2026-06-11T18:00:00Z', end: '2026-06-11T22:00:00+02:00' },
      detectors: { freeze: { severity: 'info' }, black: {} },
    },
  ],
  streamsFrom: [
    { configMap: { name: 'channels' } },
    { configMap: { selector: { matchLabels: { team: 'sports' } } } },
  ],
  detectors: {
    profile: 'recommended',
    black: { enabled: false, minDuration: '1m30s', level: 24 },
    custom: [
      { name: 'subtitles', module: 'subtitle-detector', enabled: false },
      {
        ...{ name: 'logo', module: 'logo-detector', severity: 'info', minDuration: '3s', mergeGap: '1s' },
        parameters: { corner: 'top-left', learn: '20s', leastEdges: 40.5, strict: true },
      },
    ],
  },
  sharding: { isolation: 'Dedicated', subsets: [['black'], ['freeze']] },
  notifications: [
    {
      match: { streams: ['a', 'hd-*', 'd@*'], detectors: ['freeze'], kinds: ['full'], severity: 'critical' },
      webhook: { url: 'https://alerts.example/hook', secretFrom: secret, headersFrom: secret },
    },
    {
      alertmanager: { url: 'http://alertmanager:9093', headersFrom: secret, pageUrl: 'https://page.example' },
    },
  ],
  actions: [
    { name: 'switch', match: { detectors: ['freeze'] }, webhook: { url: 'https://router.example/' } },
    {
      name: 'restart',
      match: {},
      after: '0s',
      cooldown: '24h',
      webhook: { urlFrom: secret, secretFrom: secret },
    },
  ],
  results: {
    s3: { bucket: 'results', prefix: 'live/', endpoint: 'http://127.0.0.1:9000', credentialsFrom: secret },
  },
  podTemplate: wholePodTemplate,
  suspend: true,
};

describe('the API server takes', () => {
  it.each([
    ['the smallest object', { streams: [stream] }],
    ['streams from ConfigMaps alone', { streamsFrom: [{ configMap: { selector: { matchLabels: {} } } }] }],
    ['200 streams', { streams: many(200) }],
    [
      '200 streams by their heights',
      { streams: many(25).map((entry) => ({ ...entry, rendition: { heights: [1, 2, 3, 4, 5, 6, 7, 8] } })) },
    ],
    ['every field', wholeSpec],
    [
      'CPU as a number, or as thousandths',
      { streams: [stream], podTemplate: { resources: { limits: { cpu: 2 } } } },
    ],
    [
      'the largest maps of labels and annotations',
      {
        streams: [stream],
        podTemplate: Object.fromEntries(
          ['annotations', 'labels', 'nodeSelector'].map((field) => [
            field,
            Object.fromEntries(
              Array.from({ length: 32 }, (_, index) => [
                `${'a.'.repeat(120)}b/${'k'.repeat(60)}-${index}`,
                'x'.repeat(63),
              ]),
            ),
          ]),
        ),
      },
    ],
  ])('%s, as the schema of the operator does', async (_, spec) => {
    expect(() => parseStreamMonitor(monitor(spec))).not.toThrow();
    expect(await refusal(monitor(spec))).toBe('');
  });

  it('every field, and fills in the same defaults as the operator', async () => {
    const stored = await cluster.api.json<object>('POST', `${path}?dryRun=All`, monitor(wholeSpec, 'whole'));
    const bare = await cluster.api.json<object>(
      'POST',
      `${path}?dryRun=All`,
      monitor({ streams: [stream] }, 'bare'),
    );
    expect(parseStreamMonitor(stored).spec).toEqual(parseStreamMonitor(monitor(wholeSpec)).spec);
    expect(parseStreamMonitor(bare).spec).toEqual(parseStreamMonitor(monitor({ streams: [stream] })).spec);
  });
});

describe('the API server refuses by itself', () => {
  const scheme = 'must begin with http, https, udp, rtp, srt, rtmp, rtmps, rtsp or rtsps and ://';
  const label = "spec.streams[0].name in body should match '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'";

  it.each([
    [{ url: 'file:///etc/passwd' }, `spec.streams[0].url: Invalid value: "string": ${scheme}`],
    [{ url: 'concat:a|b' }, scheme],
    [
      { url: 'https://user:hunter2@host/x' },
      'contains a user name or password; give credentials with headersFrom or urlFrom',
    ],
    [{ url: 'srt://host' }, 'has no port; write it like udp://239.0.0.1:5000 or srt://host:9000'],
    [{ name: 'Channel 1' }, label],
    [{ name: '-a' }, label],
    [{ name: 'a'.repeat(64) }, 'Too long: may not be more than 63'],
    [
      { urlFrom: secret },
      'spec.streams[0]: Invalid value: "object": exactly one of url and urlFrom is needed',
    ],
    [{ url: undefined }, 'exactly one of url and urlFrom is needed'],
    [{ colour: 'red' }, 'unknown field "spec.streams[0].colour"'],
    [{ priority: 1001 }, 'spec.streams[0].priority in body should be less than or equal to 1000'],
    [
      { rendition: { select: 'lowest', maxHeight: 480 } },
      'maxHeight is ignored with select: lowest; remove one of them',
    ],
    [
      { rendition: { heights: [720], maxHeight: 480 } },
      'maxHeight is ignored with heights; remove one of them',
    ],
    [
      { rendition: { heights: [720], select: 'lowest' } },
      'select must be highest, or be left out, with heights',
    ],
    [{ audio: {} }, 'exactly one of track and language is needed'],
    [{ audio: { track: 1, language: 'de' } }, 'exactly one of track and language is needed'],
    [{ audio: { language: 'German' } }, 'spec.streams[0].audio.language in body should match'],
    [{ rendition: { heights: [720, 720] } }, 'spec.streams[0].rendition.heights[1]: Duplicate value: 720'],
    [
      { name: 'a'.repeat(58), rendition: { heights: [720] } },
      'name must have at most 57 characters with rendition.heights',
    ],
    [
      { url: 'srt://host:9000', rendition: { heights: [720] } },
      'rendition.heights is for HLS and DASH over http or https; leave it out',
    ],
    [
      { connections: 1, rendition: { heights: [720, 480] } },
      'connections: 1 allows one reader, and each of several heights is one; name one height',
    ],
    [{ connections: 2 }, 'spec.streams[0].connections in body should be less than or equal to 1'],
    [{ window: {} }, 'spec.streams[0].window: Invalid value: "object": needs start or end'],
    [
      { window: { start: 'tomorrow' } },
      'spec.streams[0].window.start in body must be of type date-time: "tomorrow"',
    ],
    [
      { window: { start: '2026-06-11T18:00:00Z', end: '2026-06-11T20:00:00+02:00' } },
      'spec.streams[0].window: Invalid value: "object": end must be after start',
    ],
    [{ expect: { static: [{ cron: '0 3 * *', duration: '2h' }] } }, 'static[0].cron: Invalid value'],
    [
      { expect: { static: [{ cron: '0 3 * * *', duration: '2h', timeZone: 'Europe/Atlantis' }] } },
      'static[0].timeZone: Invalid value',
    ],
    [
      { expect: { slates: [{ name: 'soon', hash: 'soon.png' }] } },
      'expect.slates[0].hash: Invalid value: "string": must be 64 hexadecimal digits, as the command "streammonitor slate" prints',
    ],
    [
      { expect: { slates: ['a', 'a'].map((name) => ({ name, hash: '0f'.repeat(32) })) } },
      'expect.slates[1]: Duplicate value',
    ],
    [{ expect: { breaks: { margin: '1m' } } }, 'expect.breaks.margin: Invalid value'],
    [
      { headersFrom: { secretKeyRef: { name: 'Keys', key: 'a' } } },
      'headersFrom.secretKeyRef.name in body should match',
    ],
  ])('a stream with %j', async (fields, message) => {
    expect(await streamRefusal(fields)).toContain(message);
  });

  it.each([
    ['no stream', { streams: undefined }, 'spec: Invalid value: "object": needs streams or streamsFrom'],
    ['an empty list', { streams: [] }, 'spec.streams in body should have at least 1 items'],
    [
      '201 streams by their heights',
      {
        streams: many(101).map((entry, index) =>
          index === 0 ? entry : { ...entry, rendition: { heights: [1080, 720] } },
        ),
      },
      'stands for more than 200 streams, as each height is one; put them into ConfigMaps (streamsFrom)',
    ],
    ['201 streams', { streams: many(201) }, 'spec.streams: Too many: 201: must have at most 200 items'],
    [
      'one name twice',
      { streams: [stream, stream] },
      'spec.streams[1]: Duplicate value: {"name":"channel-1"}',
    ],
    ['an unknown field', { detector: {} }, 'unknown field "spec.detector"'],
    ['an unknown detector', { detectors: { blak: {} } }, 'unknown field "spec.detectors.blak"'],
    [
      'a custom detector by the name of a built-in one',
      { detectors: { custom: [{ name: 'freeze', module: 'a' }] } },
      'is the name of a built-in detector; choose another',
    ],
    [
      'two custom detectors of one name',
      { detectors: { custom: [1, 2].map((n) => ({ name: 'logo', module: `m${n}` })) } },
      'spec.detectors.custom[1]: Duplicate value: {"name":"logo"}',
    ],
    [
      'more custom detectors than a pod mounts modules',
      { detectors: { custom: many(9).map(({ name }) => ({ name, module: name })) } },
      'must have at most 8 items',
    ],
    [
      'a field that a custom detector does not have',
      { detectors: { custom: [{ name: 'logo', module: 'm', corner: 'left' }] } },
      'unknown field "spec.detectors.custom[0].corner"',
    ],
    ['a duration out of bounds', { detectors: { black: { minDuration: '2h' } } }, 'must be from 0s to 1h'],
    [
      'a detector in two subsets',
      { sharding: { subsets: [['black'], ['black']] } },
      'names a detector twice; each detector runs in one subset',
    ],
    ['an unknown isolation', { sharding: { isolation: 'None' } }, 'supported values: "Shared", "Dedicated"'],
    [
      'a ConfigMap neither named nor selected',
      { streamsFrom: [{ configMap: {} }] },
      'exactly one of name and selector is needed',
    ],
    [
      '17 sources of streams',
      { streamsFrom: Array(17).fill({ configMap: { name: 'a' } }) },
      'must have at most 16 items',
    ],
    [
      'a webhook that is no URL',
      { notifications: [{ webhook: { url: 'ws://x' } }] },
      'must begin with http:// or https://',
    ],
    [
      'a notification without a receiver',
      { notifications: [{ match: {} }] },
      'exactly one of webhook and alertmanager is needed',
    ],
    ['an action that waits too long', { actions: [{ ...action, after: '2h' }] }, 'must be from 0s to 1h'],
    ['two actions of one name', { actions: [action, action] }, 'Duplicate value'],
    [
      'a stream pattern of other letters',
      { actions: [{ ...action, match: { streams: ['HD'] } }] },
      "should match '^[-a-z0-9*@]+$'",
    ],
    [
      'a detector that there is not',
      { streams: [{ ...stream, detectors: { blak: {} } }] },
      'unknown field "spec.streams[0].detectors.blak"',
    ],
    [
      'a webhook with a password',
      { notifications: [{ webhook: { url: 'https://a:b@x/' } }] },
      'keep credentials in a Secret',
    ],
  ])('%s', async (_, spec, message) => {
    expect(await specRefusal(spec)).toContain(message);
  });

  it.each([
    [
      'labels of its own',
      { labels: { 'streammonitor.dev/shard': 'x' } },
      'set by the operator; choose another key',
    ],
    [
      'annotations of its own',
      { annotations: { 'streammonitor.dev/generation': '1' } },
      'set by the operator; choose another key',
    ],
    [
      'the name of the application',
      { labels: { 'app.kubernetes.io/name': 'x' } },
      'set by the operator; choose another key',
    ],
    [
      'a key that is none',
      { labels: { 'my team': 'x' } },
      'each key must be a label key, such as team or example.com/team',
    ],
    ['a value that is none', { labels: { team: 'a b' } }, 'labels.team in body should match'],
    [
      '33 labels',
      { nodeSelector: Object.fromEntries(many(33).map(({ name }) => [name, 'x'])) },
      'must have at most 32 items',
    ],
    ['a toleration of nothing', { tolerations: [{}] }, 'operator must be Exists where no key is given'],
    [
      'a useless value',
      { tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] },
      'value is ignored with operator: Exists',
    ],
    [
      'useless seconds',
      { tolerations: [{ key: 'a', tolerationSeconds: 1 }] },
      'effect must be NoExecute where tolerationSeconds is given',
    ],
    [
      'too little CPU',
      { resources: { requests: { cpu: '1m' } } },
      'must be from 50m to 256, written like 50m',
    ],
    [
      'memory that is no quantity',
      { resources: { requests: { memory: 'lots' } } },
      'must be from 128Mi to 4Ti, written like 128Mi',
    ],
    [
      'a limit below the request',
      { resources: { requests: { cpu: 2 }, limits: { cpu: '1500m' } } },
      'limits.cpu is below requests.cpu',
    ],
    ['what a pod must not have', { hostNetwork: true }, 'unknown field "spec.podTemplate.hostNetwork"'],
  ])('a pod template with %s', async (_, podTemplate, message) => {
    expect(await specRefusal({ podTemplate })).toContain(message);
    expect(() => parseStreamMonitor(monitor({ streams: [stream], podTemplate }))).toThrow('podTemplate');
  });

  it('a name that could not be a label', async () => {
    const message = 'metadata.name must be a DNS label: at most 63 lower-case letters, digits and "-"';
    expect(await refusal(monitor({ streams: [stream] }, 'a.b'))).toContain(message);
    expect(await refusal(monitor({ streams: [stream] }, 'a'.repeat(64)))).toContain(message);
  });
});

describe('kubectl', () => {
  it('explains a detector with what it finds, its parameters and their defaults', async () => {
    const text = await cluster.kubectl(['explain', 'smon.spec.detectors.freeze']);
    expect(text).toContain('FIELD: freeze <Object>');
    expect(text.replace(/\s+/g, ' ')).toContain(
      'Frozen picture. The picture stands still while it should move.',
    );
    const { properties } =
      parse(definition).spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.detectors
        .properties.freeze;
    for (const [name, { description }] of Object.entries<{ description: string }>(properties)) {
      expect(text).toMatch(new RegExp(`^  ${name}\\t<`, 'm'));
      expect(text.replace(/\s+/g, ' ')).toContain(description.replace(/\s+/g, ' '));
    }
  });

  it('lists what a user looks for first', async () => {
    await cluster.api.json('POST', path, monitor({ streams: [stream] }));
    const status: StreamMonitorStatus = {
      streams: 12,
      monitored: 11,
      defects: 2,
      shards: 3,
      conditions: [
        {
          type: 'Ready',
          status: 'False',
          reason: 'StreamsNotPlaced',
          message: '1 of 12 streams is on no shard yet',
          lastTransitionTime: '2026-06-11T18:00:00Z',
        },
      ],
    };
    await cluster.api.json('PATCH', `${path}/sports/status`, { status });
    const [head, row] = (await cluster.kubectl(['get', 'smon'])).split('\n');
    expect(head?.split(/\s+/)).toEqual(['NAME', 'READY', 'STREAMS', 'MONITORED', 'DEFECTS', 'SHARDS', 'AGE']);
    expect(row?.split(/\s+/).slice(0, 6)).toEqual(['sports', 'False', '12', '11', '2', '3']);
  });

  it('applies every example of the reference page, and finds its objects by every name of the kind', async () => {
    const page = await readFile(new URL('../../crds/generated/stream-monitor.md', import.meta.url), 'utf8');
    const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, example]) => example!);
    expect(examples.length).toBeGreaterThan(4);
    for (const example of examples)
      await cluster.kubectl(
        ['apply', '--server-side', '-n', 'default', '--warnings-as-errors', '-f', '-'],
        example,
      );
    for (const kind of ['smon', 'streammonitor', 'streammonitors', 'streammonitors.streammonitor.dev']) {
      expect(await cluster.kubectl(['get', kind, 'contribution', '-o', 'name'])).toContain('/contribution');
    }
  });
});
