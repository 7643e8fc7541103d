import { beforeEach, describe, expect, it } from 'vitest';
import { detectorCatalogue } from '../../../crds/detector-catalogue.ts';
import type { Incident } from '../../../crds/incident.ts';
import { WallState } from '../../../monitor/server/wall-state.ts';
import type { WatchEvent } from '../../../monitor/watch/watch-event.ts';

const identity = { namespace: 'live', monitor: 'sports', stream: 'channel-1' };
const start = Date.parse('2026-01-01T00:00:00Z');
let wall: WallState;

beforeEach(() => {
  wall = new WallState();
  wall.addStream(identity, [detectorCatalogue.black!, detectorCatalogue.freeze!], start);
});

const say = (event: WatchEvent, seconds = 1) => wall.consume(identity, event, start + seconds * 1000);
const stream = () => wall.wall(start).streams[0]!;

function incident(index: number, values: Partial<Incident> = {}): Incident {
  const startTime = new Date(start + index * 1000).toISOString();
  return {
    id: `incident-${index}`,
    revision: 1,
    state: 'closed',
    ...identity,
    detector: 'black',
    kind: 'black',
    severity: 'critical',
    start: index,
    startTime,
    openedAt: startTime,
    score: 1,
    confidence: 1,
    ...values,
  };
}

describe('WallState', () => {
  it('shows a new stream as starting, with its detectors', () => {
    expect(wall.wall(start, 'north')).toEqual({
      time: '2026-01-01T00:00:00.000Z',
      region: 'north',
      streams: [
        {
          namespace: 'live',
          monitor: 'sports',
          name: 'channel-1',
          phase: 'Starting',
          reason: 'Connecting',
          message: 'the source is being opened',
          since: '2026-01-01T00:00:00.000Z',
          monitoredSeconds: 0,
          blindSeconds: 0,
          detectors: [
            { type: 'black', title: 'Black picture', threshold: 0.5, exit: 0.48 },
            { type: 'freeze', title: 'Frozen picture', threshold: 0.5, exit: 0.5 },
          ],
          incidents: [],
          history: [{ phase: 'Starting', reason: 'Connecting', since: '2026-01-01T00:00:00.000Z' }],
        },
      ],
    });
  });

  it('adds up seconds and keeps scores, what is unknown and what is watched', () => {
    const seconds = {
      from: '',
      to: '',
      monitored: 1,
      blind: { Unreachable: 0.5, Connecting: 0.25 },
      defect: [],
      frames: 25,
      evidence: {},
      cpu: 0,
    };
    say({ type: 'seconds', seconds });
    say({ type: 'seconds', seconds });
    say({ type: 'scores', scores: { black: 0.2 } });
    say({ type: 'unknown', detector: 'freeze', reason: 'no picture' });
    say({ type: 'media', video: '640×360', audio: 'stereo' });
    expect(stream()).toMatchObject({
      monitoredSeconds: 2,
      blindSeconds: 1.5,
      video: '640×360',
      audio: 'stereo',
      detectors: [
        { type: 'black', score: 0.2 },
        { type: 'freeze', unknown: 'no picture' },
      ],
    });
    say({ type: 'unknown', detector: 'freeze' });
    say({ type: 'media', audio: 'mono' });
    expect(stream().detectors[1]).not.toHaveProperty('unknown');
    expect(stream()).not.toHaveProperty('video');
  });

  it('gives each picture a path of its own', () => {
    const picture = { width: 1, height: 1, channels: 3 as const, data: new Uint8Array(3) };
    say({ type: 'preview', picture }, 1);
    const first = stream().thumbnail;
    say({ type: 'preview', picture }, 3);
    expect(first).toMatch(/^\/api\/thumbnails\/live\/sports\/channel-1\.jpg\?\w+$/);
    expect(stream().thumbnail).not.toBe(first);
  });

  it('remembers the latest changes of phase and reason', () => {
    const since = '2026-01-01T00:00:05.000Z';
    const down = { phase: 'Down', reason: 'NotFound', message: 'a', since } as const;
    say({ type: 'state', state: down }, 5);
    say({ type: 'state', state: { ...down, message: 'b' } }, 6);
    say({ type: 'state', state: { ...down, reason: 'Unreachable' } }, 7);
    expect(stream().message).toBe('a');
    expect(stream().history?.map(({ reason, since }) => [reason, since.slice(17, 19)])).toEqual([
      ['Connecting', '00'],
      ['NotFound', '05'],
      ['Unreachable', '07'],
    ]);
    for (let change = 0; change < 60; change++) {
      say({ type: 'state', state: { ...down, phase: change % 2 ? 'Up' : 'Starting' } }, 10 + change);
    }
    expect(stream().history).toHaveLength(50);
  });

  it('keeps open incidents and the 50 latest, newest first, each in its latest revision', () => {
    say({ type: 'incident', change: 'opened', incident: incident(0, { state: 'open' }) });
    for (let index = 1; index <= 60; index++) {
      say({ type: 'incident', change: 'closed', incident: incident(index) });
    }
    const ids = stream().incidents.map(({ id }) => id);
    expect(ids).toHaveLength(50);
    expect([ids[0], ids.at(-2), ids.at(-1)]).toEqual(['incident-60', 'incident-12', 'incident-0']);
    const late = incident(60, { revision: 0, severity: 'info' });
    say({ type: 'incident', change: 'updated', incident: late });
    expect(stream().incidents[0]!.severity).toBe('critical');
  });

  it('forgets a removed stream and ignores what comes late', () => {
    wall.removeStream(identity);
    say({ type: 'scores', scores: { black: 1 } });
    expect(wall.wall(start).streams).toEqual([]);
  });
});
