import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Assignment, shardApiVersion } from '../../../crds/assignment.ts';
import { resolveDetectors } from '../../../crds/detector-settings.ts';
import type { Incident } from '../../../crds/incident.ts';
import { CustomModules } from '../../../monitor/modules/custom-modules.ts';
import { MountedSecrets } from '../../../monitor/secrets/mounted-secrets.ts';
import { OpenIncidents } from '../../../monitor/shard/open-incidents.ts';
import { Shard, type ShardSink } from '../../../monitor/shard/shard.ts';

/** Streams on an address that is refused: nothing leaves the process. */
function assignment(generation: number, streams: readonly object[], detectors: object = {}): Assignment {
  const settings = { namespace: 'live', name: 'sports', detectors: resolveDetectors(), notifications: [] };
  return {
    ...{ apiVersion: shardApiVersion, kind: 'Assignment', shard: 'shard-0', generation },
    monitors: { 'live/sports': { ...settings, detectors: { ...settings.detectors, ...detectors } } },
    streams: streams.map((stream) => ({
      ...{ monitor: 'live/sports', name: 'one', url: 'http://169.254.1.1/x.m3u8', rendition: 'highest' },
      ...{ priority: 50, detectors: ['freeze'], role: 'owner' },
      ...stream,
    })),
  } as Assignment;
}

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'streammonitor-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** `directory`: of the process before, where there was one. */
function started(sinks: readonly ShardSink[] = [], directory = temporaryDirectory()) {
  const openIncidents = new OpenIncidents(directory);
  const log: string[] = [];
  const shard = new Shard({
    bootId: 'boot',
    secrets: new MountedSecrets(undefined),
    modules: new CustomModules({ directory: undefined, logger: pino({ level: 'silent' }) }),
    openIncidents,
    allowedRanges: [],
    pipeDirectory: directory,
    sinks: [
      ...sinks,
      {
        addStream: ({ identity }) => log.push(`add ${identity.stream}`),
        removeStream: ({ stream }) => log.push(`remove ${stream}`),
        handle: ({ stream }, event) => {
          if (event.type === 'incident') log.push(`${event.change} ${stream} ${event.incident.id}`);
          if (event.type === 'state') log.push(`${event.state.reason} ${stream}`);
        },
      },
    ],
    onAssignment: () => {},
    logger: pino({ level: 'silent' }),
  });
  onTestFinished(() => shard.close());
  const names = () => shard.streams.map(({ assignment: { name } }) => name);
  return { shard, log, names, openIncidents, directory };
}

const identity = { namespace: 'live', monitor: 'sports', stream: 'one' };
const incident: Incident = {
  ...identity,
  ...{ id: 'left-open', revision: 1, state: 'open', detector: 'freeze', kind: 'full', severity: 'critical' },
  ...{ start: 10, startTime: '2026-01-01T00:00:10.000Z', openedAt: '2026-01-01T00:00:12.000Z' },
  ...{ score: 1, confidence: 1 },
};

describe('Shard', () => {
  it('adds and removes what differs, and lets the rest alone', async () => {
    const { shard, log, names } = started();
    await shard.apply(assignment(1, [{ name: 'one' }, { name: 'two' }]));
    const [one] = shard.streams;
    await shard.apply(assignment(2, [{ name: 'one' }, { name: 'three' }]));
    expect(names()).toEqual(['one', 'three']);
    expect(shard.streams[0]).toBe(one);
    expect(log.filter((line) => !line.startsWith('EgressDenied'))).toEqual([
      ...['add one', 'Connecting one', 'add two', 'Connecting two'],
      ...['remove two', 'add three', 'Connecting three'],
    ]);
    expect(shard.report()).toMatchObject({ generation: 2, streams: [{ name: 'one' }, { name: 'three' }] });
  });

  it('judges by the severities of a stream, and begins anew when they change', async () => {
    const { shard } = started();
    const severities = () =>
      shard.streams.flatMap(({ detectors }) =>
        detectors.map(({ definition, settings }) => `${definition.manifest.type} ${settings.severity}`),
      );
    const both = ['freeze', 'black'];
    await shard.apply(assignment(1, [{ name: 'one', detectors: both, severities: { freeze: 'info' } }]));
    expect(severities().sort()).toEqual(['black critical', 'freeze info']);
    const [one] = shard.streams;
    await shard.apply(assignment(2, [{ name: 'one', detectors: both, severities: { freeze: 'info' } }]));
    expect(shard.streams[0]).toBe(one);
    await shard.apply(assignment(3, [{ name: 'one', detectors: both }]));
    expect(severities().sort()).toEqual(['black critical', 'freeze critical']);
  });

  it('watches a stream without a detector that this version does not have, and says so', async () => {
    const { shard, names } = started();
    const settings = resolveDetectors().freeze!;
    const detectors = ['freeze', 'moon-phase', 'tides'];
    const later = { 'moon-phase': settings, tides: { ...settings, enabled: false } };
    await shard.apply(assignment(1, [{ name: 'one', detectors }, { name: 'two' }], later));
    expect(names()).toEqual(['one', 'two']);
    expect(shard.streams[0]!.detectors.map(({ definition }) => definition.manifest.type)).toEqual(['freeze']);
    const { generation, streams } = shard.report();
    expect(generation).toBe(1);
    expect(streams[0]).toMatchObject({ detectors, failedDetectors: ['moon-phase'] });
    expect(streams[0]!.unknown['moon-phase']).toMatch(/not in the version/);
    expect(streams[1]).not.toHaveProperty('failedDetectors');
  });

  it('follows the newest when a module changes while that is yet to be followed', async () => {
    const { shard, names } = started();
    await shard.apply(assignment(1, [{ name: 'one' }, { name: 'two' }]));
    const newest = shard.apply(assignment(2, [{ name: 'one' }, { name: 'three' }]));
    await Promise.all([newest, shard.applyAgain()]);
    expect(names()).toEqual(['one', 'three']);
    expect(shard.report().generation).toBe(2);
  });

  it('runs each stream once when assignments come while one is applied', async () => {
    const { shard, log, names } = started();
    const streams = [{ name: 'one' }, { name: 'two' }, { name: 'three' }];
    await Promise.all([1, 2, 3].map((generation) => shard.apply(assignment(generation, streams))));
    expect(names()).toEqual(['one', 'two', 'three']);
    expect(log.filter((line) => line.startsWith('add'))).toEqual(['add one', 'add two', 'add three']);
  });

  it('adds nothing after it was closed', async () => {
    const { shard, names } = started();
    const applying = shard.apply(assignment(1, [{ name: 'one' }]));
    await shard.close();
    await applying;
    await shard.apply(assignment(2, [{ name: 'two' }]));
    expect(names()).toEqual([]);
  });

  it('goes on when a sink fails', async () => {
    const full: ShardSink = {
      handle: () => {
        throw new Error('no space left on device');
      },
    };
    const { shard, log } = started([full]);
    await shard.apply(assignment(1, [{ name: 'one' }]));
    await vi.waitFor(() => expect(log).toContain('EgressDenied one'));
  });

  it('keeps the open incidents of a stream whose settings change, and closes those of one that leaves', async () => {
    const { shard, log, openIncidents } = started();
    openIncidents.save(identity, { origin: Date.now() - 60_000, open: [incident], watchedUntil: 58 });
    await shard.apply(assignment(1, [{ name: 'one' }]));
    await shard.apply(assignment(2, [{ name: 'one', rendition: 'lowest' }]));
    expect(log.filter((line) => line.includes('left-open'))).toEqual([
      'opened one left-open',
      'opened one left-open',
    ]);
    await shard.apply(assignment(3, []));
    expect(log.slice(-2)).toEqual(['closed one left-open', 'remove one']);
    expect(openIncidents.load(identity)).toBeUndefined();
  });

  it('tells the next process what it told already, and says so', async () => {
    const told: unknown[] = [];
    const sink: ShardSink = {
      handle: (_, event) => void (event.type === 'incident' && told.push([event.change, event.retold])),
    };
    const first = started([sink]);
    first.openIncidents.save(identity, { origin: Date.now() - 60_000, open: [incident], watchedUntil: 58 });
    await first.shard.apply(assignment(1, [{ name: 'one' }]));
    await first.shard.close();
    const second = started([sink], first.directory);
    await second.shard.apply(assignment(1, [{ name: 'one' }]));
    // Whether the process before the first had come to tell it, nobody knows.
    expect(told).toEqual([
      ['opened', undefined],
      ['opened', true],
    ]);
  });

  it('closes an incident of days ago where its watching ended', async () => {
    const closed: Incident[] = [];
    const { shard, openIncidents } = started([
      { handle: (_, event) => void (event.type === 'incident' && closed.push(event.incident)) },
    ]);
    const days = 3 * 86_400_000;
    openIncidents.save(identity, { origin: Date.now() - days, open: [incident], watchedUntil: 42 });
    await shard.apply(assignment(1, [{ name: 'one' }]));
    expect(closed).toMatchObject([
      { id: 'left-open', state: 'closed', end: 42, closeReason: 'watch-stopped' },
    ]);
    expect(openIncidents.load(identity)?.open).toEqual([]);
  });

  it('starts where the memory of a stream is damaged', async () => {
    const { shard, names, directory } = started();
    writeFileSync(join(directory, 'streams', 'live_sports_one.json'), '{"origin":"x","open":[{}]}');
    await shard.apply(assignment(1, [{ name: 'one' }]));
    expect(names()).toEqual(['one']);
  });
});

const minuteAgo = () => new Date(Date.now() - 60_000).toISOString();
const told: Incident = { ...incident, id: '6f9619ff-8b86-4d01-b42d-00cf4fc964ff', startTime: minuteAgo() };
const adopt = (more: object = {}) => ({
  ...{ from: 'shard-1', watermarkTime: minuteAgo(), incidents: [told] },
  ...more,
});

describe('Shard in a move', () => {
  it('leaves the watching alone when role, priority or placement change', async () => {
    const { shard, log } = started();
    await shard.apply(assignment(1, [{ role: 'warming' }]));
    const [one] = shard.streams;
    expect(log).toEqual([]);
    const placement = { generation: 2, since: minuteAgo(), reason: 'a move', cost: 100 };
    await shard.apply(assignment(2, [{ adopt: adopt(), priority: 90, placement }]));
    await shard.apply(assignment(3, [{ priority: 10 }]));
    expect(shard.streams[0]).toBe(one);
    expect(log.filter((line) => line.startsWith('add'))).toEqual(['add one']);
    expect(log).toContain(`opened one ${told.id}`);
    expect(shard.report().streams[0]).toMatchObject({ role: 'owner', openIncidents: [{ id: told.id }] });
  });

  it('reports a generation only when all its roles are in force', async () => {
    const { shard } = started();
    await shard.apply(assignment(1, [{}]));
    const applying = shard.apply(assignment(2, [{ role: 'demoted' }]));
    await Promise.resolve();
    expect(shard.report()).toMatchObject({ generation: 1, streams: [{ role: 'owner' }] });
    await applying;
    expect(shard.report()).toMatchObject({ generation: 2, streams: [{ role: 'demoted' }] });
  });

  it('hands over what it left open, also after a restart, and forgets it untold', async () => {
    const { shard, log, openIncidents, directory } = started();
    openIncidents.save(identity, { origin: Date.now() - 60_000, open: [told], watchedUntil: 58 });
    await shard.apply(assignment(1, [{}]));
    await shard.apply(assignment(2, [{ role: 'demoted' }]));
    const handedOver = shard.report().streams[0]!;
    expect(handedOver.openIncidents).toMatchObject([{ id: told.id, state: 'open' }]);
    expect(log.at(-1)).toBe('remove one');
    await shard.close();

    const later = started([], directory);
    await later.shard.apply(assignment(2, [{ role: 'demoted' }]));
    const { openIncidents: open, closedIncidents, watermarkTime } = handedOver;
    expect(later.shard.report().streams[0]).toMatchObject({
      ...{ role: 'demoted', openIncidents: open, closedIncidents, watermarkTime },
    });
    await later.shard.apply(assignment(3, []));
    expect(later.log).toEqual([]);
    expect(later.openIncidents.load(identity)).toBeUndefined();
  });

  it('lets go of a stream that it watched in silence without a word', async () => {
    const { shard, log, openIncidents } = started();
    openIncidents.save(identity, { origin: Date.now() - 60_000, open: [told], watchedUntil: 58 });
    await shard.apply(assignment(1, [{ role: 'warming' }]));
    await vi.waitFor(() => expect(shard.report().streams[0]!.reason).toBe('EgressDenied'));
    expect(shard.report().streams[0]).toMatchObject({ role: 'warming', openIncidents: [] });
    // What it told in an earlier life is another's now.
    expect(openIncidents.load(identity)).toBeUndefined();
    await shard.apply(assignment(2, []));
    expect(log).toEqual([]);
  });

  it('does not open a source of one reader before it owns it', async () => {
    const { shard, log } = started();
    await shard.apply(assignment(1, [{ role: 'warming', exclusive: true }]));
    expect(shard.report().streams[0]).toMatchObject({ role: 'warming', phase: 'Starting' });
    await shard.apply(assignment(2, [{ exclusive: true }]));
    await vi.waitFor(() => expect(log).toContain('EgressDenied one'));
  });

  it('goes on under its own incidents when a move is aborted', async () => {
    const { shard, log, openIncidents } = started();
    openIncidents.save(identity, { origin: Date.now() - 60_000, open: [told], watchedUntil: 58 });
    await shard.apply(assignment(1, [{}]));
    await shard.apply(assignment(2, [{ role: 'demoted' }]));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await shard.apply(assignment(3, [{}]));
    const report = shard.report().streams[0]!;
    expect(report).toMatchObject({ role: 'owner', openIncidents: [{ id: told.id }] });
    expect(report.blindSeconds).toBeGreaterThan(0.3);
    expect(openIncidents.load(identity)).not.toHaveProperty('demotion');
    expect(log.filter((line) => line === 'add one')).toHaveLength(2);
    await shard.apply(assignment(4, []));
    expect(log.slice(-2)).toEqual([`closed one ${told.id}`, 'remove one']);
  });

  it('adopts once: on disk before anyone hears of it, and not again after a restart', async () => {
    const kept: unknown[] = [];
    const look: ShardSink = {
      handle: (_, event) => {
        if (event.type === 'incident') kept.push(first.openIncidents.load(identity)?.open[0]?.id);
      },
    };
    const first = started([look]);
    const document = assignment(1, [{ adopt: adopt() }]);
    await first.shard.apply(document);
    expect(kept).toEqual([told.id]);
    expect(first.shard.report().streams[0]!.blindSeconds).toBeCloseTo(60, 0);
    await first.shard.close();

    const later = started([], first.directory);
    await later.shard.apply(document);
    expect(later.shard.report().streams[0]).toMatchObject({
      openIncidents: [{ id: told.id, revision: 1 }],
      blindSeconds: expect.closeTo(0, 0),
    });
    await later.shard.close();

    // Another shard owned it meanwhile: what lies here is of no use.
    const last = started([], first.directory);
    const other = { ...told, id: '16fd2706-8baf-433b-82eb-8c7fada847da' };
    await last.shard.apply(assignment(2, [{ adopt: adopt({ from: 'shard-2', incidents: [other] }) }]));
    expect(last.shard.report().streams[0]!.openIncidents.map(({ id }) => id)).toEqual([other.id]);
  });

  it('passes on what another shard closed lately, should the stream move on', async () => {
    const { shard, log } = started();
    const closed: Incident = {
      ...{ ...told, state: 'closed', revision: 2, end: 20, endTime: minuteAgo(), closeReason: 'recovered' },
    };
    const watermarkTime = new Date().toISOString();
    await shard.apply(assignment(1, [{ adopt: adopt({ watermarkTime, incidents: [closed] }) }]));
    expect(shard.report().streams[0]).toMatchObject({
      openIncidents: [],
      closedIncidents: [{ id: told.id }],
    });
    expect(log.filter((line) => line.includes(told.id))).toEqual([]);
  });
});
