import { describe, expect, it } from 'vitest';
import { type Assignment, parseAssignment } from '../../../crds/assignment.ts';
import { resolveDetectors } from '../../../crds/detector-settings.ts';
import { parseStreamMonitor } from '../../../crds/stream-monitor.ts';
import { watchedStreams } from '../../../crds/stream-renditions.ts';
import { changedAssignments, placementsOf } from '../../../operator/planner/assignments.ts';
import { assumedVideo, expectedVideo } from '../../../operator/planner/cost.ts';
import { desiredMonitor } from '../../../operator/planner/demand.ts';
import { asItRuns } from '../../../operator/planner/desired-monitor.ts';
import { mountedSecrets } from '../../../operator/planner/mounted-secrets.ts';
import { placement, plannedShard } from './placements.ts';

const now = Date.parse('2026-01-01T12:00:00Z');
const secret = (key: string) => ({ secretKeyRef: { name: 'live-keys', key } });
const monitor = (spec: object, name = 'sports') =>
  parseStreamMonitor({
    apiVersion: 'streammonitor.dev/v1alpha1',
    kind: 'StreamMonitor',
    metadata: { name, namespace: 'live' },
    spec: { streams: [{ name: 'a', url: 'https://origin.example/a.m3u8' }], ...spec },
  });
const desired = (spec: object, { installation = {}, name = 'sports' } = {}) => {
  const subject = monitor(spec, name);
  return desiredMonitor(subject, watchedStreams(subject.spec.streams), 'shard', installation, now);
};
const demandOf = (spec: object) => desired(spec).streams[0]!.demand;
const types = Object.keys(resolveDetectors()).sort();

/** The documents that are written for shards, and those that lie there then. */
function written(
  monitors: ReturnType<typeof desired>[],
  shards = [
    plannedShard(
      ...monitors.flatMap(({ key, streams }) =>
        streams.map(({ demand }) => placement(demand.name, { monitor: key, detectors: types })),
      ),
    ),
  ],
  before: ReadonlyMap<string, Assignment> = new Map(),
  installation = {},
) {
  const byKey = new Map(monitors.map((one) => [one.key, one]));
  return changedAssignments(shards, before, byKey, installation, now).map(({ assignment }) =>
    parseAssignment(JSON.parse(JSON.stringify(assignment))),
  );
}

describe('desiredMonitor', () => {
  it('leaves it to the planner whether detectors are divided', () => {
    expect(demandOf({})).toMatchObject({ detectors: types });
    expect(demandOf({})).not.toHaveProperty('subsets');
  });

  it('has the enabled detectors of modules run beside the built-in ones, with settings as they were written', () => {
    const logo = {
      name: 'logo',
      module: 'logo-detector',
      minDuration: '3s',
      parameters: { corner: 'top-left' },
    };
    const custom = [logo, { name: 'off', module: 'logo-detector', enabled: false }];
    expect(demandOf({ detectors: { custom } }).detectors).toEqual([...types, 'logo'].sort());
    expect(desired({ detectors: { custom } }).settings.custom).toEqual([logo]);
    expect(desired({}).settings).not.toHaveProperty('custom');
  });

  it('puts what no subset names with the first, and drops what is switched off', () => {
    const [first, second] = demandOf({
      sharding: { subsets: [['black'], ['av-sync', 'silence']] },
      detectors: { silence: { enabled: false } },
    }).subsets!;
    expect(second).toEqual(['av-sync']);
    expect(first!.toSorted()).toEqual(types.filter((type) => type !== 'silence' && type !== 'av-sync'));
  });

  it('passes the reference on, with its Secrets by name, and tells the planner of it', () => {
    const reference = { urlFrom: secret('url'), headersFrom: secret('headers') };
    const streams = [{ name: 'a', url: 'https://origin.example/a.m3u8', reference }];
    const asked = desired({ streams });
    expect(asked.streams[0]!.demand.reference).toBe(true);
    const [document] = written([asked]);
    expect(document!.streams[0]!.reference).toEqual({
      urlFrom: { name: 'live-keys', key: 'url' },
      headersFrom: { name: 'live-keys', key: 'headers' },
    });
    const running = asItRuns('live/sports', [{ pool: 'shard', assignment: document! }]);
    expect(running!.streams[0]!.demand.reference).toBe(true);
    expect(demandOf({}).reference).toBeUndefined();
  });

  it('tells shards when a stream is expected to stand still', () => {
    const windows = { static: [{ cron: '0 3 * * *', duration: '2h', timeZone: 'Europe/Berlin' }] };
    const url = 'https://origin.example/a.m3u8';
    const [document] = written([desired({ streams: [{ name: 'a', url, expect: windows }] })]);
    expect(document!.streams[0]!.expect).toEqual({
      static: [{ cron: '0 3 * * *', duration: 7200, timeZone: 'Europe/Berlin' }],
    });
  });

  it('tells shards of breaks and slates, with durations in seconds', () => {
    const hash = '0f'.repeat(32);
    const expected = { breaks: { maxDuration: '5m', margin: '500ms' }, slates: [{ name: 'soon', hash }] };
    const stream = { name: 'a', url: 'https://origin.example/a.m3u8' };
    const [document] = written([desired({ streams: [{ ...stream, expect: expected }] })]);
    expect(document!.streams[0]!.expect).toEqual({
      static: [],
      breaks: { maxDuration: 300, margin: 0.5 },
      slates: [{ name: 'soon', hash, tolerance: 31 }],
    });
    const [defaults] = written([desired({ streams: [{ ...stream, expect: { breaks: {} } }] })]);
    expect(defaults!.streams[0]!.expect).toEqual({ static: [], breaks: { maxDuration: 600, margin: 1 } });
  });

  it('asks for nothing while suspended, or outside of a window', () => {
    const stream = { name: 'a', url: 'https://origin.example/a.m3u8' };
    const during = (start: string, end: string) =>
      desired({ streams: [{ ...stream, window: { start, end } }] }).streams;
    expect(desired({ suspend: true }).streams).toEqual([]);
    expect(during('2026-01-01T13:00:00Z', '2026-01-01T14:00:00Z')).toEqual([]);
    expect(during('2026-01-01T10:00:00Z', '2026-01-01T12:00:00Z')).toEqual([]);
    expect(during('2026-01-01T12:00:00Z', '2026-01-01T12:00:01Z')).toHaveLength(1);
  });

  it('lets one reader only where the source has room for no more', () => {
    const exclusive = (stream: object) => demandOf({ streams: [{ name: 'a', ...stream }] }).exclusive;
    expect(exclusive({ url: 'https://origin.example/a.m3u8' })).toBeUndefined();
    expect(exclusive({ url: 'https://origin.example/a.m3u8', connections: 1 })).toBe(true);
    expect(exclusive({ url: 'udp://239.0.0.1:5000' })).toBe(true);
    expect(exclusive({ url: 'rtp://0.0.0.0:5000' })).toBe(true);
    expect(exclusive({ url: 'srt://host:9000' })).toBeUndefined();
    expect(exclusive({ url: 'srt://0.0.0.0:9000?mode=listener' })).toBe(true);
    const url = 'https://origin.example/a.m3u8';
    expect(exclusive({ url, reference: { url: 'udp://239.0.0.1:5000' } })).toBe(true);
    expect(exclusive({ url, reference: { url: 'srt://host:9000' } })).toBeUndefined();
  });
});

describe('several renditions', () => {
  const url = 'https://origin.example/a.m3u8';
  const heights = [1080, 480];

  it('are streams that are placed each by its own picture', () => {
    const { streams } = desired({ streams: [{ name: 'a', url, rendition: { heights } }] });
    expect(streams.map(({ demand, entry }) => [demand.name, demand.video.height, entry.rendition])).toEqual([
      ['a@1080p', 1080, { height: 1080 }],
      ['a@480p', 480, { height: 480 }],
    ]);
    expect(expectedVideo({ height: 2160 })).toEqual({ width: 3840, height: 2160, frameRate: 30 });
    expect(expectedVideo({ maxHeight: 2160 })).toEqual(assumedVideo);
  });

  it('run on as they are under a change that is refused', () => {
    const subject = desired({ streams: [{ name: 'a', url, rendition: { heights } }] });
    const running = written([subject]).map((assignment) => ({ pool: 'shard', assignment }));
    const left = asItRuns(subject.key, running);
    expect(left?.streams.map(({ demand }) => [demand.name, demand.video.height])).toEqual([
      ['a@1080p', 1080],
      ['a@480p', 480],
    ]);
  });
});

describe('changedAssignments', () => {
  it('writes documents that a monitor reads', () => {
    const [assignment, ...others] = written(
      [
        desired({
          streams: [
            {
              name: 'a',
              urlFrom: secret('a'),
              headersFrom: secret('headers'),
              decryption: { keyFrom: secret('content') },
              rendition: { maxHeight: 720 },
            },
            { name: 'b', url: 'srt://host:9000', rendition: { select: 'lowest' }, priority: 7 },
          ],
          notifications: [{ webhook: { url: 'https://alerts.example/', secretFrom: secret('hook') } }],
          results: { s3: { bucket: 'results', credentialsFrom: secret('s3') } },
        }),
      ],
      undefined,
      undefined,
      { region: 'eu' },
    );
    expect(others).toEqual([]);
    expect(assignment).toMatchObject({
      shard: 'shard-0',
      generation: 1,
      time: '2026-01-01T12:00:00.000Z',
      region: 'eu',
      monitors: {
        'live/sports': {
          notifications: [
            { webhook: { url: 'https://alerts.example/', secretFrom: { name: 'live-keys', key: 'hook' } } },
          ],
          results: {
            s3: { bucket: 'results', prefix: '', credentialsFrom: { name: 'live-keys', key: 's3' } },
          },
        },
      },
      streams: [
        {
          name: 'a',
          urlFrom: { name: 'live-keys', key: 'a' },
          keyFrom: { name: 'live-keys', key: 'content' },
          rendition: { maxHeight: 720 },
          role: 'owner',
          placement: {
            since: '2026-01-01T00:00:00.000Z',
            reason: 'the stream is new',
            cost: 100,
            generation: 1,
          },
        },
        { name: 'b', url: 'srt://host:9000', rendition: 'lowest', priority: 7 },
      ],
    });
    expect(assignment!.monitors['live/sports']!.detectors).toEqual(resolveDetectors());
  });

  it('says who is told of what, what is done about it, and severities of a stream', () => {
    const [assignment] = written([
      desired({
        streams: [
          {
            name: 'a',
            url: 'https://origin.example/a.m3u8',
            detectors: { freeze: { severity: 'info' }, black: {} },
          },
          { name: 'b', url: 'https://origin.example/b.m3u8', detectors: {} },
        ],
        notifications: [
          {
            match: { streams: ['a*'], severity: 'critical' },
            alertmanager: {
              urlFrom: secret('am'),
              headersFrom: secret('auth'),
              pageUrl: 'https://page.example',
            },
          },
        ],
        actions: [
          {
            ...{ name: 'switch', match: { detectors: ['freeze'], kinds: ['full'] }, cooldown: '1h' },
            webhook: { url: 'https://router.example/', secretFrom: secret('router') },
          },
        ],
      }),
    ]);
    const inSecret = (key: string) => ({ name: 'live-keys', key });
    expect(assignment!.monitors['live/sports']).toMatchObject({
      notifications: [
        {
          match: { streams: ['a*'], severity: 'critical' },
          alertmanager: {
            ...{ urlFrom: inSecret('am'), headersFrom: inSecret('auth'), pageUrl: 'https://page.example' },
          },
        },
      ],
      actions: [
        {
          ...{ name: 'switch', match: { detectors: ['freeze'], kinds: ['full'] }, after: 10, cooldown: 3600 },
          webhook: { url: 'https://router.example/', secretFrom: inSecret('router') },
        },
      ],
    });
    expect(assignment!.streams[0]!.severities).toEqual({ freeze: 'info' });
    expect(assignment!.streams[1]).not.toHaveProperty('severities');
    expect(mountedSecrets(assignment!)).toEqual(new Set(['live-keys']));
    const { monitors } = assignment!;
    const named = (names: object) => ({
      ...assignment!,
      monitors: { 'live/sports': { ...monitors['live/sports']!, ...names } },
    });
    const key = (name: string) => ({ name, key: 'k' });
    expect(
      [
        ...mountedSecrets(
          named({
            notifications: [{ alertmanager: { urlFrom: key('a'), headersFrom: key('b') } }],
            actions: [{ webhook: { urlFrom: key('c'), secretFrom: key('e'), headersFrom: key('d') } }],
          }),
        ),
      ].sort(),
    ).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('goes beyond the generation that a shard runs, whatever became of its assignment', () => {
    const [sports] = [desired({})];
    const byKey = new Map([[sports!.key, sports!]]);
    const shards = [plannedShard(placement('a', { detectors: types }))];
    const next = (before: Assignment[], running: number) =>
      changedAssignments(
        shards,
        new Map(before.map((one) => [one.shard, one])),
        byKey,
        {},
        now,
        new Map([['shard-0', running]]),
      ).map(({ assignment }) => assignment);
    const [first] = next([], 7);
    expect(first!.generation).toBe(8);
    expect(next([first!], 7)).toEqual([]);
    expect(next([first!], 8)).toEqual([]);
    const [later] = next([first!], 12);
    expect(later).toEqual({ ...first, generation: 13 });
  });

  it('keeps results in the folder of the installation where no bucket is named', () => {
    const installation = { resultsDirectory: '/results' };
    const [assignment] = written([
      desired({}, { installation }),
      desired({ results: { s3: { bucket: 'results' } } }, { installation, name: 'news' }),
    ]);
    expect(assignment!.monitors['live/sports']!.results).toEqual({ directory: '/results' });
    expect(assignment!.monitors['live/news']!.results).not.toHaveProperty('directory');
  });

  it('tells a shard only of the monitors whose streams it has', () => {
    const shards = ['sports', 'news'].map((name, index) => ({
      ...plannedShard(placement('a', { monitor: `live/${name}` })),
      name: `shard-${index}`,
    }));
    const documents = written([desired({}), desired({}, { name: 'news' })], shards);
    expect(documents.map(({ monitors }) => Object.keys(monitors))).toEqual([['live/sports'], ['live/news']]);
  });

  it('writes nothing while nothing changes, and the next generation when something does', () => {
    const monitors = [desired({ notifications: [{ webhook: { url: 'https://alerts.example/' } }] })];
    const [first] = written(monitors);
    const before = new Map([['shard-0', first!]]);
    const shards = [plannedShard(placement('a', { detectors: types }))];
    expect(written(monitors, shards, before)).toEqual([]);
    const changed = written([desired({ detectors: { freeze: { minDuration: '5s' } } })], shards, before);
    expect(changed).toMatchObject([{ generation: 2 }]);
  });

  it('leaves a stream and its settings as they were on pods without the Secrets that they are to have', () => {
    const stream = { name: 'a', url: 'https://origin.example/a.m3u8', headersFrom: secret('a') };
    const webhook = (url: string, reference = secret('hook')) => ({
      notifications: [{ webhook: { url, secretFrom: reference } }],
    });
    const before = desired({ streams: [stream], ...webhook('https://alerts.example/') });
    const [first] = written([before]);
    const lying = new Map([['shard-0', first!]]);
    const shards = ['shard', 'other'].map((pool, index) => ({
      ...plannedShard(placement('a', { detectors: types, role: index === 0 ? 'demoted' : 'owner' })),
      ...{ name: `shard-${index}`, pool },
    }));
    const inPool = (pool: string, one: typeof before) => ({
      ...one,
      streams: one.streams.map(({ demand, entry }) => ({ demand: { ...demand, pool }, entry })),
    });
    const elsewhere = { secretKeyRef: { name: 'other-keys', key: 'a' } };
    const changed = desired({
      streams: [{ ...stream, headersFrom: elsewhere }],
      ...webhook('https://new.example/', elsewhere),
    });
    const [left, right] = written([inPool('other', changed)], shards, lying);
    expect(left!.monitors).toEqual(first!.monitors);
    expect(left!.streams).toMatchObject([{ headersFrom: { name: 'live-keys' }, role: 'demoted' }]);
    expect(right!.monitors['live/sports']).toMatchObject({
      notifications: [{ webhook: { url: 'https://new.example/' } }],
    });
    expect(right!.streams).toMatchObject([{ headersFrom: { name: 'other-keys' } }]);
    // What needs no other Secret takes effect at once, whatever the pods are to look like.
    const renamed = desired({
      streams: [{ ...stream, url: 'https://origin.example/b.m3u8' }],
      ...webhook('https://new.example/'),
    });
    const [followed] = written([inPool('other', renamed)], shards, lying);
    expect(followed!.streams).toMatchObject([{ url: 'https://origin.example/b.m3u8' }]);
    expect(followed!.monitors['live/sports']).toMatchObject({
      notifications: [{ webhook: { url: 'https://new.example/' } }],
    });
  });

  it('leaves the detectors of modules as they were on pods that lack one', () => {
    const custom = (module: string) => desired({ detectors: { custom: [{ name: 'logo', module }] } });
    const [first] = written([custom('logo-detector')]);
    expect(first!.monitors['live/sports']!.custom).toEqual([{ name: 'logo', module: 'logo-detector' }]);
    const moved = custom('other-detector');
    const elsewhere = {
      ...moved,
      streams: moved.streams.map(({ demand, entry }) => ({ demand: { ...demand, pool: 'other' }, entry })),
    };
    const lying = new Map([['shard-0', first!]]);
    expect(written([elsewhere], undefined, lying)).toEqual([]);
  });

  it('leaves a shard without streams the settings for what it has still to deliver', () => {
    const [first] = written([desired({})]);
    const [emptied] = written([], [plannedShard()], new Map([['shard-0', first!]]));
    expect(emptied).toMatchObject({ generation: 2, streams: [], monitors: { 'live/sports': {} } });
  });

  it('keeps a hand-over and the role of every part of a move through being written and read', () => {
    const adopt = { from: 'shard-1', watermarkTime: '2026-01-01T11:59:58Z', incidents: [] };
    const on = [
      placement('a', { detectors: types, adopt, from: 'shard-1' }),
      placement('b', { role: 'demoted', detectors: types }),
      placement('c', { role: 'warming', detectors: types, from: 'shard-2' }),
    ];
    const streams = ['a', 'b', 'c'].map((name) => ({ name, url: `https://origin.example/${name}.m3u8` }));
    const [document] = written([desired({ streams })], [plannedShard(...on)]);
    expect(placementsOf(document!)).toEqual(on);
  });
});

describe('asItRuns', () => {
  it('asks for what runs, so that nothing changes', () => {
    const asked = [
      desired({
        streams: [
          { name: 'a', url: 'udp://239.0.0.1:5000' },
          { name: 'b', url: 'srt://host:9000' },
        ],
      }),
    ];
    const [assignment] = written(asked);
    const running = asItRuns('live/sports', [{ pool: 'shard', assignment: assignment! }])!;
    const shards = [plannedShard(...placementsOf(assignment!))];
    expect(written([running], shards, new Map([['shard-0', assignment!]]))).toEqual([]);
    expect(
      running.streams.map(({ demand }) => [demand.name, demand.exclusive ?? false, demand.pool]),
    ).toEqual([
      ['a', true, 'shard'],
      ['b', false, 'shard'],
    ]);
  });

  it('knows nothing of what does not run', () => {
    expect(asItRuns('live/other', [])).toBeUndefined();
  });
});
