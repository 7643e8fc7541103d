import { describe, expect, it } from 'vitest';
import { detectorCatalogue } from '../../../crds/detector-catalogue.ts';
import { appliedChanges, type PageTile, streamKey } from '../../../crds/page-api.ts';
import { tileOf } from '../../../crds/page-tile.ts';
import { parseTileChanges } from '../../../crds/tile-changes.ts';
import { TileLog } from '../../../crds/tile-log.ts';
import { WallState } from '../../../monitor/server/wall-state.ts';

const since = '2026-01-01T00:00:00.000Z';
const tile = (name: string, values: Partial<PageTile> = {}): PageTile => ({
  ...{ namespace: 'live', monitor: 'sports', name, phase: 'Up', reason: 'Receiving', message: '', since },
  ...{ unknown: 0, incidents: [], ...values },
});

describe('TileLog', () => {
  it('tells everything at first, then what changed and what went', () => {
    const log = new TileLog();
    log.update([tile('a'), tile('b')]);
    const first = log.since(undefined);
    expect(first).toMatchObject({ complete: true, tiles: [{ name: 'a' }, { name: 'b' }], removed: [] });
    log.update([tile('a'), tile('c', { unknown: 1 })]);
    const next = log.since(first.cursor);
    expect(next).toMatchObject({ complete: false, tiles: [{ name: 'c' }], removed: ['live/sports/b'] });
    expect(log.since(next.cursor)).toMatchObject({ complete: false, tiles: [], removed: [] });
    const shown = appliedChanges(new Map(first.tiles.map((one) => [streamKey(one), one])), next);
    expect([...shown.keys()]).toEqual(['live/sports/a', 'live/sports/c']);
    expect(shown.get('live/sports/a')).toBe(first.tiles[0]);
  });

  it('tells everything to whoever comes with a cursor of another', () => {
    const log = new TileLog();
    log.update([tile('a')]);
    for (const cursor of ['', 'x', 'elsewhere.3', `${log.since(undefined).cursor}e`]) {
      expect(log.since(cursor).complete).toBe(true);
    }
    for (let index = 0; index < 5_001; index++) log.update([tile(`s-${index}`)]);
    const { cursor } = log.since(undefined);
    log.update([]);
    expect(log.since(cursor).removed).toEqual(['live/sports/s-5000']);
  });
});

describe('tileOf', () => {
  it('is what the operator takes, and changes with nothing that changes every second', () => {
    const identity = { namespace: 'live', monitor: 'sports', stream: 'a' };
    const wall = new WallState();
    const start = Date.parse(since);
    wall.addStream(identity, [detectorCatalogue.freeze!], start);
    const first = wall.tiles(start, undefined);
    expect(parseTileChanges(JSON.parse(JSON.stringify(first)))).toEqual(first);
    const seconds = {
      from: since,
      to: since,
      monitored: 1,
      blind: {},
      defect: [],
      frames: 1,
      evidence: {},
      cpu: 0,
    };
    wall.consume(identity, { type: 'seconds', seconds }, start + 1000);
    wall.consume(identity, { type: 'scores', scores: { freeze: 0.3 } }, start + 1000);
    expect(wall.tiles(start + 1000, first.cursor).tiles).toEqual([]);
    wall.consume(identity, { type: 'unknown', detector: 'freeze', reason: 'no picture' }, start + 1000);
    expect(wall.tiles(start + 1000, first.cursor).tiles).toMatchObject([{ name: 'a', unknown: 1 }]);
    expect(wall.stream(identity, start + 1000)).toMatchObject({
      curves: { freeze: { until: start / 1000 + 1, values: [0.3] } },
      detectors: [{ type: 'freeze', threshold: 0.5, unknown: 'no picture' }],
    });
  });

  it('leaves out what ended before its strip begins, but for the last incident', () => {
    const now = Date.parse(since);
    const at = (seconds: number) => new Date(now - seconds * 1000).toISOString();
    const change = (seconds: number) => ({ phase: 'Up', reason: 'Receiving', since: at(seconds) }) as const;
    const incident = (id: string, end: number) => ({
      id,
      state: 'closed',
      startTime: at(end + 5),
      endTime: at(end),
    });
    const stream = {
      ...tile('a'),
      ...{ monitoredSeconds: 0, blindSeconds: 0, detectors: [] },
      history: [change(900), change(700), change(100)],
      incidents: [incident('last', 650), incident('old', 660)] as never,
    };
    const shown = tileOf(stream, now);
    expect(shown.incidents.map(({ id }) => id)).toEqual(['last']);
    expect(shown.history).toEqual([change(700), change(100)]);
    expect(shown).not.toHaveProperty('monitoredSeconds');
  });
});
