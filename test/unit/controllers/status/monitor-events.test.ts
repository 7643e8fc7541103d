import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conditionReasons } from '../../../../crds/condition-reasons.ts';
import { eventReasons } from '../../../../crds/event-reasons.ts';
import type { Incident } from '../../../../crds/incident.ts';
import { type EventMemory, monitorEvents } from '../../../../operator/controllers/status/monitor-events.ts';
import type { MonitorObservation } from '../../../../operator/controllers/status/monitor-observation.ts';
import { monitorStatus } from '../../../../operator/controllers/status/monitor-status.ts';
import { incident, now, observation, unconfirmed, watched } from './observations.ts';

const start = Date.parse(now);
/** Tools filter by these words, which the reference lists. */
const knownReasons = [eventReasons, ...Object.values(conditionReasons)].flatMap((reasons) =>
  Object.keys(reasons),
);

/** Follows one StreamMonitor, a look each so many seconds after `now`. */
class Follower {
  #memory: EventMemory | undefined;
  after: number | undefined;

  see(seconds: number, values: Partial<MonitorObservation>): string[] {
    const at = start + seconds * 1000;
    const observed = observation(values);
    const before = this.#memory?.status;
    const status = monitorStatus(observed, before, new Date(at).toISOString());
    const seen = monitorEvents(this.#memory, { observation: observed, status, previous: before }, at);
    this.#memory = seen.memory;
    this.after = seen.after;
    for (const { reason } of seen.events) expect(knownReasons).toContain(reason);
    return seen.events.map(({ type, reason, note }) => `${type} ${reason}: ${note}`);
  }
}

function owner(open: readonly Incident[], closed: readonly Incident[] = []) {
  return watched('channel-1', { report: { openIncidents: [...open], closedIncidents: [...closed] } });
}

const freeze = incident('a', 'channel-1', {
  startTime: '2026-01-01T12:00:03.200Z',
  openedAt: '2026-01-01T12:00:05.200Z',
});
const over = {
  ...freeze,
  state: 'closed',
  endTime: '2026-01-01T12:00:15.600Z',
  closeReason: 'recovered',
} as const;

describe('monitorEvents', () => {
  it('tells of conditions when they flip, and of nothing that stays', () => {
    const follower = new Follower();
    const starting = unconfirmed('channel-1', { placement: { since: start } });
    const down = watched('channel-1', { report: { phase: 'Down', reason: 'NoFrames', message: 'no frame' } });
    expect(follower.see(0, { placements: [starting] })).toEqual([]);
    expect(follower.see(10, { placements: [owner([])] })).toEqual([
      'Normal Watching: The stream is watched.',
    ]);
    expect(follower.see(20, { placements: [owner([])] })).toEqual([]);
    expect(follower.see(30, { placements: [down] })).toEqual([
      'Warning StreamsDown: 1 stream is down. NoFrames (the connection is open but no frame arrives: check the ' +
        'sender): channel-1.',
    ]);
    expect(follower.see(40, { placements: [down] })).toEqual([]);
    expect(follower.see(50, { placements: [owner([])] })).toEqual(['Normal Recovered: StreamsDown is over.']);
    expect(follower.see(60, { suspended: true, streams: ['channel-1'] })).toEqual([
      'Normal Suspended: No stream is watched until spec.suspend is false.',
    ]);
  });

  it('tells once of what both Ready and Degraded say', () => {
    const follower = new Follower();
    const invalid = [{ path: 'spec.suspend', keys: [], message: 'must be true or false, not a text' }];
    follower.see(0, { placements: [owner([])] });
    expect(follower.see(10, { invalid, placements: [owner([])] })).toEqual([
      'Warning InvalidSpec: The streams stay as they were, as the spec is refused: spec.suspend must be true or ' +
        'false, not a text.',
    ]);
  });

  it('tells when a roll-out is halted and when it goes on', () => {
    const follower = new Follower();
    follower.see(0, { placements: [owner([])] });
    expect(follower.see(10, { placements: [owner([])], halted: ['channel-2 warms for too long'] })).toEqual([
      'Warning RolloutHalted: Moves are halted: channel-2 warms for too long.',
    ]);
    expect(follower.see(20, { placements: [owner([])] })).toEqual(['Normal RolloutResumed: Moves go on.']);
  });

  it('tells of a defect when it opens and when it is over, once', () => {
    const follower = new Follower();
    follower.see(0, { placements: [owner([])] });
    expect(follower.see(10, { placements: [owner([freeze])] })).toEqual([
      'Warning DefectOpened: channel-1: freeze, critical, since 12:00:03Z',
    ]);
    expect(follower.see(11, { placements: [owner([freeze])] })).toEqual([]);
    expect(follower.see(20, { placements: [owner([], [over])] })).toEqual([
      'Normal DefectClosed: channel-1: freeze, critical, over after 12 s',
    ]);
    expect(follower.see(30, { placements: [owner([], [over])] })).toEqual([]);
    expect(follower.see(90, { placements: [owner([])] })).toEqual([]);
  });

  it('tells both of one that came and went between two reports', () => {
    const follower = new Follower();
    follower.see(0, { placements: [owner([])] });
    const late = { ...over, channel: 'FL', kind: 'still', closeReason: 'stream-ended' } as const;
    expect(follower.see(20, { placements: [owner([], [late])] })).toEqual([
      'Warning DefectOpened: channel-1: freeze (still) on FL, critical, since 12:00:03Z',
      'Normal DefectClosed: channel-1: freeze (still) on FL, critical, over after 12 s, as the stream ended',
    ]);
  });

  it('takes what was open before for known, and tells its end', () => {
    const follower = new Follower();
    const old = incident('old', 'channel-1', { startTime: '2026-01-01T09:00:00.000Z' });
    expect(follower.see(0, { placements: [owner([old])] })).toEqual([
      'Normal Watching: The stream is watched.',
    ]);
    const end = { ...old, endTime: '2026-01-01T12:00:09.000Z', closeReason: 'recovered' } as const;
    expect(follower.see(10, { placements: [owner([], [end])] })).toEqual([
      'Normal DefectClosed: channel-1: freeze, critical, over after 3 h 0 min',
    ]);
  });

  it('tells nothing of a defect that a move hands over, nor of what a warming shard finds', () => {
    const follower = new Follower();
    follower.see(0, { placements: [owner([])] });
    follower.see(10, { placements: [owner([freeze])] });
    const found = incident('b', 'channel-1', { openedAt: '2026-01-01T12:00:12.000Z' });
    const onTarget = (role: 'warming' | 'owner', open: Incident[]) =>
      watched('channel-1', { shard: 'smon-1-1', placement: { role }, report: { openIncidents: open } });
    const onSource = watched('channel-1', {
      placement: { role: 'demoted' },
      report: { openIncidents: [freeze] },
    });
    const steps = [
      [owner([freeze]), onTarget('warming', [found])],
      [unconfirmed('channel-1', { placement: { role: 'demoted' } }), onTarget('warming', [found])],
      [onSource, onTarget('warming', [found])],
      [onSource, unconfirmed('channel-1', { shard: 'smon-1-1' })],
      [onSource, onTarget('owner', [freeze])],
      [onTarget('owner', [freeze])],
    ];
    for (const [index, placements] of steps.entries()) {
      expect(follower.see(12 + index, { placements })).toEqual([]);
    }
    expect(follower.see(30, { placements: [watched('channel-1', { shard: 'smon-1-1' })] })).toEqual([
      'Normal DefectClosed: channel-1: freeze, critical, no longer reported',
    ]);
  });

  it('concludes nothing from silence, and that a defect is over when nobody watches any more', () => {
    const follower = new Follower();
    follower.see(0, { placements: [owner([])] });
    follower.see(10, { placements: [owner([freeze])] });
    const silent = watched('channel-1', { health: 'Unknown' });
    expect(follower.see(50, { placements: [silent] })).toEqual([
      'Warning ShardSilent: 1 of 1 stream is on pods that do not answer: channel-1.',
    ]);
    expect(follower.see(60, { placements: [], streams: ['news'] })).toEqual([
      'Normal DefectClosed: channel-1: freeze, critical, no longer watched',
    ]);
  });

  it('tells of a lost shard in one Event for all its streams', () => {
    const follower = new Follower();
    const names = ['a', 'b', 'c'];
    follower.see(0, { placements: names.map((name) => watched(name)) });
    const placements = names.flatMap((name) => [
      unconfirmed(name, { health: 'Lost', placement: { role: 'demoted' } }),
      unconfirmed(name, {
        shard: 'smon-1-1',
        placement: { role: 'warming', from: 'smon-1-0', since: start },
      }),
    ]);
    const events = follower.see(10, { placements });
    expect(events).toContain('Warning ShardLost: smon-1-0 is lost: 3 streams (a, b and c) to smon-1-1.');
    expect(follower.see(20, { placements })).toEqual([]);
  });

  it('tells 20 a minute, and sums up the others when it is over', () => {
    const follower = new Follower();
    follower.see(0, { placements: [owner([])] });
    const many = Array.from({ length: 51 }, (_, index) => ({ ...freeze, id: `many-${index}` }));
    const told = follower.see(10, { placements: [owner(many)] });
    // One of the 20 was that the stream is watched.
    expect(told).toHaveLength(19);
    expect(follower.after).toBe(50_000);
    expect(follower.see(30, { placements: [owner(many)] })).toEqual([]);
    expect(follower.see(60, { placements: [owner(many)] })).toEqual([
      'Normal EventsOmitted: and 32 more: 32 DefectOpened',
    ]);
    expect(follower.after).toBeUndefined();
    expect(follower.see(130, { placements: [owner(many)] })).toEqual([]);
  });

  it('does not tell of what was to be expected', () => {
    const follower = new Follower();
    follower.see(0, { placements: [owner([])] });
    const suppressed = { suppressed: 'schedule' } as const;
    expect(follower.see(10, { placements: [owner([{ ...freeze, ...suppressed }])] })).toEqual([]);
    expect(follower.see(20, { placements: [owner([], [{ ...over, ...suppressed }])] })).toEqual([]);
  });

  it('tells of each incident once at most, whatever the reports say in which order', () => {
    const ids = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'));
    const look = fc.record({
      open: ids,
      closed: ids,
      health: fc.constantFrom('Ready', 'Unknown', 'Lost', 'Draining'),
      role: fc.constantFrom('owner', 'demoted', 'warming'),
    });
    fc.assert(
      fc.property(fc.array(look, { maxLength: 12 }), (looks) => {
        const follower = new Follower();
        follower.see(0, {});
        const events = looks.flatMap(({ open, closed, health, role }, index) =>
          follower.see(index + 1, {
            placements: [
              watched('channel-1', {
                health,
                placement: { role },
                report: {
                  role,
                  openIncidents: open.map((id) => incident(id, id, { openedAt: freeze.openedAt })),
                  closedIncidents: closed.map((id) => incident(id, id, { openedAt: freeze.openedAt })),
                },
              }),
            ],
            streams: ['channel-1', 'a', 'b', 'c', 'd'],
          }),
        );
        const defects = events.filter((event) => event.includes('Defect'));
        expect(new Set(defects.map((event) => event.slice(0, event.indexOf(': ') + 3))).size).toBe(
          defects.length,
        );
        const openedOnes = defects.filter((event) => event.includes('DefectOpened')).length;
        expect(defects.length - openedOnes).toBeLessThanOrEqual(openedOnes);
      }),
      { numRuns: 100 },
    );
  });
});
