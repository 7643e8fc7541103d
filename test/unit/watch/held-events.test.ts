import { describe, expect, it } from 'vitest';
import type { Incident } from '../../../crds/incident.ts';
import { HeldEvents } from '../../../monitor/watch/held-events.ts';
import type { WatchEvent } from '../../../monitor/watch/watch-event.ts';

const at = (seconds: number) => Date.UTC(2026, 0, 1) + seconds * 1000;
const iso = (seconds: number) => new Date(at(seconds)).toISOString();

function second(from: number): WatchEvent {
  const counts = { monitored: 1, blind: {}, defect: [], frames: 25, evidence: {}, cpu: 0 };
  return { type: 'seconds', seconds: { from: iso(from), to: iso(from + 1), ...counts } };
}

function incident(id: string, end?: number): Incident {
  return {
    ...{ id, revision: 1, namespace: 'live', monitor: 'sports', stream: 'one', detector: 'freeze' },
    ...{ kind: 'full', severity: 'critical', start: 0, startTime: iso(0), openedAt: iso(2), score: 1 },
    ...{ confidence: 1, state: end === undefined ? 'open' : 'closed' },
    ...(end !== undefined && { end, endTime: iso(end) }),
  };
}

const evidence = { scores: [[0, 1] as const] };

describe('HeldEvents', () => {
  it('forgets what is older than a quarter of an hour, and says since when it knows all', () => {
    const held = new HeldEvents(at(0));
    held.add({ type: 'incident', change: 'closed', incident: incident('old', 50) });
    held.add({ type: 'incident', change: 'opened', incident: incident('open') });
    for (let time = 0; time < 1000; time++) held.add(second(time));
    expect(held.seconds.length).toBe(901);
    expect(held.since).toBe(at(99));
    expect([...held.incidents.keys()]).toEqual(['open']);
  });

  it('keeps the latest of what describes the stream', () => {
    const held = new HeldEvents(at(0));
    const media: WatchEvent = { type: 'media', video: '640×360' };
    held.add({ type: 'media', video: '320×180' });
    held.add({ type: 'unknown', detector: 'freeze', reason: 'no video' });
    held.add({ type: 'reconnect', reason: 'NoFrames' });
    held.add(media);
    held.add({ type: 'unknown', detector: 'freeze' });
    expect(held.circumstances).toEqual([media, { type: 'unknown', detector: 'freeze' }]);
  });

  it('keeps an incident as it is now, with the pictures of the latest few', () => {
    const held = new HeldEvents(at(0));
    for (const id of ['a', 'b', 'c', 'd', 'e'])
      held.add({ type: 'incident', change: 'opened', incident: incident(id), evidence });
    held.add({ type: 'incident', change: 'closed', incident: incident('e', 9) });
    expect(held.take('a')).toEqual({ incident: incident('a') });
    expect(held.take('e')).toEqual({ incident: incident('e', 9), evidence });
    expect(held.take('e')).toBeUndefined();
  });

  it('drops open incidents when the watching begins anew', () => {
    const held = new HeldEvents(at(0));
    held.add({ type: 'incident', change: 'opened', incident: incident('open') });
    held.add({ type: 'incident', change: 'closed', incident: incident('closed', 9) });
    held.forgetOpen();
    expect([...held.incidents.keys()]).toEqual(['closed']);
  });
});
