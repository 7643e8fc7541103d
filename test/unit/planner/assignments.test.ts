import { describe, expect, it } from 'vitest';
import { parseAssignment } from '../../../crds/assignment.ts';
import { detectorCatalogue } from '../../../crds/detector-catalogue.ts';
import { resolveDetectors } from '../../../crds/detector-settings.ts';
import { parseStreamMonitor } from '../../../crds/stream-monitor.ts';
import { assignmentsOf, planOf } from '../../../operator/planner/assignments.ts';
import { demandsOf } from '../../../operator/planner/demand.ts';
import { plan } from '../../../operator/planner/plan.ts';

const secret = (key: string) => ({ secretKeyRef: { name: 'live-keys', key } });
const monitor = (spec: object, name = 'sports') =>
  parseStreamMonitor({
    apiVersion: 'streammonitor.dev/v1alpha1',
    kind: 'StreamMonitor',
    metadata: { name, namespace: 'live' },
    spec: { streams: [{ name: 'a', url: 'https://origin.example/a.m3u8' }], ...spec },
  });
const detectorCosts = Object.fromEntries(
  Object.values(detectorCatalogue).map(({ type, cost }) => [type, cost]),
);
const policy = { shardCapacity: 2000, streamsPerShard: 30, maxShards: 10 };
const assign = (monitors: ReturnType<typeof monitor>[], installation = {}) => {
  const { plan: planned } = plan({ streams: monitors.flatMap(demandsOf), detectorCosts, health: {}, policy });
  return { planned, assignments: assignmentsOf(planned, monitors, installation) };
};

describe('demandsOf', () => {
  const types = Object.keys(resolveDetectors());

  it('runs all enabled detectors together', () => {
    expect(demandsOf(monitor({}))[0]!.subsets).toEqual([types]);
  });

  it('puts what no subset names with the first, and drops what is switched off', () => {
    const subject = monitor({
      sharding: { subsets: [['black'], ['av-sync', 'silence']] },
      detectors: { silence: { enabled: false } },
    });
    const [first, second] = demandsOf(subject)[0]!.subsets;
    expect(second).toEqual(['av-sync']);
    expect(first!.toSorted()).toEqual(types.filter((type) => type !== 'silence' && type !== 'av-sync'));
  });

  it('asks for nothing while suspended', () => {
    expect(demandsOf(monitor({ suspend: true }))).toEqual([]);
  });
});

describe('assignmentsOf', () => {
  it('writes documents that a monitor reads', () => {
    const subject = monitor({
      streams: [
        { name: 'a', urlFrom: secret('a'), headersFrom: secret('headers'), rendition: { maxHeight: 720 } },
        { name: 'b', url: 'srt://host:9000', rendition: { select: 'lowest' }, priority: 7 },
      ],
      notifications: [{ webhook: { url: 'https://alerts.example/', secretFrom: secret('hook') } }],
      results: { s3: { bucket: 'results', credentialsFrom: secret('s3') } },
    });
    const [assignment, ...others] = assign([subject], { region: 'eu' }).assignments;
    expect(others).toEqual([]);
    expect(parseAssignment(JSON.parse(JSON.stringify(assignment)))).toEqual(assignment);
    expect(assignment).toMatchObject({
      shard: 'shard-0',
      generation: 1,
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
        { name: 'a', urlFrom: { name: 'live-keys', key: 'a' }, rendition: { maxHeight: 720 }, role: 'owner' },
        { name: 'b', url: 'srt://host:9000', rendition: 'lowest', priority: 7 },
      ],
    });
    expect(assignment!.monitors['live/sports']!.detectors).toEqual(resolveDetectors());
  });

  it('keeps results in the folder of the installation where no bucket is named', () => {
    const monitors = [monitor({}), monitor({ results: { s3: { bucket: 'results' } } }, 'news')];
    const [assignment] = assign(monitors, { resultsDirectory: '/results' }).assignments;
    expect(assignment!.monitors['live/sports']!.results).toEqual({ directory: '/results' });
    expect(assignment!.monitors['live/news']!.results).not.toHaveProperty('directory');
  });

  it('tells a shard only of the monitors whose streams it has', () => {
    const monitors = [monitor({}), monitor({}, 'news')];
    const { plan: planned } = plan({
      streams: monitors.flatMap(demandsOf),
      detectorCosts,
      health: {},
      policy: { ...policy, streamsPerShard: 1 },
    });
    expect(assignmentsOf(planned, monitors, {}).map((document) => Object.keys(document.monitors))).toEqual([
      ['live/news'],
      ['live/sports'],
    ]);
  });

  it('is enough to plan on from after a restart', () => {
    const monitors = [monitor({})];
    const { planned, assignments } = assign(monitors);
    const again = plan({
      streams: monitors.flatMap(demandsOf),
      detectorCosts,
      previous: planOf(assignments),
      health: {},
      policy,
    });
    expect(again).toEqual({ plan: { ...planned, generation: 2 }, moves: [] });
  });
});
