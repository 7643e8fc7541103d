import { type PageTile, streamKey } from '../../crds/page-api.ts';
import type { Placement } from '../planner/shard-state.ts';

/** What is known of the tiles of one shard. */
export interface ShardTiles {
  readonly tiles: ReadonlyMap<string, PageTile>;
  /** Where it should watch them. */
  readonly placements: readonly Pick<Placement, 'monitor' | 'name'>[];
  /** Since when the shard does not answer, ISO 8601; absent while it does. */
  readonly unheardSince?: string;
}

/** Incidents of a tile: as many as one shard tells. */
const incidentsShown = 30;

/**
 * The tiles of all shards, each stream once, by namespace, monitor and name. A stream whose shard fell silent keeps
 * its tile, marked; one whose shard has not answered yet has one that says so.
 */
export function mergedTiles(shards: readonly ShardTiles[], time: string): PageTile[] {
  const merged = new Map<string, PageTile>();
  for (const { tiles, unheardSince } of shards) {
    for (const [key, tile] of tiles) {
      const told = unheardSince === undefined ? tile : { ...tile, unheardSince };
      const other = merged.get(key);
      merged.set(key, other ? mergedTile(other, told) : told);
    }
  }
  for (const { placements, unheardSince } of shards) {
    for (const { monitor, name } of placements) {
      const key = `${monitor}/${name}`;
      if (!merged.has(key)) merged.set(key, unanswered(monitor, name, unheardSince ?? time));
    }
  }
  return [...merged.values()].sort((a, b) => order.compare(streamKey(a), streamKey(b)));
}

const order = new Intl.Collator('en', { numeric: true });

/** A stream on two shards: of what both say the worse, of two that watched it the one that is heard. */
function mergedTile(a: PageTile, b: PageTile): PageTile {
  const heard = a.unheardSince === undefined;
  if (heard !== (b.unheardSince === undefined)) return heard ? a : b;
  const [worse, better] = a.phase === 'Up' ? [b, a] : [a, b];
  const incidents = new Map([...a.incidents, ...b.incidents].map((incident) => [incident.id, incident]));
  return {
    ...better,
    ...worse,
    unknown: a.unknown + b.unknown,
    incidents: [...incidents.values()]
      .sort((x, y) => (x.startTime < y.startTime ? 1 : -1))
      .slice(0, incidentsShown),
  };
}

function unanswered(monitor: string, name: string, since: string): PageTile {
  const [namespace = '', monitorName = ''] = monitor.split('/');
  return {
    ...{ namespace, monitor: monitorName, name },
    phase: 'Starting',
    reason: 'Connecting',
    message: 'the process that watches this stream does not answer yet',
    since,
    unknown: 0,
    incidents: [],
  };
}
