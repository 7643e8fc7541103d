import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Assignment, shardApiVersion } from '../../../crds/assignment.ts';
import { resolveDetectors } from '../../../crds/detector-settings.ts';
import type { Incident } from '../../../crds/incident.ts';
import { MountedSecrets } from '../../../monitor/shard/mounted-secrets.ts';
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

function started(sinks: readonly ShardSink[] = []) {
  const directory = mkdtempSync(join(tmpdir(), 'streammonitor-test-'));
  const openIncidents = new OpenIncidents(directory);
  const log: string[] = [];
  const shard = new Shard({
    bootId: 'boot',
    secrets: new MountedSecrets(undefined),
    openIncidents,
    allowedRanges: [],
    socketDirectory: directory,
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
  onTestFinished(async () => {
    await shard.close();
    rmSync(directory, { recursive: true });
  });
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

  it('watches all streams but the one that it cannot, and names that', async () => {
    const { shard, names } = started();
    const unknown = { enabled: true, severity: 'info', minDuration: 0, mergeGap: 5, parameters: {} };
    const streams = [{ name: 'one', detectors: ['moire'] }, { name: 'two' }];
    await expect(shard.apply(assignment(1, streams, { moire: unknown }))).rejects.toThrow(
      'live/sports/one: detector "moire" is not in this build',
    );
    expect(names()).toEqual(['two']);
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
