import { detectorCatalogue } from '../../crds/detector-catalogue.ts';
import type { PageStream, PageStreamDetail, Wall } from '../../crds/page-api.ts';
import type { Placement, PlannedShard } from '../planner/shard-state.ts';

/** Newest incidents that a tile shows. */
const incidentsShown = 50;

/**
 * One wall from those of all shards. A stream whose detectors run on several shards is one tile; a stream whose
 * shard does not answer keeps its tile.
 */
export function mergedWall(walls: readonly Wall[], shards: readonly PlannedShard[], time: string): Wall {
  const region = walls.find((wall) => wall.region !== undefined)?.region;
  const tiles = Map.groupBy(
    walls.flatMap(({ streams }) => streams),
    ({ namespace, monitor, name }) => `${namespace}/${monitor}/${name}`,
  );
  const seen = [...tiles.values()].map((parts) => parts.reduce(merged));
  const missing = new Map(
    shards
      .flatMap(({ placements }) => placements)
      .filter(({ monitor, name }) => !tiles.has(`${monitor}/${name}`))
      .map((placement) => [`${placement.monitor}/${placement.name}`, unanswered(placement, time)]),
  );
  return {
    time,
    ...(region !== undefined && { region }),
    streams: [...seen, ...missing.values()].sort(byName),
  };
}

/** The same of two accounts of one stream, with the curves of both. */
export function mergedStream(a: PageStreamDetail, b: PageStreamDetail): PageStreamDetail {
  const sound = a.sound ?? b.sound;
  return {
    ...merged(a, b),
    time: a.time,
    curves: { ...b.curves, ...a.curves },
    ...(sound && { sound }),
  };
}

function merged(a: PageStream, b: PageStream): PageStream {
  // What is worse is what a person needs to see.
  const [worse, better] = a.phase === 'Up' ? [b, a] : [a, b];
  return {
    ...better,
    ...worse,
    monitoredSeconds: Math.min(a.monitoredSeconds, b.monitoredSeconds),
    blindSeconds: Math.max(a.blindSeconds, b.blindSeconds),
    // While a stream moves, both shards have the same detectors.
    detectors: [
      ...a.detectors,
      ...b.detectors.filter(({ type }) => !a.detectors.some((own) => own.type === type)),
    ],
    incidents: [...a.incidents, ...b.incidents]
      .sort((x, y) => (x.startTime < y.startTime ? 1 : -1))
      .slice(0, incidentsShown),
  };
}

function unanswered({ monitor, name, detectors }: Placement, time: string): PageStream {
  const [namespace = '', monitorName = ''] = monitor.split('/');
  return {
    namespace,
    monitor: monitorName,
    name,
    phase: 'Starting',
    reason: 'Connecting',
    message: 'the process that watches this stream does not answer yet',
    since: time,
    monitoredSeconds: 0,
    blindSeconds: 0,
    detectors: detectors.map((type) => {
      // Of a module's detector only its shard knows more than the name.
      const manifest = detectorCatalogue[type];
      return { type, ...(manifest && { title: manifest.title, threshold: manifest.thresholds.enter }) };
    }),
    incidents: [],
  };
}

function byName(a: PageStream, b: PageStream): number {
  const key = ({ namespace, monitor, name }: PageStream) => `${namespace}/${monitor}/${name}`;
  return key(a).localeCompare(key(b), 'en', { numeric: true });
}
