import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conditionReasons } from '../../../../crds/condition-reasons.ts';
import type { StreamMonitorStatus } from '../../../../crds/stream-monitor.ts';
import { statusSchema } from '../../../../crds/stream-monitor-schema.ts';
import { streamPhases, streamReasonNames } from '../../../../crds/stream-state.ts';
import type { MonitorObservation } from '../../../../operator/controllers/status/monitor-observation.ts';
import { monitorStatus, sameStatus } from '../../../../operator/controllers/status/monitor-status.ts';
import { incident, now, observation, report, unconfirmed, watched } from './observations.ts';

const recently = Date.parse(now) - 5_000;

function conditionsOf(values: Partial<MonitorObservation>, previous?: StreamMonitorStatus) {
  const { conditions = [] } = monitorStatus(observation(values), previous, now);
  return Object.fromEntries(
    conditions.map(({ type, status, reason, message }) => [type, `${status} ${reason}: ${message}`]),
  );
}

describe('monitorStatus', () => {
  it('says of streams that are watched that all is as it should be', () => {
    expect(conditionsOf({ placements: [watched('channel-1'), watched('channel-2')] })).toEqual({
      Ready: 'True Watching: All 2 streams are watched.',
      Progressing: 'False Complete: Every stream is where it should be.',
      Degraded: 'False AsExpected: There is nothing to see to.',
      Blind: 'False AllWatched: No stream that is due goes unwatched.',
    });
  });

  it('knows nothing of a stream that its shard has not confirmed, and never calls it watched', () => {
    const placements = [watched('channel-1'), unconfirmed('channel-2', { placement: { since: recently } })];
    expect(conditionsOf({ placements })).toEqual({
      Ready: 'Unknown Starting: 1 of 2 streams are starting: channel-2.',
      Progressing: 'True Starting: 1 of 2 streams are taken up by pods; 1 to go.',
      Degraded: 'False AsExpected: There is nothing to see to.',
      Blind: 'Unknown NotKnown: 1 of 2 streams are not known to be watched: Starting 1.',
    });
    expect(monitorStatus(observation({ placements }), undefined, now)).toMatchObject({
      streams: 2,
      monitored: 1,
    });
  });

  it('takes the word of a shard that does not answer for no word, also when it once was good', () => {
    const { Ready, Blind, Degraded } = conditionsOf({
      placements: [watched('channel-1', { health: 'Unknown' })],
    });
    expect(Ready).toBe('Unknown ShardSilent: 1 of 1 stream is on pods that do not answer: channel-1.');
    expect(Blind).toBe('Unknown NotKnown: 1 of 1 stream is not known to be watched: ShardSilent 1.');
    expect(Degraded).toMatch(/^False/);
  });

  it('is still watched while it moves with cover, and moves are progress', () => {
    const source = (role: 'owner' | 'demoted') => watched('channel-1', { placement: { role } });
    const target = { shard: 'smon-1-1', placement: { from: 'smon-1-0', since: recently } };
    const steps = [
      [
        source('owner'),
        unconfirmed('channel-1', { ...target, placement: { ...target.placement, role: 'warming' } }),
      ],
      [
        unconfirmed('channel-1', { placement: { role: 'demoted' } }),
        watched('channel-1', { ...target, placement: { ...target.placement, role: 'warming' } }),
      ],
      [
        source('demoted'),
        unconfirmed('channel-1', {
          ...target,
          placement: {
            ...target.placement,
            role: 'owner',
            adopt: { from: 'smon-1-0', watermarkTime: now, incidents: [] },
          },
        }),
      ],
    ];
    for (const placements of steps) {
      const { Ready, Progressing, Blind } = conditionsOf({ placements });
      expect(Ready).toMatch(/^True Watching/);
      expect(Blind).toMatch(/^False/);
      expect(Progressing).toBe('True Moving: 1 of 1 stream is moving to another pod.');
    }
  });

  it('is not watched by a shard that only knows where the stream goes', () => {
    const placements = [
      unconfirmed('channel-1', { placement: { role: 'demoted' }, health: 'Lost' }),
      watched('channel-1', {
        shard: 'smon-1-1',
        placement: { role: 'warming' },
        report: { phase: 'Starting', firstFrameTime: undefined },
      }),
    ];
    expect(conditionsOf({ placements }).Ready).toBe(
      'False ShardLost: 1 of 1 stream is without a pod: channel-1.',
    );
  });

  it('waits for a pod for two minutes', () => {
    const old = unconfirmed('channel-1', { health: 'Starting' });
    expect(conditionsOf({ placements: [old] }).Degraded).toBe(
      'True NotStarted: 1 stream is not taken up by any pod: channel-1.',
    );
    const placed = (ago: number) => unconfirmed('channel-1', { placement: { since: Date.parse(now) - ago } });
    expect(conditionsOf({ placements: [placed(120_000)] }).Ready).toMatch(/^Unknown Starting/);
    expect(conditionsOf({ placements: [placed(120_001)] }).Ready).toMatch(/^False NotStarted/);
    expect(conditionReasons.Ready.NotStarted).toMatch(/for 2 minutes$/);
  });

  it('names streams that are down by what is wrong with them, with the fix', () => {
    const down = (name: string, reason: 'Unauthorized' | 'NotFound') =>
      watched(name, { report: { phase: 'Down', reason, message: 'HTTP 403' } });
    const placements = [
      ...Array.from({ length: 9 }, (_, index) => down(`channel-${index + 1}`, 'Unauthorized')),
      down('channel-0', 'NotFound'),
      watched('news'),
    ];
    const { Ready, Degraded, Blind } = conditionsOf({ placements });
    expect(Ready).toBe('True Watching: All 11 streams are watched, 10 of them without media.');
    expect(Degraded).toBe(
      'True StreamsDown: 10 streams are down. Unauthorized (the origin refused the credentials (HTTP 401 or 403): ' +
        'check headers, token and expiry): channel-1, channel-2, channel-3, channel-4, channel-5 and 4 more; ' +
        'NotFound (the origin has no such resource (HTTP 404 or 410): check the path): channel-0.',
    );
    expect(Blind).toBe(
      'True StreamsNotWatched: 10 of 11 streams are not watched: Unauthorized 9, NotFound 1.',
    );
  });

  it('names streams that are not kept up with', () => {
    const slow = watched('a', { report: { reason: 'Overloaded' } });
    const { Ready, Degraded } = conditionsOf({ placements: [slow, watched('b')] });
    expect(Ready).toBe('True Watching: All 2 streams are watched.');
    expect(Degraded).toMatch(/^True Overloaded: 1 stream is judged more slowly .* too little CPU: a\.$/);
  });

  it('names detectors of modules that do not run, with why, while their streams are watched', () => {
    const logo = 'module logo-detector cannot be loaded: there is no logo-detector/detector.mjs';
    const failed = (name: string) =>
      watched(name, {
        report: { unknown: { logo, 'av-sync': 'no marker' }, failedDetectors: ['logo'] },
      });
    const { Ready, Degraded } = conditionsOf({ placements: [failed('a'), failed('b'), watched('c')] });
    expect(Ready).toBe('True Watching: All 3 streams are watched.');
    expect(Degraded).toBe(`True DetectorsFailed: Detectors do not run. ${logo}: a and b.`);
  });

  it('says what of a spec is wrong, and that streams stay as they were', () => {
    const invalid = [{ path: 'spec.suspend', keys: [], message: 'must be true or false, not a text' }];
    const { Ready, Degraded, Blind } = conditionsOf({ invalid, placements: [watched('channel-1')] });
    expect(Ready).toBe('False InvalidSpec: The spec is refused, see Degraded; nothing of it is applied.');
    expect(Degraded).toBe(
      'True InvalidSpec: The streams stay as they were, as the spec is refused: ' +
        'spec.suspend must be true or false, not a text.',
    );
    expect(Blind).toMatch(/^False/);
    expect(conditionsOf({ invalid }).Degraded).toMatch(/No stream is watched, as the spec is refused/);
  });

  it('names wrong entries of stream lists by ConfigMap, key and index, and watches the others', () => {
    const listProblems = [
      { configMap: 'channels', key: 'a.yaml', index: 3, message: 'url must be an address' },
      { configMap: 'channels', key: 'b.yaml', message: 'is no YAML list' },
      { configMap: 'gone', message: 'is not there' },
      ...Array.from({ length: 12 }, (_, index) => ({ configMap: 'z', key: 'k', index, message: 'no' })),
    ];
    const { Ready, Degraded } = conditionsOf({ listProblems, placements: [watched('channel-1')] });
    expect(Ready).toBe('True Watching: The stream is watched.');
    expect(Degraded).toBe(
      'True InvalidStreams: 15 problems in the stream lists: ConfigMap channels, key a.yaml, index 3: url must be ' +
        'an address; ConfigMap channels, key b.yaml: is no YAML list; ConfigMap gone: is not there; and 12 more.',
    );
  });

  it('gives the reason of what cannot be placed or written', () => {
    const shed = [{ name: 'channel-2', reason: 'all 4 shards are full: raise shards.max' }];
    const placements = [watched('channel-1')];
    const streams = ['channel-1', 'channel-2'];
    const { Ready, Degraded, Blind } = conditionsOf({ placements, streams, shed });
    expect(Ready).toBe(
      'False NoCapacity: 1 of 2 streams are not watched. all 4 shards are full: raise shards.max: channel-2.',
    );
    expect(Degraded).toMatch(/^True NoCapacity: 1 stream is not placed/);
    expect(Blind).toBe('True StreamsNotWatched: 1 of 2 streams are not watched: NoCapacity 1.');
    const applyError = 'exceeded quota: pods=10';
    expect(conditionsOf({ placements, streams, applyError }).Ready).toMatch(
      /^False ApplyFailed: .*exceeded quota/,
    );
    expect(conditionsOf({ placements, applyError }).Ready).toMatch(/^True/);
    expect(conditionsOf({ placements, applyError }).Degraded).toBe(
      'True ApplyFailed: The pods could not be brought up to date: exceeded quota: pods=10.',
    );
  });

  it('reads well when suspended, outside the window, halted, and without streams', () => {
    expect(conditionsOf({ suspended: true, streams: ['channel-1'] })).toEqual({
      Ready: 'False Suspended: No stream is watched until spec.suspend is false.',
      Progressing: 'False Suspended: Nothing is to be done until spec.suspend is false.',
      Degraded: 'False AsExpected: There is nothing to see to.',
      Blind: 'False Suspended: No stream is due while suspended.',
    });
    expect(conditionsOf({ suspended: true, placements: [watched('channel-1')] }).Progressing).toBe(
      'True Suspending: Pods let go of 1 stream.',
    );
    const event = { streams: ['final'], outsideWindow: ['final'] };
    expect(conditionsOf(event).Ready).toBe(
      'True OutsideWindow: 1 stream is outside the window; none is due now.',
    );
    expect(conditionsOf({}).Ready).toMatch(/^False NoStreams: There is no stream to watch/);
    const waiting = [{ name: 'channel-1', reason: 'halted' }];
    const halted = ['channel-2 warms on smon-2-0 for longer than 120 s'];
    expect(conditionsOf({ placements: [watched('channel-1')], waiting, halted }).Progressing).toBe(
      'False RolloutHalted: Moves are halted: channel-2 warms on smon-2-0 for longer than 120 s. 1 stream is still to move.',
    );
  });

  it('takes the worst subset of a stream that is divided, and counts each incident once', () => {
    const openIncidents = [incident('a', 'channel-1')];
    const placements = [
      watched('channel-1', { placement: { detectors: ['black'] }, report: { openIncidents } }),
      watched('channel-1', {
        shard: 'smon-1-1',
        placement: { detectors: ['freeze'] },
        report: { openIncidents, phase: 'Down', reason: 'NoFrames', message: 'no frame' },
      }),
    ];
    const status = monitorStatus(observation({ placements }), undefined, now);
    expect(status).toMatchObject({ streams: 1, monitored: 0, defects: 1, shards: 2 });
    expect(status.worstStreams).toEqual([
      { name: 'channel-1', phase: 'Down', reason: 'NoFrames', message: 'no frame', defects: 1 },
    ]);
  });

  it('counts what was to be expected as no defect', () => {
    const openIncidents = [incident('a', 'channel-1', { suppressed: 'schedule' })];
    const placements = [watched('channel-1', { report: { openIncidents } })];
    const status = monitorStatus(observation({ placements }), undefined, now);
    expect(status).toMatchObject({ monitored: 1, defects: 0 });
    expect(status.worstStreams ?? []).toEqual([]);
  });

  it('lists the worst streams in a fixed order, 50 at most', () => {
    const broken = Array.from({ length: 60 }, (_, index) =>
      watched(`channel-${String(index).padStart(2, '0')}`, { report: { phase: 'Down', reason: 'NoFrames' } }),
    );
    const defective = watched('a-defect', {
      report: {
        openIncidents: [incident('x', 'a-defect'), incident('y', 'a-defect', { detector: 'black' })],
      },
    });
    const shed = [{ name: 'b-shed', reason: 'full' }];
    const few = [
      defective,
      watched('silent', { health: 'Unknown' }),
      broken[1]!,
      broken[0]!,
      watched('good'),
    ];
    const streams = [...few.map(({ placement }) => placement.name), 'b-shed'];
    const status = monitorStatus(observation({ placements: few, streams, shed }), undefined, now);
    expect(status.worstStreams?.map(({ name, phase, reason }) => `${name} ${phase} ${reason}`)).toEqual([
      'b-shed Down NoCapacity',
      'channel-00 Down NoFrames',
      'channel-01 Down NoFrames',
      'silent Unknown ShardSilent',
      'a-defect Up OpenDefects',
    ]);
    expect(status.worstStreams?.at(-1)).toMatchObject({
      message: 'black (critical) and freeze (critical)',
      defects: 2,
    });
    expect(monitorStatus(observation({ placements: broken }), undefined, now).worstStreams).toHaveLength(50);
  });

  it('does not change with the figures in the messages of reports, and keeps the time of what stays', () => {
    const down = (message: string, cpuSeconds: number) =>
      observation({
        placements: [
          watched('channel-1', { report: { phase: 'Down', reason: 'NoFrames', message, cpuSeconds } }),
        ],
      });
    const first = monitorStatus(down('no frame for 11 s', 1), undefined, now);
    const second = monitorStatus(down('no frame for 21 s', 2), first, '2026-01-01T12:00:10.000Z');
    expect(second).toEqual(first);
    expect(sameStatus(first, second)).toBe(true);
    const later = '2026-01-01T12:00:20.000Z';
    const third = monitorStatus(observation({ placements: [watched('channel-1')] }), second, later);
    expect(sameStatus(third, second)).toBe(false);
    const times = Object.fromEntries(third.conditions!.map((each) => [each.type, each.lastTransitionTime]));
    expect(times).toEqual({ Ready: now, Progressing: now, Degraded: later, Blind: later });
  });

  it('compares what is said, not in which order or by whom else', () => {
    const status = monitorStatus(observation({ placements: [watched('channel-1')] }), undefined, now);
    const foreign = { ...status.conditions![0]!, type: 'Other' };
    expect(sameStatus({ ...status, conditions: [foreign, ...status.conditions!.toReversed()] }, status)).toBe(
      true,
    );
    expect(sameStatus(status, { ...status, observedGeneration: 4 })).toBe(false);
    expect(sameStatus(undefined, status)).toBe(false);
  });
});

const name = fc.constantFrom('channel-1', 'channel-2', `c${'h'.repeat(62)}`, 'news', 'kids');
const text = fc.oneof(fc.string(), fc.string({ unit: 'binary', maxLength: 3000, minLength: 0 }));
const anyReport = fc
  .record({
    phase: fc.constantFrom(...streamPhases),
    reason: fc.constantFrom(...streamReasonNames),
    message: text,
    incidents: fc.uniqueArray(fc.constantFrom('a', 'b', 'c')),
    firstFrame: fc.boolean(),
  })
  .map(({ incidents, firstFrame, ...said }) => ({
    ...said,
    openIncidents: incidents.map((id) => incident(id, 'channel-1')),
    ...(!firstFrame && { firstFrameTime: undefined }),
  }));
const placed = fc
  .record({
    name,
    shard: fc.constantFrom('smon-1-0', 'smon-1-1', 'smon-2-0'),
    health: fc.constantFrom('Starting', 'Ready', 'Unknown', 'Draining', 'Lost'),
    role: fc.constantFrom('owner', 'warming', 'demoted'),
    detectors: fc.constantFrom(['black'], ['freeze'], ['black', 'freeze']),
    since: fc.constantFrom(0, recently),
    report: fc.option(anyReport),
  })
  .map(({ name, shard, health, role, detectors, since, report: said }) => ({
    ...unconfirmed(name, { shard, health, placement: { role, detectors, since } }),
    ...(said && { report: report(name, { ...said, role, detectors }) }),
  }));
const heldBack = fc.array(fc.record({ name, reason: text }), { maxLength: 6 });
const anyObservation: fc.Arbitrary<MonitorObservation> = fc.record(
  {
    generation: fc.nat(),
    invalid: fc.array(fc.record({ path: text, keys: fc.constant([]), message: text }), { maxLength: 4 }),
    listProblems: fc.array(
      fc.record(
        { configMap: text, key: text, index: fc.nat(), message: text },
        { requiredKeys: ['configMap', 'message'] },
      ),
    ),
    suspended: fc.boolean(),
    streams: fc.array(fc.oneof(name, fc.stringMatching(/^[a-z]{1,63}$/)), { maxLength: 80 }),
    outsideWindow: fc.array(name),
    placements: fc.array(placed),
    shed: heldBack,
    waiting: heldBack,
    halted: fc.array(text),
    applyError: text,
  },
  {
    requiredKeys: [
      'generation',
      'invalid',
      'listProblems',
      'suspended',
      'streams',
      'outsideWindow',
      'placements',
      'shed',
      'waiting',
      'halted',
    ],
  },
);

describe('monitorStatus, of anything', () => {
  it('keeps to its schema, its reasons and its bounds', () => {
    fc.assert(
      fc.property(anyObservation, (observed) => {
        const status = monitorStatus(observed, undefined, now);
        expect(statusSchema.parse(status)).toEqual(status);
        for (const { type, status: value, reason, message } of status.conditions!) {
          const meaning: string = (conditionReasons as Record<string, Record<string, string>>)[type]![
            reason
          ]!;
          expect(meaning).toMatch(new RegExp(`^${value}: `));
          expect(message.length).toBeLessThanOrEqual(1000);
        }
        expect(status.monitored).toBeLessThanOrEqual(status.streams!);
        if (status.conditions![0]!.status === 'True') {
          const due = new Set(observed.streams.filter((each) => !observed.outsideWindow.includes(each)));
          const spoken = new Set(
            observed.placements.filter((each) => each.report).map((each) => each.placement.name),
          );
          for (const each of due) expect(spoken).toContain(each);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('says the same of what is the same, whoever asks and how often', () => {
    fc.assert(
      fc.property(anyObservation, fc.option(anyObservation), (observed, before) => {
        const previous = before ? monitorStatus(before, undefined, '2026-01-01T11:00:00.000Z') : undefined;
        const first = monitorStatus(observed, previous, now);
        expect(monitorStatus(observed, first, now)).toEqual(first);
        const shuffled = {
          ...observed,
          streams: observed.streams.toReversed(),
          shed: observed.shed.filter(
            ({ name }, index, all) => all.findLastIndex((o) => o.name === name) === index,
          ),
        };
        expect(sameStatus(monitorStatus(shuffled, first, now), first)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
