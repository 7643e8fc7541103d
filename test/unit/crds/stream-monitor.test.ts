import { describe, expect, it } from 'vitest';
import { parseStreamMonitor } from '../../../crds/stream-monitor.ts';
import { ValidationError } from '../../../crds/validation-error.ts';

const stream = { name: 'channel-1', url: 'https://origin.example/ch1/master.m3u8' };
const secret = { secretKeyRef: { name: 'live-keys', key: 'ch1' } };
const monitor = (spec: object, rest: object = {}) => ({
  apiVersion: 'streammonitor.dev/v1alpha1',
  kind: 'StreamMonitor',
  metadata: { name: 'sports' },
  spec,
  ...rest,
});

function errorsOf(document: unknown): string[] {
  try {
    parseStreamMonitor(document);
  } catch (error) {
    if (error instanceof ValidationError) return error.message.split('\n');
    throw error;
  }
  return [];
}
const specErrors = (spec: object) => errorsOf(monitor({ streams: [stream], ...spec }));
const streamErrors = (fields: object) => errorsOf(monitor({ streams: [{ ...stream, ...fields }] }));

const action = { name: 'switch', match: {}, webhook: { url: 'https://router.example/' } };

describe('parseStreamMonitor', () => {
  it('fills the defaults of the minimal object', () => {
    expect(parseStreamMonitor(monitor({ streams: [stream] }))).toEqual({
      apiVersion: 'streammonitor.dev/v1alpha1',
      kind: 'StreamMonitor',
      metadata: { name: 'sports', namespace: 'default' },
      spec: {
        streams: [{ ...stream, rendition: { select: 'highest' }, priority: 50 }],
        detectors: { profile: 'recommended' },
        notifications: [],
        actions: [],
        suspend: false,
      },
    });
  });

  it('takes every field, and an object as the API server returns it', () => {
    const document = monitor(
      {
        streams: [
          {
            name: 'a',
            urlFrom: secret,
            headersFrom: secret,
            decryption: { keyFrom: secret },
            rendition: { maxHeight: 1080 },
            priority: 0,
          },
          { name: 'b', url: 'udp://239.0.0.1:5000', rendition: { select: 'lowest' }, connections: 1 },
          { name: 'c', url: 'srt://host:9000', window: { start: '2026-06-11T18:00:00+02:00' } },
          { name: 'd', url: 'srt://host:9001', detectors: { black: { severity: 'info' } } },
        ],
        streamsFrom: [
          { configMap: { name: 'channels' } },
          { configMap: { selector: { matchLabels: { team: 'sports' } } } },
        ],
        detectors: { profile: 'recommended', black: { enabled: false, minDuration: '1m30s', level: 24 } },
        sharding: { isolation: 'Dedicated', subsets: [['black'], ['freeze']] },
        notifications: [
          {
            match: { streams: ['a', 'hd-*'], detectors: ['freeze'], kinds: ['full'], severity: 'critical' },
            webhook: { url: 'https://alerts.example/hook', secretFrom: secret },
          },
          { alertmanager: { urlFrom: secret, headersFrom: secret, pageUrl: 'https://page.example/' } },
        ],
        actions: [
          {
            name: 'switch',
            match: {},
            after: '0s',
            cooldown: '1h',
            webhook: { url: 'https://router.example/' },
          },
        ],
        results: { s3: { bucket: 'results', prefix: 'live/', endpoint: 'http://127.0.0.1:9000' } },
        podTemplate: {
          annotations: { 'example.com/note': 'Anything at all: {}' },
          labels: { team: 'sports', 'example.com/empty': '' },
          nodeSelector: { 'app.kubernetes.io/name': 'video' },
          tolerations: [
            { operator: 'Exists' },
            { key: 'a', value: 'b', effect: 'NoExecute', tolerationSeconds: 0 },
          ],
          topologySpreadConstraints: [
            { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' },
            { maxSkew: 2, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' },
          ],
          priorityClassName: 'live-video',
          serviceAccountName: 'results.writer',
          resources: { requests: { cpu: 2, memory: '2Gi' }, limits: { cpu: '2000m', memory: '2Gi' } },
        },
        suspend: true,
      },
      {
        metadata: { name: 'sports', namespace: 'live', uid: 'x', resourceVersion: '1' },
        status: { streams: 2 },
      },
    );
    expect(errorsOf(document)).toEqual([]);
    expect(parseStreamMonitor(document)).not.toHaveProperty('status');
  });

  it.each([
    [
      { url: 'ftp://host/x' },
      'has the scheme "ftp"; supported are http, https, udp, rtp, srt, rtmp, rtmps, rtsp, rtsps',
      'url',
    ],
    [{ url: 'channel one' }, 'is not a URL; write it like https://host/path/master.m3u8', 'url'],
    [{ url: 'srt://host' }, 'has no port; write it like udp://239.0.0.1:5000 or srt://host:9000', 'url'],
    [{ url: 7 }, 'must be a text, not the number 7', 'url'],
    [{ urlFrom: secret }, 'has both url and urlFrom; keep one', ''],
    [{ url: undefined }, 'needs url or urlFrom', ''],
    [
      { name: 'Channel 1' },
      'must be lower-case letters, digits and "-", beginning and ending with a letter or digit',
      'name',
    ],
    [{ name: undefined }, 'is missing', 'name'],
    [{ priority: 1.5 }, 'must be a whole number, not the number 1.5', 'priority'],
    [{ priority: -1 }, 'must be at least 0', 'priority'],
    [{ rendition: 'lowest' }, 'must be an object with named fields, not a text', 'rendition'],
    [
      { rendition: { select: 'lowst' } },
      'must be one of highest, lowest; did you mean lowest?',
      'rendition.select',
    ],
    [
      { rendition: { select: 'lowest', maxHeight: 480 } },
      'is ignored with select: lowest; remove one of them',
      'rendition.maxHeight',
    ],
    [
      { rendition: { heights: [720], maxHeight: 480 } },
      'is ignored with heights; remove one of them',
      'rendition.maxHeight',
    ],
    [
      { rendition: { heights: [720], select: 'lowest' } },
      'must be highest, or be left out, with heights',
      'rendition.select',
    ],
    [{ rendition: { heights: [] } }, 'is empty; name at least one height', 'rendition.heights'],
    [{ rendition: { heights: [720, 480, 720] } }, '720 stands twice; remove one', 'rendition.heights[2]'],
    [{ rendition: { heights: [9000] } }, 'must be at most 8640', 'rendition.heights[0]'],
    [{ rendition: { heights: 720 } }, 'must be a list, not the number 720', 'rendition.heights'],
    [
      { name: 'a'.repeat(58), rendition: { heights: [720] } },
      'must have at most 57 characters with rendition.heights, which adds @1080p',
      'name',
    ],
    [
      { url: 'srt://host:9000', rendition: { heights: [720] } },
      'is for HLS and DASH over http or https; leave it out',
      'rendition.heights',
    ],
    [
      { connections: 1, rendition: { heights: [720, 480] } },
      'allows one reader, and each of several heights is one; name one height',
      'connections',
    ],
    [{ headersFrom: { secretKeyRef: { name: 'keys' } } }, 'is missing', 'headersFrom.secretKeyRef.key'],
    [{ audio: {} }, 'needs track or language', 'audio'],
    [{ audio: { track: 1, language: 'de' } }, 'has both track and language; keep one', 'audio'],
    [
      { audio: { language: 'German' } },
      'must be a language as BCP 47 writes it, such as de or pt-BR',
      'audio.language',
    ],
    [{ audio: { track: 0 } }, 'must be at least 1', 'audio.track'],
    [{ connections: 2 }, 'must be 1, or be left out where the source allows several readers', 'connections'],
    [{ connections: 0 }, 'must be at least 1', 'connections'],
    [{ window: {} }, 'needs start or end', 'window'],
    [
      { window: { start: '2026-06-11 18:00' } },
      'must be a date and time with an offset, such as 2026-06-11T18:00:00Z',
      'window.start',
    ],
    [{ window: { start: '2026-13-11T18:00:00Z' } }, 'must be a date and time with an offset', 'window.start'],
    [
      { window: { start: '2026-06-11T18:00:00Z', end: '2026-06-11T20:00:00+02:00' } },
      'must be after start',
      'window.end',
    ],
    [{ decryption: {} }, 'is missing', 'decryption.keyFrom'],
    [{ decription: {} }, 'is not a field; did you mean decryption?', 'decription'],
    [{ reference: {} }, 'needs url or urlFrom', 'reference'],
    [{ reference: { url: 'srt://host' } }, 'has no port; write it like', 'reference.url'],
    [{ reference: { url: 'https://host/', lag: 3 } }, 'is not a field; known here are url,', 'reference.lag'],
  ])('refuses a stream with %j', (fields, message, path) => {
    const errors = streamErrors(fields);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(`spec.streams[0]${path && `.${path}`} ${message}`);
  });

  it('never repeats credentials that stand in a URL', () => {
    const [error] = streamErrors({ url: 'https://user:hunter2@host/?token=abc' });
    expect(error).toBe(
      'spec.streams[0].url contains a user name or password; give credentials with headersFrom or urlFrom',
    );
  });

  it('counts each height as a stream', () => {
    const heights = [1080, 720];
    const several = Array.from({ length: 100 }, (_, index) => ({
      ...stream,
      name: `s-${index}`,
      rendition: { heights },
    }));
    expect(specErrors({ streams: several })).toEqual([]);
    expect(specErrors({ streams: [...several, stream] })).toEqual([
      'spec.streams stands for more than 200 streams, as each height is one; put them into ConfigMaps (streamsFrom)',
    ]);
  });

  it('refuses names that stand twice, naming both', () => {
    expect(specErrors({ streams: [stream, { ...stream, name: 'b' }, stream] })).toEqual([
      'spec.streams[2].name "channel-1" is already the name of streams[0]; names must differ',
    ]);
  });

  it.each([
    [{ streams: [] }, 'spec.streams is empty; add at least {name, url}'],
    [{ streams: undefined }, 'spec needs streams or streamsFrom'],
    [{ streamsFrom: [] }, 'spec.streamsFrom is empty; add {configMap: {name}} or leave it out'],
    [{ streams: stream }, 'spec.streams must be a list, not an object'],
    [{ detectors: { blak: {} } }, 'spec.detectors.blak is not a detector; did you mean black?'],
    [{ detectors: { nonsense: {} } }, 'spec.detectors.nonsense is not a detector; known here are profile'],
    [
      { detectors: { black: { minDuration: 2 } } },
      'spec.detectors.black.minDuration must be a text, not the number 2',
    ],
    [
      { detectors: { black: { minDuration: '2 seconds' } } },
      'spec.detectors.black.minDuration must be a duration with a unit, such as 45ms, 2s or 1m30s',
    ],
    [
      { detectors: { black: { minDuration: '2h' } } },
      'spec.detectors.black.minDuration must be from 0s to 1h',
    ],
    [{ detectors: { black: { level: 65 } } }, 'spec.detectors.black.level must be at most 64'],
    [
      { detectors: { black: { severity: 'fatal' } } },
      'spec.detectors.black.severity must be one of info, warning, critical',
    ],
    [
      { detectors: { black: { levle: 1 } } },
      'spec.detectors.black.levle is not a field; did you mean level?',
    ],
    [
      { sharding: { subsets: [['black'], ['black']] } },
      'spec.sharding.subsets names black twice; each detector runs in one subset',
    ],
    [
      { sharding: { isolation: 'Shred' } },
      'spec.sharding.isolation must be one of Shared, Dedicated; did you mean Shared?',
    ],
    [{ streamsFrom: [{ configMap: {} }] }, 'spec.streamsFrom[0].configMap needs name or selector'],
    [
      { streamsFrom: [{ configMap: { name: 'a', selector: { matchLabels: {} } } }] },
      'spec.streamsFrom[0].configMap has both name and selector; keep one',
    ],
    [
      { streamsFrom: [{ secret: {} }] },
      'spec.streamsFrom[0].secret is not a field; known here are configMap',
    ],
    [{ sharding: { subsets: 'auto' } }, 'spec.sharding.subsets must be a list, not a text'],
    [{ notifications: [{ webhook: {} }] }, 'spec.notifications[0].webhook needs url or urlFrom'],
    [
      { notifications: [{ webhook: { url: 'ws://x' } }] },
      'spec.notifications[0].webhook.url has the scheme "ws"; supported are http, https',
    ],
    [{ notifications: [{}] }, 'spec.notifications[0] needs webhook or alertmanager'],
    [
      { notifications: [{ webhook: { url: 'https://a/' }, alertmanager: { url: 'https://b/' } }] },
      'spec.notifications[0] has both webhook and alertmanager; keep one',
    ],
    [
      { notifications: [{ match: { streams: ['HD'] }, webhook: { url: 'https://a/' } }] },
      'spec.notifications[0].match.streams[0] must be the name of a stream, or a pattern such as hd-*',
    ],
    [
      { notifications: [{ match: { detectors: ['frieze'] }, webhook: { url: 'https://a/' } }] },
      'spec.notifications[0].match.detectors[0] "frieze" is not a detector; there are ',
    ],
    [
      { actions: [{ ...action, match: { kinds: ['gone'] } }] },
      'spec.actions[0].match.kinds[0] "gone" is not a kind of defect; there are ',
    ],
    [{ actions: [{ ...action, name: 'Switch' }] }, 'spec.actions[0].name must be lower-case letters'],
    [
      { actions: [action, action] },
      'spec.actions[1].name "switch" is already the name of actions[0]; names must differ',
    ],
    [{ actions: [{ ...action, after: '2h' }] }, 'spec.actions[0].after must be from 0s to 1h'],
    [{ actions: [{ ...action, cooldown: '5' }] }, 'spec.actions[0].cooldown must be a duration with a unit'],
    [{ actions: [{ name: 'a', match: {} }] }, 'spec.actions[0].webhook is missing'],
    [
      { streams: [{ ...stream, detectors: { black: { severity: 'bad' } } }] },
      'spec.streams[0].detectors.black.severity',
    ],
    [
      { streams: [{ ...stream, detectors: { blak: {} } }] },
      'spec.streams[0].detectors.blak is not a field; did you mean black?',
    ],
    [{ results: { s3: {} } }, 'spec.results.s3.bucket is missing'],
    [{ results: { directory: '/tmp' } }, 'spec.results.directory is not a field'],
    [{ suspend: 'yes' }, 'spec.suspend must be true or false, not a text'],
    [{ podTempl: {} }, 'spec.podTempl is not a field; did you mean podTemplate?'],
  ])('refuses the spec %j', (spec, message) => {
    expect(specErrors(spec).join('\n')).toContain(message);
  });

  it.each([
    [null, 'must be an object with named fields, not empty'],
    ['text', 'must be an object with named fields, not a text'],
    [monitor({ streams: [stream] }, { apiVersion: 'v1' }), 'apiVersion must be streammonitor.dev/v1alpha1'],
    [monitor({ streams: [stream] }, { metadata: {} }), 'metadata.name is missing'],
    [monitor({ streams: [stream] }, { data: {} }), 'data is not a field'],
  ])('refuses the document %j', (document, message) => {
    expect(errorsOf(document).join('\n')).toContain(message);
  });

  it.each([
    [{ labels: { 'streammonitor.dev/pool': 'x' } }, 'labels.streammonitor.dev/pool is set by the operator'],
    [{ labels: { 'app.kubernetes.io/name': 'x' } }, 'labels.app.kubernetes.io/name is set by the operator'],
    [{ annotations: { 'streammonitor.dev/generation': '9' } }, 'is set by the operator; choose another key'],
    [{ labels: { 'my team': 'x' } }, 'labels.my team must be a label key, such as team or example.com/team'],
    [{ labels: { team: 'a b' } }, 'labels.team must be the value of a label'],
    [{ nodeSelector: { disk: 1 } }, 'nodeSelector.disk must be a text, not the number 1'],
    [
      { labels: Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`l${index}`, 'x'])) },
      'labels must have at most 32 entries',
    ],
    [
      { tolerations: [{ effect: 'NoSchedule' }] },
      'tolerations[0].operator must be Exists where no key is given',
    ],
    [
      { tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] },
      'tolerations[0].value is ignored with operator: Exists; remove one of them',
    ],
    [
      { tolerations: [{ key: 'a', tolerationSeconds: 3 }] },
      'tolerations[0].effect must be NoExecute where tolerationSeconds is given',
    ],
    [
      {
        topologySpreadConstraints: [1, 2].map((maxSkew) => ({
          maxSkew,
          topologyKey: 'zone',
          whenUnsatisfiable: 'DoNotSchedule',
        })),
      },
      'topologySpreadConstraints[1].topologyKey stands twice with the same whenUnsatisfiable; keep one',
    ],
    [
      { serviceAccountName: 'Writer' },
      'serviceAccountName must be the name of a ServiceAccount, such as results-writer',
    ],
    [
      { resources: { requests: { cpu: '10m' } } },
      'resources.requests.cpu must be from 50m to 256, written like 50m',
    ],
    [
      { resources: { requests: { cpu: true } } },
      'resources.requests.cpu must be from 50m to 256, written like 50m',
    ],
    [{ resources: { limits: { memory: '2 GB' } } }, 'resources.limits.memory must be from 128Mi to 4Ti'],
    [
      { resources: { requests: { cpu: 2 }, limits: { cpu: '1500m' } } },
      'resources.limits.cpu is below requests.cpu',
    ],
    [{ hostNetwork: true }, 'hostNetwork is not a field; known here are annotations, labels, nodeSelector,'],
  ])('refuses the pod template %j', (podTemplate, message) => {
    expect(specErrors({ podTemplate })).toHaveLength(1);
    expect(specErrors({ podTemplate })[0]).toContain(message);
  });

  it('refuses more Secrets than a pod mounts, naming them', () => {
    const reference = (name: string) => ({ secretKeyRef: { name, key: 'key' } });
    const streams = 'abcdefgh'.split('').map((name) => ({ name, urlFrom: reference(`keys-${name}`) }));
    expect(specErrors({ streams })).toEqual([]);
    const notifications = [{ webhook: { url: 'https://pager.example/', secretFrom: reference('pager') } }];
    expect(specErrors({ streams, notifications })).toEqual([
      'spec names 9 Secrets (keys-a, keys-b, keys-c, keys-d, keys-e, keys-f, keys-g, keys-h, pager), and its pods ' +
        'mount at most 8; keep more keys in fewer Secrets, or split it over several StreamMonitors',
    ]);
  });

  it('takes streams from ConfigMaps alone', () => {
    const streamsFrom = [{ configMap: { name: 'channels' } }];
    expect(parseStreamMonitor(monitor({ streamsFrom })).spec.streams).toEqual([]);
  });

  it('refuses more streams than an object may hold', () => {
    const streams = Array.from({ length: 201 }, (_, index) => ({ ...stream, name: `s-${index}` }));
    expect(specErrors({ streams })).toEqual([
      'spec.streams has more than 200 entries; put them into ConfigMaps (streamsFrom)',
    ]);
  });

  it('names every wrong field at once', () => {
    expect(specErrors({ suspend: 1, streams: [{ name: 'A_', url: 'ftp://x' }] })).toHaveLength(3);
  });

  it('takes detectors of modules, and kinds that only they know, in a match', () => {
    const webhook = { url: 'https://a/' };
    const detectors = { custom: [{ name: 'logo', module: 'logo-detector' }] };
    const match = { detectors: ['logo', 'freeze'], kinds: ['gone'] };
    expect(specErrors({ streams: [stream], detectors, notifications: [{ match, webhook }] })).toEqual([]);
    const wrong = [{ match: { detectors: ['lgo'] }, webhook }];
    expect(specErrors({ streams: [stream], detectors, notifications: wrong })).toEqual([
      expect.stringMatching(/match\.detectors\[0\] "lgo" is not a detector; there are .*, logo$/),
    ]);
  });

  it('takes detectors of modules where their defects are expected', () => {
    const errors = (detector: string) => {
      const window = { cron: '0 3 * * *', duration: '2h', detectors: [detector] };
      return specErrors({
        streams: [{ ...stream, expect: { static: [window] } }],
        detectors: { custom: [{ name: 'logo', module: 'logo-detector' }] },
      });
    };
    expect(errors('logo')).toEqual([]);
    expect(errors('lgo')).toEqual([
      expect.stringMatching(
        /^spec\.streams\[0\]\.expect\.static\[0\]\.detectors\[0\] "lgo" is not a detector; there are .*, logo$/,
      ),
    ]);
  });

  it('takes when a stream is expected to stand still, and refuses what is no time', () => {
    const expectErrors = (window: object) =>
      streamErrors({ expect: { static: [{ cron: '0 3 * * *', duration: '2h', ...window }] } });
    expect(expectErrors({ timeZone: 'Europe/Berlin', detectors: ['freeze', 'stall'] })).toEqual([]);
    const path = 'spec.streams[0].expect.static[0]';
    for (const [window, error] of [
      [{ cron: '0 3 * *' }, `${path}.cron must be five fields`],
      [{ cron: '0 0 3 * * *' }, `${path}.cron must be five fields`],
      [{ cron: '61 3 * * *' }, `${path}.cron must be five fields: .*; Invalid value for minute: 61`],
      [{ cron: '0 3 31 2 *' }, `${path}.cron never comes`],
      [{ timeZone: 'Europe/Atlantis' }, `${path}.timeZone must be the name of a time zone`],
      [{ timeZone: '+01:00' }, `${path}.timeZone must be the name of a time zone`],
      [{ duration: '2' }, `${path}.duration must be a duration`],
      [{ detectors: ['freez'] }, `${path}.detectors[0] "freez" is not a detector`],
      [{ zone: 'UTC' }, `${path}.zone`],
    ] as const) {
      const pattern = new RegExp(`^${error.replaceAll('[', '\\[').replaceAll(']', '\\]')}`);
      expect(expectErrors(window), JSON.stringify(window)).toEqual([expect.stringMatching(pattern)]);
    }
    expect(streamErrors({ expect: { static: [] } })).toEqual([
      expect.stringMatching(/expect.static is empty/),
    ]);
  });

  it('takes breaks and slates, and refuses what is no hash', () => {
    const hash = '0f'.repeat(32);
    const slates = (...entries: object[]) => ({ expect: { slates: entries } });
    expect(streamErrors({ expect: { breaks: {} } })).toEqual([]);
    expect(streamErrors(slates({ name: 'soon', hash }, { name: 'bars', hash, tolerance: 0 }))).toEqual([]);
    const path = 'spec.streams[0].expect';
    const fix = 'must be 64 hexadecimal digits, as the command "streammonitor slate" prints them';
    for (const [stream, error] of [
      [slates({ name: 'soon', hash: 'soon.png' }), `${path}.slates[0].hash ${fix}`],
      [slates({ name: 'soon', hash: `${hash}00` }), `${path}.slates[0].hash ${fix}`],
      [slates({ name: 'soon', hash: hash.slice(2) }), `${path}.slates[0].hash ${fix}`],
      [slates({ name: 'Soon', hash }), `${path}.slates[0].name must be lower-case`],
      [slates({ name: 'soon', hash, tolerance: 65 }), `${path}.slates[0].tolerance`],
      [slates({ name: 'soon', hash, detectors: ['freez'] }), `${path}.slates[0].detectors[0] "freez" is not`],
      [
        slates({ name: 'a', hash }, { name: 'a', hash }),
        `${path}.slates[1].name "a" is already the name of slates[0]`,
      ],
      [slates(), `${path}.slates is empty`],
      [{ expect: { breaks: { maxDuration: '0s' } } }, `${path}.breaks.maxDuration must be from 1s to 3h`],
      [{ expect: { breaks: { margin: '1m' } } }, `${path}.breaks.margin must be from 0s to 30s`],
      [
        { expect: { breaks: { detectors: [] } } },
        `${path}.breaks.detectors is empty; leave it out for the usual ones`,
      ],
    ] as const) {
      const errors = streamErrors(stream);
      expect(errors, JSON.stringify(stream)).toEqual([expect.stringContaining(error)]);
    }
  });
});
