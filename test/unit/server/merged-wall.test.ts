import { describe, expect, it } from 'vitest';
import type { Incident } from '../../../crds/incident.ts';
import type { PageStream, Wall } from '../../../crds/page-api.ts';
import { mergedWall } from '../../../operator/server/merged-wall.ts';
import { placement, plannedShard } from '../planner/placements.ts';

const now = '2026-01-01T00:00:10Z';
const tile = (name: string, overrides: Partial<PageStream> = {}): PageStream => ({
  namespace: 'live',
  monitor: 'sports',
  name,
  phase: 'Up',
  reason: 'Receiving',
  message: 'frames or sound arrive',
  since: '2026-01-01T00:00:00Z',
  monitoredSeconds: 10,
  blindSeconds: 0,
  detectors: [{ type: 'black', score: 0 }],
  incidents: [],
  ...overrides,
});
const wall = (...streams: PageStream[]): Wall => ({ time: now, streams });
const incident = (id: string, startTime: string) => ({ id, startTime }) as Incident;

describe('mergedWall', () => {
  it('puts the streams of all shards in one order', () => {
    const merged = mergedWall([wall(tile('s-10'), tile('s-2')), wall(tile('s-1'))], [], now);
    expect(merged.streams.map(({ name }) => name)).toEqual(['s-1', 's-2', 's-10']);
  });

  it('shows a stream of two shards once, with the detectors and incidents of both, in its worse state', () => {
    const merged = mergedWall(
      [
        wall(tile('a', { thumbnail: '/t.jpg', incidents: [incident('1', '2026-01-01T00:00:01Z')] })),
        wall(
          tile('a', {
            phase: 'Down',
            reason: 'Unreachable',
            blindSeconds: 4,
            monitoredSeconds: 6,
            detectors: [{ type: 'freeze' }],
            incidents: [incident('2', '2026-01-01T00:00:02Z')],
          }),
        ),
      ],
      [],
      now,
    );
    expect(merged.streams).toHaveLength(1);
    expect(merged.streams[0]).toMatchObject({
      phase: 'Down',
      thumbnail: '/t.jpg',
      monitoredSeconds: 6,
      blindSeconds: 4,
      detectors: [{ type: 'black' }, { type: 'freeze' }],
      incidents: [{ id: '2' }, { id: '1' }],
    });
  });

  it('names the detectors of such a stream, those of modules included', () => {
    const shards = [plannedShard(placement('b', { detectors: ['freeze', 'logo'] }))];
    const [stream] = mergedWall([], shards, now).streams;
    expect(stream!.detectors).toEqual([
      { type: 'freeze', title: 'Frozen picture', threshold: expect.any(Number) },
      { type: 'logo' },
    ]);
  });

  it('keeps the tile of a stream whose shard does not answer, and never calls it up', () => {
    const merged = mergedWall([wall(tile('a'))], [plannedShard(placement('a'), placement('b'))], now);
    expect(merged.streams.map(({ name, phase }) => [name, phase])).toEqual([
      ['a', 'Up'],
      ['b', 'Starting'],
    ]);
  });
});
