import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { detectorCatalogue } from '../../crds/detector-catalogue.ts';
import { durationSeconds } from '../../crds/duration.ts';
import { type ControlPlane, startControlPlane } from './cluster/control-plane.ts';
import { type FakeNodes, startFakeNodes } from './cluster/fake-nodes.ts';
import { type SimulatedShards, startSimulatedShards } from './cluster/simulated-shards.ts';
import { MonitoredNamespace, type StreamPlace } from './monitored-namespace.ts';
import { type OperatorProcess, operatorManifests, startOperator } from './operator-process.ts';
import { eventually } from './run-process.ts';

/** One field of the spec: how it is set, and where a shard or its pod is told of it. */
interface FieldCase {
  /** Path below `spec`; that of several fields that are set as one. */
  readonly fields: readonly string[];
  /** The spec without the field, with it, and with another value. */
  readonly specs: readonly [unset: object, set: object, changed: object];
  readonly reads: (place: StreamPlace) => unknown;
  readonly expected: readonly [unset: unknown, set: unknown, changed: unknown];
}

const url = 'https://origin.example/one.m3u8';
const base = { streams: [{ name: 'one', url }] };
const secret = (name: string, key = 'value') => ({ secretKeyRef: { name, key } });
const onStream = (fields: object) => ({ streams: [{ name: 'one', url, ...fields }] });
const fromSecret = (name: string) => ({ streams: [{ name: 'one', urlFrom: secret(name) }] });
const mounted = ({ pod }: StreamPlace) =>
  (pod?.spec?.volumes ?? []).flatMap((volume) => volume.secret?.secretName ?? []);

function streamCase(
  field: string,
  set: unknown,
  changed: unknown,
  reads: (place: StreamPlace) => unknown,
  expected: FieldCase['expected'],
): FieldCase {
  const specs = [onStream({}), onStream(nested(field, set)), onStream(nested(field, changed))] as const;
  return { fields: [`streams[].${field}`], specs, reads, expected };
}

/** A field whose value reaches the pod, or the settings, as it was written. */
function specCase(
  field: string,
  [unset, set, changed]: readonly [unknown, unknown, unknown],
  reads: (place: StreamPlace) => unknown,
  {
    fields = [field],
    around = (value: unknown): object => nested(field, value),
    told = [unset, set, changed] as FieldCase['expected'],
  } = {},
): FieldCase {
  return {
    fields,
    specs: [base, { ...base, ...around(set) }, { ...base, ...around(changed) }],
    reads,
    expected: told,
  };
}

/** `a.b` and a value as `{a: {b: value}}`. */
function nested(path: string, value: unknown): object {
  return path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as object;
}

const podCase = (
  field: string,
  values: readonly [unknown, unknown, unknown],
  reads: (spec: NonNullable<NonNullable<StreamPlace['pod']>['spec']>) => unknown,
  fields = [`podTemplate.${field}`],
) => specCase(`podTemplate.${field}`, values, ({ pod }) => reads(pod!.spec!), { fields });

const webhook = (fields: object) => ({ notifications: [{ webhook: fields }] });
const s3 = (fields: object) => ({ results: { s3: { bucket: 'results', ...fields } } });
const target = ({ settings }: StreamPlace) => settings.notifications[0]?.webhook;
const bucket = ({ settings }: StreamPlace) => settings.results?.s3;
const hookUrl = 'https://alerts.example/hook';
/** Beside headers, a reference has a URL of its own. */
const referenceUrl = (field: string) => (field === 'headersFrom' ? { url: 'srt://contribution:9000' } : {});
const reference = (field: string) => [`${field}.secretKeyRef.name`, `${field}.secretKeyRef.key`];
const detectorTypes = Object.keys(detectorCatalogue);
const severityOverrides = detectorTypes.map((type) => `streams[].detectors.${type}.severity`);
const key = (name: string) => ({ name, key: 'value' });

const cases: readonly FieldCase[] = [
  {
    fields: ['streams[].name', 'streams[].url'],
    specs: [base, onStream({ url: `${url}?b` }), onStream({ url: 'srt://host:9000' })],
    reads: ({ stream }) => [stream.name, stream.url],
    expected: [
      ['one', url],
      ['one', `${url}?b`],
      ['one', 'srt://host:9000'],
    ],
  },
  {
    fields: reference('streams[].urlFrom'),
    specs: [base, fromSecret('red'), fromSecret('blue')],
    reads: (place) => [place.stream.url, place.stream.urlFrom, mounted(place)],
    expected: [
      [url, undefined, []],
      [undefined, key('red'), ['red']],
      [undefined, key('blue'), ['blue']],
    ],
  },
  {
    fields: reference('streams[].headersFrom'),
    specs: [base, onStream({ headersFrom: secret('red') }), onStream({ headersFrom: secret('red', 'b') })],
    reads: (place) => [place.stream.headersFrom, mounted(place)],
    expected: [
      [undefined, []],
      [key('red'), ['red']],
      [{ name: 'red', key: 'b' }, ['red']],
    ],
  },
  {
    fields: reference('streams[].decryption.keyFrom'),
    specs: [
      base,
      onStream({ decryption: { keyFrom: secret('red') } }),
      onStream({ decryption: { keyFrom: secret('red', 'b') } }),
    ],
    reads: (place) => [place.stream.keyFrom, mounted(place)],
    expected: [
      [undefined, []],
      [key('red'), ['red']],
      [{ name: 'red', key: 'b' }, ['red']],
    ],
  },
  ...(['urlFrom', 'headersFrom'] as const).map((field) => ({
    fields: [...reference(`streams[].reference.${field}`), 'streams[].reference.url'],
    specs: [
      base,
      onStream({ reference: { ...referenceUrl(field), [field]: secret('red') } }),
      onStream({ reference: { ...referenceUrl(field), [field]: secret('red', 'b') } }),
    ] as const,
    reads: (place: StreamPlace) => [place.stream.reference, mounted(place)],
    expected: [
      [undefined, []],
      [{ ...referenceUrl(field), [field]: key('red') }, ['red']],
      [{ ...referenceUrl(field), [field]: { name: 'red', key: 'b' } }, ['red']],
    ] as const,
  })),
  {
    fields: ['cron', 'duration', 'timeZone', 'detectors[]'].map(
      (field) => `streams[].expect.static[].${field}`,
    ),
    specs: [
      base,
      onStream({ expect: { static: [{ cron: '0 3 * * *', duration: '2h' }] } }),
      onStream({
        expect: {
          static: [{ cron: '30 4 * * 1', duration: '5m', timeZone: 'Europe/Berlin', detectors: ['black'] }],
        },
      }),
    ],
    reads: ({ stream }) => stream.expect,
    expected: [
      undefined,
      { static: [{ cron: '0 3 * * *', duration: 7200, timeZone: 'UTC' }] },
      { static: [{ cron: '30 4 * * 1', duration: 300, timeZone: 'Europe/Berlin', detectors: ['black'] }] },
    ],
  },
  {
    fields: ['maxDuration', 'margin', 'detectors[]'].map((field) => `streams[].expect.breaks.${field}`),
    specs: [
      base,
      onStream({ expect: { breaks: {} } }),
      onStream({ expect: { breaks: { maxDuration: '3m', margin: '500ms', detectors: ['black'] } } }),
    ],
    reads: ({ stream }) => stream.expect,
    expected: [
      undefined,
      { static: [], breaks: { maxDuration: 600, margin: 1 } },
      { static: [], breaks: { maxDuration: 180, margin: 0.5, detectors: ['black'] } },
    ],
  },
  {
    fields: ['name', 'hash', 'tolerance', 'detectors[]'].map((field) => `streams[].expect.slates[].${field}`),
    specs: [
      base,
      onStream({ expect: { slates: [{ name: 'soon', hash: '0f'.repeat(32) }] } }),
      onStream({
        expect: { slates: [{ name: 'bars', hash: '1E'.repeat(32), tolerance: 0, detectors: ['silence'] }] },
      }),
    ],
    reads: ({ stream }) => stream.expect,
    expected: [
      undefined,
      { static: [], slates: [{ name: 'soon', hash: '0f'.repeat(32), tolerance: 31 }] },
      {
        static: [],
        slates: [{ name: 'bars', hash: '1E'.repeat(32), tolerance: 0, detectors: ['silence'] }],
      },
    ],
  },
  {
    fields: ['detectors.custom'],
    specs: [
      base,
      { ...base, detectors: { custom: [{ name: 'logo', module: 'logo-detector' }] } },
      {
        ...base,
        detectors: { custom: [{ name: 'logo', module: 'other', severity: 'info', parameters: { a: 1 } }] },
      },
    ],
    reads: (place) => [
      place.settings.custom?.map(({ name, module, severity, parameters }) => [
        name,
        module,
        severity,
        parameters ?? {},
      ]),
      place.stream.detectors.includes('logo'),
    ],
    expected: [
      [undefined, false],
      [[['logo', 'logo-detector', undefined, {}]], true],
      [[['logo', 'other', 'info', { a: 1 }]], true],
    ],
  },
  streamCase('rendition.select', 'lowest', 'highest', ({ stream }) => stream.rendition, [
    'highest',
    'lowest',
    'highest',
  ]),
  streamCase('rendition.maxHeight', 720, 1080, ({ stream }) => stream.rendition, [
    'highest',
    { maxHeight: 720 },
    { maxHeight: 1080 },
  ]),
  streamCase('audio.track', 1, 2, ({ stream }) => stream.audioTrack, [undefined, 1, 2]),
  streamCase('audio.language', 'de', 'pt-BR', ({ stream }) => stream.audioLanguage, [
    undefined,
    'de',
    'pt-BR',
  ]),
  streamCase('priority', 10, 90, ({ stream }) => stream.priority, [50, 10, 90]),
  {
    fields: ['streams[].connections'],
    specs: [base, onStream({ connections: 1 }), onStream({ url: 'udp://239.0.0.1:5000' })],
    reads: ({ stream }) => stream.exclusive,
    expected: [undefined, true, true],
  },
  {
    fields: ['streams[].window.start', 'streams[].window.end'],
    specs: [
      base,
      onStream({ window: { start: '2026-01-01T00:00:00Z' } }),
      onStream({ window: { end: '2126-01-01T00:00:00Z' } }),
    ],
    reads: ({ stream }) => stream.name,
    expected: ['one', 'one', 'one'],
  },
  {
    fields: ['sharding.subsets[][]'],
    specs: [
      base,
      { ...base, sharding: { subsets: [['black', 'freeze'], ['silence']] } },
      { ...base, sharding: { subsets: [['black'], ['silence']] } },
    ],
    reads: ({ stream }) => stream.detectors.includes('silence'),
    expected: [true, false, false],
  },
  {
    fields: ['notifications[].webhook.url', ...reference('notifications[].webhook.urlFrom')],
    specs: [
      base,
      { ...base, ...webhook({ url: hookUrl }) },
      { ...base, ...webhook({ urlFrom: secret('a') }) },
    ],
    reads: (place) => [target(place), mounted(place)],
    expected: [
      [undefined, []],
      [{ url: hookUrl }, []],
      [{ urlFrom: key('a') }, ['a']],
    ],
  },
  ...['secretFrom', 'headersFrom'].map((field) => ({
    fields: reference(`notifications[].webhook.${field}`),
    specs: [
      { ...base, ...webhook({ url: hookUrl }) },
      { ...base, ...webhook({ url: hookUrl, [field]: secret('a') }) },
      { ...base, ...webhook({ url: hookUrl, [field]: secret('b') }) },
    ] as const,
    reads: (place: StreamPlace) => [target(place), mounted(place)],
    expected: [
      [{ url: hookUrl }, []],
      [{ url: hookUrl, [field]: key('a') }, ['a']],
      [{ url: hookUrl, [field]: key('b') }, ['b']],
    ] as const,
  })),
  ...(
    [
      ['streams[]', ['one'], ['o*']],
      ['detectors[]', ['freeze'], ['black']],
      ['kinds[]', ['full'], ['black']],
      ['severity', 'critical', 'warning'],
    ] as const
  ).map(([field, set, changed]) => {
    const name = field.replace('[]', '');
    const receivers = (value: unknown) => ({
      notifications: [{ match: { [name]: value }, webhook: { url: hookUrl } }],
      actions: [{ name: 'switch', match: { [name]: value }, webhook: { url: hookUrl } }],
    });
    return specCase(
      name,
      [undefined, set, changed],
      ({ settings: { notifications, actions = [] } }) =>
        [...notifications, ...actions].map(({ match }) => match?.[name as 'severity']),
      {
        fields: [`notifications[].match.${field}`, `actions[].match.${field}`],
        around: receivers,
        told: [[], [set, set], [changed, changed]],
      },
    );
  }),
  ...['url', 'pageUrl'].map((field) =>
    specCase(
      field,
      [undefined, 'http://alertmanager:9093', 'http://alertmanager:9094'],
      ({ settings }) => settings.notifications[0]?.alertmanager?.[field as 'url'],
      {
        fields: [`notifications[].alertmanager.${field}`],
        around: (value) => ({
          notifications: [{ alertmanager: { url: 'http://alertmanager:9093', [field]: value } }],
        }),
      },
    ),
  ),
  ...[
    { list: 'notifications[].alertmanager', field: 'urlFrom' },
    { list: 'notifications[].alertmanager', field: 'headersFrom' },
    { list: 'actions[].webhook', field: 'urlFrom' },
    { list: 'actions[].webhook', field: 'secretFrom' },
    { list: 'actions[].webhook', field: 'headersFrom' },
  ].map(({ list, field }): FieldCase => {
    const receiver = (name: string) => ({
      ...(field !== 'urlFrom' && { url: hookUrl }),
      [field]: secret(name),
    });
    const spec = (name: string) =>
      list === 'actions[].webhook'
        ? { ...base, actions: [{ name: 'switch', match: {}, webhook: receiver(name) }] }
        : { ...base, notifications: [{ alertmanager: receiver(name) }] };
    return {
      fields: reference(`${list}.${field}`),
      specs: [base, spec('a'), spec('b')],
      reads: (place) => {
        const { notifications, actions = [] } = place.settings;
        const told = notifications[0]?.alertmanager ?? actions[0]?.webhook;
        return [told?.[field as 'urlFrom'], mounted(place)];
      },
      expected: [
        [undefined, []],
        [key('a'), ['a']],
        [key('b'), ['b']],
      ],
    };
  }),
  ...(
    [
      ['name', 'switch', 'restart', 'switch', 'restart'],
      ['after', '20s', '1m', 20, 60],
      ['cooldown', '0s', '1h', 0, 3600],
    ] as const
  ).map(([field, set, changed, ...told]) =>
    specCase(field, [undefined, set, changed], ({ settings }) => settings.actions?.[0]?.[field], {
      fields: field === 'name' ? ['actions[].name', 'actions[].webhook.url'] : [`actions[].${field}`],
      around: (value) => ({
        actions: [{ name: 'switch', match: {}, webhook: { url: hookUrl }, [field]: value }],
      }),
      told: [undefined, ...told],
    }),
  ),
  {
    fields: severityOverrides,
    specs: [
      base,
      onStream({ detectors: { black: { severity: 'info' } } }),
      onStream({
        detectors: Object.fromEntries(detectorTypes.map((type) => [type, { severity: 'critical' }])),
      }),
    ],
    reads: ({ stream }) => stream.severities,
    expected: [
      undefined,
      { black: 'info' },
      Object.fromEntries(detectorTypes.map((type) => [type, 'critical'])),
    ],
  },
  {
    fields: ['results.s3.bucket'],
    specs: [base, { ...base, ...s3({}) }, { ...base, ...s3({ bucket: 'other' }) }],
    reads: (place) => bucket(place)?.bucket,
    expected: [undefined, 'results', 'other'],
  },
  ...(
    [
      ['prefix', '', 'live/', 'late/'],
      ['region', undefined, 'eu-west-1', 'eu-west-2'],
      ['endpoint', undefined, 'http://s3.example:9000', 'http://s3.example:9001'],
      ['forcePathStyle', false, true, false],
    ] as const
  ).map(([field, unset, set, changed]) => ({
    fields: [`results.s3.${field}`],
    specs: [
      { ...base, ...s3({}) },
      { ...base, ...s3({ [field]: set }) },
      { ...base, ...s3({ [field]: changed }) },
    ] as const,
    reads: (place: StreamPlace) => bucket(place)?.[field],
    expected: [unset, set, changed] as const,
  })),
  {
    fields: reference('results.s3.credentialsFrom'),
    specs: [
      { ...base, ...s3({}) },
      { ...base, ...s3({ credentialsFrom: secret('a') }) },
      { ...base, ...s3({ credentialsFrom: secret('b') }) },
    ],
    reads: (place) => [bucket(place)?.credentialsFrom, mounted(place)],
    expected: [
      [undefined, []],
      [key('a'), ['a']],
      [key('b'), ['b']],
    ],
  },
  specCase(
    'podTemplate.annotations',
    [undefined, { 'a.example/b': '1' }, { 'a.example/b': '2' }],
    ({ pod }) => {
      const value = pod!.metadata!.annotations!['a.example/b'];
      return value === undefined ? undefined : { 'a.example/b': value };
    },
  ),
  specCase('podTemplate.labels', [undefined, { team: 'a' }, { team: 'b' }], ({ pod }) => {
    const { team } = pod!.metadata!.labels!;
    return team === undefined ? undefined : { team };
  }),
  podCase(
    'nodeSelector',
    [undefined, { 'kubernetes.io/os': 'linux' }, { tier: 'live' }],
    (spec) => spec.nodeSelector,
  ),
  podCase(
    'tolerations',
    [
      undefined,
      [{ key: 'live', operator: 'Equal', value: 'a', effect: 'NoExecute', tolerationSeconds: 5 }],
      [{ operator: 'Exists' }],
    ],
    (spec) => spec.tolerations,
    ['key', 'operator', 'value', 'effect', 'tolerationSeconds'].map(
      (name) => `podTemplate.tolerations[].${name}`,
    ),
  ),
  podCase(
    'topologySpreadConstraints',
    [
      [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' }],
      [{ maxSkew: 2, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' }],
      [{ maxSkew: 3, topologyKey: 'rack', whenUnsatisfiable: 'DoNotSchedule' }],
    ],
    (spec) => spec.topologySpreadConstraints!.map(({ labelSelector, ...rest }) => rest),
    ['maxSkew', 'topologyKey', 'whenUnsatisfiable'].map(
      (name) => `podTemplate.topologySpreadConstraints[].${name}`,
    ),
  ),
  podCase('priorityClassName', [undefined, 'live-video', 'late-video'], (spec) => spec.priorityClassName),
  podCase('serviceAccountName', [undefined, 'writer', 'other-writer'], (spec) => spec.serviceAccountName),
  podCase(
    'resources',
    [
      { requests: { cpu: '2', memory: '3Gi' }, limits: { memory: '3Gi' } },
      { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '3', memory: '2Gi' } },
      { requests: { cpu: '500m', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } },
    ],
    (spec) => spec.containers[0]!.resources,
    ['requests', 'limits'].flatMap((side) =>
      ['cpu', 'memory'].map((name) => `podTemplate.resources.${side}.${name}`),
    ),
  ),
];

/** Fields that have tests of their own: what they do shows in other ways. */
const elsewhere = [
  'streamsFrom[].configMap.name',
  'streamsFrom[].configMap.selector.matchLabels',
  'sharding.isolation',
  'suspend',
  // It makes streams of other names.
  'streams[].rendition.heights[]',
  // It has one value.
  'detectors.profile',
];

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string }[];
}

const definition = parse(
  readFileSync(new URL('../../crds/streammonitor.dev_streammonitors.yaml', import.meta.url), 'utf8'),
) as { spec: { versions: { schema: { openAPIV3Schema: { properties: { spec: Schema } } } }[] } };
const specSchema = definition.spec.versions[0]!.schema.openAPIV3Schema.properties.spec;

/** Paths of all fields that hold a value: `streams[].name`. */
function leaves({ properties, items }: Schema, path = ''): string[] {
  if (items) return leaves(items, `${path}[]`);
  if (!properties) return [path];
  return Object.entries(properties).flatMap(([name, inner]) =>
    leaves(inner, path === '' ? name : `${path}.${name}`),
  );
}

let cluster: ControlPlane;
let fake: FakeNodes;
let shards: SimulatedShards;
let operator: OperatorProcess;
let fields: MonitoredNamespace;

beforeAll(async () => {
  cluster = await startControlPlane({ manifests: operatorManifests() });
  [fake, shards, operator] = await Promise.all([
    startFakeNodes(cluster),
    startSimulatedShards(cluster),
    startOperator(cluster, { atEnd: () => {} }),
  ]);
  fields = await MonitoredNamespace.create(cluster, 'fields');
  await fake.nodes[0]!.setLabels({ tier: 'live', zone: 'a', rack: 'a' });
  await Promise.all([
    ...['writer', 'other-writer'].map((name) =>
      cluster.api.json('POST', fields.path('api/v1/serviceaccounts'), { metadata: { name } }),
    ),
    ...['live-video', 'late-video'].map((name, value) =>
      cluster.api.json('POST', '/apis/scheduling.k8s.io/v1/priorityclasses', { metadata: { name }, value }),
    ),
  ]);
  await operator.leads();
});
afterAll(async () => {
  await operator?.stop();
  await shards?.stop();
  await fake?.stop();
  await cluster?.stop();
});

test('every field of the schema has a case', () => {
  const covered = new Set([...cases.flatMap(({ fields: paths }) => paths), ...elsewhere]);
  const missing = leaves(specSchema).filter(
    (path) => !covered.has(path) && !(path.startsWith('detectors.') && path !== 'detectors.profile'),
  );
  expect(missing).toEqual([]);
});

/** Waits until the owner of stream `one` is told this and nothing else. */
async function reaches(name: string, reads: FieldCase['reads'], expected: unknown): Promise<void> {
  let last: string | undefined;
  await eventually('the value', async () => {
    const owners = (await fields.places(name, 'one')).filter(
      ({ stream, pod }) => stream.role === 'owner' && pod,
    );
    const read = owners.map(reads);
    last = JSON.stringify(read);
    return read.some((value) => isDeepStrictEqual(value, expected));
  }).catch((error: Error) => {
    throw new Error(`${error.message}: ${JSON.stringify(expected)} expected, ${last} read`);
  });
}

describe.concurrent('set, changed and unset, it reaches the shard:', () => {
  for (const [index, { fields: paths, specs, reads, expected }] of cases.entries()) {
    test(`${paths.join(', ')}`, async () => {
      const name = `case-${index}`;
      for (const step of [0, 1, 2, 0] as const) {
        await fields.apply(name, specs[step]);
        await reaches(name, reads, expected[step]);
      }
      await fields.deleteMonitor(name);
    });
  }

  test('streams[].rendition.heights[]: a stream for each', async () => {
    const steps = [
      [[720], { 'one@720p': { height: 720 } }],
      [[1080, 720], { 'one@1080p': { height: 1080 }, 'one@720p': { height: 720 } }],
      [undefined, { one: 'highest' }],
    ] as const;
    for (const [heights, expected] of steps) {
      await fields.apply('heights', onStream(heights ? { rendition: { heights } } : {}));
      await fields.owns('heights', Object.keys(expected));
      for (const [stream, rendition] of Object.entries(expected)) {
        const owner = await fields.owner('heights', stream);
        expect(owner.stream.rendition).toEqual(rendition);
      }
      await fields.status('heights', ({ streams }) => streams === Object.keys(expected).length);
    }
    await fields.deleteMonitor('heights');
  });

  test('every setting of every detector', async () => {
    // Those of modules are a list, and have a case of their own.
    const { profile, custom, ...detectors } = specSchema.properties!.detectors!.properties!;
    const all = (other: boolean) =>
      Object.fromEntries(
        Object.entries(detectors).map(([type, { properties = {} }]) => [
          type,
          Object.fromEntries(
            Object.entries(properties).map(([setting, schema]) => [
              setting,
              chosenValue(setting, schema, other),
            ]),
          ),
        ]),
      );
    await fields.apply('detectors', base);
    const { settings: defaults } = await fields.owner('detectors', 'one');
    for (const other of [false, true]) {
      const set = all(other);
      const told = Object.entries(set).map(([type, values]) => [type, settingsOf(values)]);
      await fields.apply('detectors', { ...base, detectors: set });
      await reaches('detectors', ({ settings }) => settings.detectors, Object.fromEntries(told));
      expect(Object.fromEntries(told)).not.toEqual(defaults.detectors);
    }
    await fields.apply('detectors', { ...base, detectors: { black: { enabled: false } } });
    const off = await fields.owner('detectors', 'one', ({ stream }) => !stream.detectors.includes('black'));
    expect(off.settings.detectors).not.toHaveProperty('black');
    await fields.apply('detectors', base);
    const back = await fields.owner('detectors', 'one', ({ stream }) => stream.detectors.includes('black'));
    expect(back.settings.detectors).toEqual(defaults.detectors);
    expect(profile && custom).toBeDefined();
  });
});

/** A value that the schema takes; `other` gives another one. */
function chosenValue(setting: string, schema: Schema, other: boolean): unknown {
  if (setting === 'enabled') return true;
  if (schema.type === 'boolean') return other;
  if (schema.enum) return schema.enum[other ? 1 : 0];
  if (schema.minimum !== undefined && schema.maximum !== undefined) {
    const [part, whole] = [other ? 0.25 : 0.75, schema.type === 'integer'];
    const value = schema.minimum + part * (schema.maximum - schema.minimum);
    return whole ? Math.round(value) : value;
  }
  const [, shortest = '0s'] =
    /duration\('([^']+)'\)/.exec(schema['x-kubernetes-validations']?.[0]?.rule ?? '') ?? [];
  return `${durationSeconds(shortest) * 1000 * (other ? 2 : 3) + (other ? 20 : 50)}ms`;
}

/** Settings as a shard is told them: durations in seconds, a detector's own parameters apart. */
function settingsOf({ enabled, severity, minDuration, mergeGap, ...own }: Record<string, unknown>): object {
  const seconds = (value: unknown) =>
    typeof value === 'string' && value.endsWith('ms') ? Number(value.slice(0, -2)) / 1000 : value;
  const parameters = Object.fromEntries(Object.entries(own).map(([name, value]) => [name, seconds(value)]));
  return { enabled, severity, minDuration: seconds(minDuration), mergeGap: seconds(mergeGap), parameters };
}
