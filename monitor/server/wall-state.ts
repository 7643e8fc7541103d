import type { DetectorManifest } from '../../crds/detector-manifest.ts';
import type { Incident } from '../../crds/incident.ts';
import {
  type PageIncident,
  type PageStream,
  type PageStreamDetail,
  type PhaseChange,
  pageRoutes,
  type TileChanges,
  type Wall,
} from '../../crds/page-api.ts';
import { tileOf } from '../../crds/page-tile.ts';
import type { StreamState } from '../../crds/stream-state.ts';
import { TileLog } from '../../crds/tile-log.ts';
import type { StreamIdentity, WatchEvent } from '../watch/watch-event.ts';
import { RecentSeries } from './recent-series.ts';
import { SoundState } from './sound-state.ts';

/** Incidents and changes of phase that a stream's tile keeps. */
const kept = 50;

type ShownDetector = Pick<DetectorManifest, 'type' | 'title' | 'thresholds'>;

interface Tile {
  readonly identity: StreamIdentity;
  state: StreamState;
  thumbnail?: string;
  video?: string;
  audio?: string;
  monitoredSeconds: number;
  blindSeconds: number;
  readonly detectors: readonly ShownDetector[];
  readonly scores: Map<string, number>;
  readonly curves: Map<string, RecentSeries>;
  readonly sound: SoundState;
  readonly unknown: Map<string, string>;
  readonly incidents: Map<string, Incident>;
  history: PhaseChange[];
}

/** Everything that the page shows of a shard's streams, kept from their events. Pure: times are passed in. */
export class WallState {
  readonly #tiles = new Map<string, Tile>();
  readonly #log = new TileLog();

  /**
   * A stream is watched from now on, by these detectors. `time`: wall clock in ms since 1970. `known`: incidents that
   * an earlier process of the shard saw the end of.
   */
  addStream(
    identity: StreamIdentity,
    detectors: readonly ShownDetector[],
    time: number,
    known: readonly Incident[] = [],
  ): void {
    const state: StreamState = {
      phase: 'Starting',
      reason: 'Connecting',
      message: 'the source is being opened',
      since: iso(time),
    };
    const incidents = new Map<string, Incident>();
    for (const incident of known) keepIncident(incidents, incident);
    this.#tiles.set(keyOf(identity), {
      identity,
      state,
      monitoredSeconds: 0,
      blindSeconds: 0,
      detectors,
      scores: new Map(),
      curves: new Map(),
      sound: new SoundState(),
      unknown: new Map(),
      incidents,
      history: [changeOf(state)],
    });
  }

  removeStream(identity: StreamIdentity): void {
    this.#tiles.delete(keyOf(identity));
  }

  /** What a stream watcher said at `time`. Events of streams that were not added are ignored: they are late. */
  consume(identity: StreamIdentity, event: WatchEvent, time: number): void {
    const tile = this.#tiles.get(keyOf(identity));
    if (!tile) return;
    switch (event.type) {
      case 'incident':
        keepIncident(tile.incidents, event.incident);
        break;
      case 'state':
        if (event.state.phase !== tile.state.phase || event.state.reason !== tile.state.reason) {
          tile.history = [...tile.history, { ...changeOf(event.state), since: iso(time) }].slice(-kept);
        }
        tile.state = event.state;
        break;
      case 'seconds':
        tile.monitoredSeconds += event.seconds.monitored;
        for (const seconds of Object.values(event.seconds.blind)) tile.blindSeconds += seconds;
        break;
      case 'scores':
        for (const [detector, score] of Object.entries(event.scores)) keepScore(tile, detector, score, time);
        break;
      case 'sound':
        tile.sound.levels(event.channels, time);
        break;
      case 'measurement':
        tile.sound.measured(event.measurement, time);
        break;
      case 'unknown':
        if (event.reason === undefined) tile.unknown.delete(event.detector);
        else tile.unknown.set(event.detector, event.reason);
        break;
      case 'media':
        // The next session may have only one of the two.
        delete tile.video;
        delete tile.audio;
        if (event.video !== undefined) tile.video = event.video;
        if (event.audio !== undefined) tile.audio = event.audio;
        break;
      case 'preview': {
        const { namespace, monitor, stream } = identity;
        // A path of its own for each picture, so that a browser shows it without being told to look again.
        tile.thumbnail = `${pageRoutes.thumbnails}/${namespace}/${monitor}/${stream}.jpg?${time.toString(36)}`;
      }
    }
  }

  /** The answer of `GET /api/wall`. */
  wall(time: number, region?: string): Wall {
    const streams = [...this.#tiles.values()].map(pageStream);
    return { time: iso(time), ...(region !== undefined && { region }), streams };
  }

  /** The answer of `GET /api/tiles`: what changed since the answer with this cursor. */
  tiles(time: number, since: string | undefined, region?: string): TileChanges {
    this.#log.update([...this.#tiles.values()].map((tile) => tileOf(pageStream(tile), time)));
    return { time: iso(time), ...(region !== undefined && { region }), ...this.#log.since(since) };
  }

  /** The answer of `GET /api/streams/…`; `undefined` for a stream that is not watched here. */
  stream(identity: StreamIdentity, time: number): PageStreamDetail | undefined {
    const tile = this.#tiles.get(keyOf(identity));
    if (!tile) return undefined;
    const sound = tile.sound.sound(time);
    const curves = [...tile.curves].map(([type, curve]) => [type, curve.recent()] as const);
    return {
      ...pageStream(tile),
      time: iso(time),
      curves: Object.fromEntries(curves),
      ...(sound && { sound }),
    };
  }
}

function pageStream(tile: Tile): PageStream {
  const { identity, state, thumbnail, video, audio, monitoredSeconds, blindSeconds, history } = tile;
  const detectors = tile.detectors.map(({ type, title, thresholds }) => {
    const score = tile.scores.get(type);
    const unknown = tile.unknown.get(type);
    const { enter: threshold, exit } = thresholds;
    return {
      type,
      title,
      threshold,
      exit,
      ...(score !== undefined && { score }),
      ...(unknown !== undefined && { unknown }),
    };
  });
  return {
    namespace: identity.namespace,
    monitor: identity.monitor,
    name: identity.stream,
    ...state,
    ...(thumbnail !== undefined && { thumbnail }),
    ...(video !== undefined && { video }),
    ...(audio !== undefined && { audio }),
    monitoredSeconds,
    blindSeconds,
    detectors,
    incidents: [...tile.incidents.values()].sort(newestFirst).map((incident) => titled(incident, tile)),
    history,
  };
}

function titled(incident: Incident, { detectors }: Tile): PageIncident {
  const title = detectors.find(({ type }) => type === incident.detector)?.title;
  return title === undefined ? incident : { ...incident, title };
}

function keepScore({ scores, curves }: Tile, detector: string, score: number, time: number): void {
  scores.set(detector, score);
  let curve = curves.get(detector);
  if (!curve) {
    curve = new RecentSeries();
    curves.set(detector, curve);
  }
  curve.add(time, score);
}

/** Keeps an incident's latest revision; when there are too many, the closed one that began first goes. */
function keepIncident(incidents: Map<string, Incident>, incident: Incident): void {
  const before = incidents.get(incident.id);
  if (before && before.revision > incident.revision) return;
  incidents.set(incident.id, incident);
  if (incidents.size <= kept) return;
  const oldest = [...incidents.values()].sort(newestFirst);
  const surplus = oldest.findLast(({ state }) => state === 'closed') ?? oldest.at(-1);
  if (surplus) incidents.delete(surplus.id);
}

function newestFirst(a: Incident, b: Incident): number {
  return Date.parse(b.startTime) - Date.parse(a.startTime);
}

function changeOf({ phase, reason, since }: StreamState): PhaseChange {
  return { phase, reason, since };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

function keyOf({ namespace, monitor, stream }: StreamIdentity): string {
  return `${namespace}/${monitor}/${stream}`;
}
