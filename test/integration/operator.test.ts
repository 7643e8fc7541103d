import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TileChanges } from '../../crds/page-api.ts';
import { FakeCluster } from './fake-cluster.ts';
import { condition, MonitoredNamespace, plainStreams, type StreamPlace } from './monitored-namespace.ts';
import { type OperatorProcess, startOperator } from './operator-process.ts';
import { eventually } from './run-process.ts';

let bed: FakeCluster;
let operator: OperatorProcess;

beforeAll(async () => {
  bed = await FakeCluster.start();
  operator = await startOperator(bed.plane, { atEnd: bed.atEnd });
  await operator.leads();
});
afterAll(() => bed?.stop());

const namespaceOf = (name: string) => MonitoredNamespace.create(bed.plane, name);
/** A stream for each Secret, which its URL is in. */
const streamsWith = (...secrets: string[]) =>
  secrets.map((secret) => ({
    name: `from-${secret}`,
    urlFrom: { secretKeyRef: { name: secret, key: 'url' } },
  }));
const mountedSecrets = ({ pod }: StreamPlace) =>
  (pod?.spec?.volumes ?? []).flatMap(({ secret }) => secret?.secretName ?? []);
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

describe.concurrent('a StreamMonitor', () => {
  test('is on the page of the cluster', async () => {
    const shown = await namespaceOf('shown');
    await shown.apply('sports', { streams: plainStreams('one', 'two') });
    await eventually('both streams are shown as watched', async () => {
      const { tiles } = (await (await operator.get('/api/tiles')).json()) as TileChanges;
      const up = tiles.filter(({ namespace, phase }) => namespace === shown.name && phase === 'Up');
      return up.map(({ name }) => name).join() === 'one,two';
    });
    const page = await operator.get('/');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await page.text()).toContain('<title>StreamMonitor</title>');
  });

  test('gets an assignment, a pod, a budget and a wall, which are its own', async () => {
    const live = await namespaceOf('live');
    const { metadata } = await live.apply('sports', { streams: plainStreams('one', 'two') });
    await live.owns('sports', ['one', 'two']);
    await eventually('a Ready pod', async () => {
      const pods = await live.list<{ status: { conditions?: { type: string; status: string }[] } }>(
        'api/v1/pods',
      );
      return pods.some(({ status }) =>
        status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
      );
    });
    const [assignment] = await live.assignments();
    const pool = assignment!.shard.replace(/-0$/, '');
    const names = { configMaps: assignment!.shard, deployments: assignment!.shard };
    const poolNames = { podDisruptionBudgets: pool, networkPolicies: pool };
    for (const [kind, objects] of Object.entries(await live.allManaged())) {
      expect(objects, kind).toHaveLength(1);
      const [object] = objects;
      expect(object!.metadata.name, kind).toBe({ ...names, ...poolNames }[kind]);
      expect(object!.metadata.labels, kind).toMatchObject({
        'app.kubernetes.io/name': 'streammonitor',
        'app.kubernetes.io/managed-by': 'streammonitor',
        'streammonitor.dev/pool': pool,
      });
      expect(object!.metadata.ownerReferences, kind).toMatchObject([
        { kind: 'StreamMonitor', name: 'sports', uid: metadata.uid },
      ]);
    }

    const status = await live.status('sports', (said) => condition(said, 'Ready').startsWith('True'));
    expect(status).toMatchObject({
      observedGeneration: 1,
      streams: 2,
      monitored: 2,
      defects: 0,
      shards: 1,
    });
    expect(condition(status, 'Ready')).toBe('True/Watching: All 2 streams are watched.');
    expect(condition(status, 'Degraded')).toMatch(/^False\/AsExpected/);
    expect(condition(status, 'Progressing')).toMatch(/^False\/Complete/);
    expect(condition(status, 'Blind')).toMatch(/^False\/AllWatched/);
    const table = await bed.plane.kubectl(['get', 'smon', '-A']);
    expect(table).toMatch(/NAMESPACE +NAME +READY +STREAMS +MONITORED +DEFECTS +SHARDS +AGE/);
    expect(table).toMatch(/live +sports +True +2 +2 +0 +1 +\d+s/);
  });

  test('is placed without a report, and is never said to be well without one', async () => {
    const mute = await namespaceOf('mute');
    bed.shards.setNamespace('mute', { answer: 'none' });
    await mute.apply('silent', { streams: plainStreams('one') });
    const { pod } = await mute.owner('silent', 'one');
    expect(pod).toBeDefined();
    const first = await mute.status('silent', ({ shards: count }) => count === 1);
    expect(condition(first, 'Ready')).toMatch(/^Unknown\//);
    expect(first.monitored).toBe(0);
    const later = await mute.status('silent', (said) => !condition(said, 'Ready').includes('/Starting'), 60);
    expect(condition(later, 'Ready')).toMatch(/^(Unknown|False)\/(ShardSilent|ShardLost)/);
    expect(condition(later, 'Blind')).not.toMatch(/^False/);
    expect(later.monitored).toBe(0);
  });
  test('stops while it is suspended, and goes on', async () => {
    const paused = await namespaceOf('paused');
    await paused.apply('sports', { streams: plainStreams('one', 'two') });
    await paused.owns('sports', ['one', 'two']);
    await paused.apply('sports', { streams: plainStreams('one', 'two'), suspend: true });
    await paused.owns('sports', []);
    await paused.isEmptied();
    const suspended = await paused.status('sports', (said) => condition(said, 'Ready').includes('Suspended'));
    expect(condition(suspended, 'Ready')).toMatch(/^False\/Suspended: .*spec\.suspend/);
    expect(suspended).toMatchObject({ streams: 2, monitored: 0 });
    await paused.apply('sports', { streams: plainStreams('one', 'two') });
    await paused.owns('sports', ['one', 'two']);
    await paused.status('sports', ({ monitored }) => monitored === 2);
  });

  test('watches a stream within its window, which opens and closes by time alone', async () => {
    const events = await namespaceOf('events');
    const [always, match] = plainStreams('always', 'match');
    const [start, end] = [inSeconds(6), inSeconds(14)];
    await events.apply('sports', { streams: [always, { ...match, window: { start, end } }] });
    await events.owns('sports', ['always']);
    expect(Date.now()).toBeLessThan(Date.parse(start));
    await events.owns('sports', ['always', 'match'], 20);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(start));
    await events.owns('sports', ['always'], 20);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(end));
    expect(Date.now()).toBeLessThan(Date.parse(end) + 5_000);
    const status = await events.status(
      'sports',
      ({ shards: count, monitored }) => count === 1 && monitored === 1,
    );
    expect(condition(status, 'Ready')).toMatch(/^True\/Watching: .*1 more stream outside the window/);
  });
});

describe.concurrent('StreamMonitors of a namespace', () => {
  test('share a shard where their pods look the same, and each owns it', async () => {
    const shared = await namespaceOf('shared');
    const both = ['sports', 'news'];
    const [sports, news] = await Promise.all(
      both.map((name) => shared.apply(name, { streams: plainStreams('one') })),
    );
    const places = await Promise.all(both.map((name) => shared.owner(name, 'one')));
    expect(places[0]!.assignment.shard).toBe(places[1]!.assignment.shard);
    await eventually('both are owners of all', async () =>
      Object.values(await shared.allManaged()).every(
        (objects) =>
          objects.length === 1 &&
          objects[0]!.metadata
            .ownerReferences!.map(({ uid }) => uid)
            .sort()
            .join() === [sports!.metadata.uid, news!.metadata.uid].sort().join(),
      ),
    );
  });

  test('have pods of their own with isolation: Dedicated, and shared ones without', async () => {
    const apart = await namespaceOf('apart');
    const streams = plainStreams('one');
    await apart.apply('alone', { streams, sharding: { isolation: 'Dedicated' } });
    await apart.apply('other', { streams });
    const [alone, other] = await Promise.all([apart.owner('alone', 'one'), apart.owner('other', 'one')]);
    expect(alone.assignment.shard).not.toBe(other.assignment.shard);
    expect(Object.keys(alone.assignment.monitors)).toEqual(['apart/alone']);
    await apart.apply('alone', { streams });
    await apart.owner('alone', 'one', ({ assignment }) => assignment.shard === other.assignment.shard);
    await eventually('the pod of its own is gone', async () => (await apart.assignments()).length === 1);
  });

  test('with other Secrets have other pods; a stream follows a changed set with one owner at all times', async () => {
    const keys = await namespaceOf('keys');
    await keys.apply('a', { streams: streamsWith('red') });
    await keys.apply('b', { streams: streamsWith('blue') });
    const [a, b] = await Promise.all([keys.owner('a', 'from-red'), keys.owner('b', 'from-blue')]);
    expect(a.assignment.shard).not.toBe(b.assignment.shard);
    expect([mountedSecrets(a), mountedSecrets(b)]).toEqual([['red'], ['blue']]);

    await keys.apply('a', { streams: streamsWith('red', 'green') });
    const owners: number[] = [];
    await eventually('the move is over', async () => {
      const places = await keys.places('a', 'from-red');
      owners.push(places.filter(({ stream }) => stream.role === 'owner').length);
      return places.length === 1 && mountedSecrets(places[0]!).join() === 'green,red';
    });
    expect(Math.max(...owners)).toBe(1);
    await keys.owner('a', 'from-green', (place) => mountedSecrets(place).join() === 'green,red');
    await eventually('the pod with one Secret is gone', async () =>
      (await keys.assignments()).every(({ shard }) => shard !== a.assignment.shard),
    );
  });
});
