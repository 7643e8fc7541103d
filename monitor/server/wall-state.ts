import type { DetectorManifest } from '../../crds/detector-manifest.ts';
import type { Incident } from '../../crds/incident.ts';
import { type PageStream, type PhaseChange, pageRoutes, type Wall } from '../../crds/page-api.ts';
import type { StreamState } from '../../crds/stream-state.ts';
import type { StreamIdentity, WatchEvent } from '../watch/watch-event.ts';

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
  readonly unknown: Map<string, string>;
  readonly incidents: Map<string, Incident>;
  history: PhaseChange[];
}

/** Everything that the page shows of a shard's streams, kept from their events. Pure: times are passed in. */
export class WallState {
  readonly #tiles = new Map<string, Tile>();

  /** A stream is watched from now on, by these detectors. `time`: wall clock in ms since 1970. */
  addStream(identity: StreamIdentity, detectors: readonly ShownDetector[], time: number): void {
    const state: StreamState = {
      phase: 'Starting',
      reason: 'Connecting',
      message: 'the source is being opened',
      since: iso(time),
    };
    this.#tiles.set(keyOf(identity), {
      identity,
      state,
      monitoredSeconds: 0,
      blindSeconds: 0,
      detectors,
      scores: new Map(),
      unknown: new Map(),
      incidents: new Map(),
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
        for (const [detector, score] of Object.entries(event.scores)) tile.scores.set(detector, score);
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
}

function pageStream(tile: Tile): PageStream {
  const { identity, state, thumbnail, video, audio, monitoredSeconds, blindSeconds, history } = tile;
  const detectors = tile.detectors.map(({ type, title, thresholds }) => {
    const score = tile.scores.get(type);
    const unknown = tile.unknown.get(type);
    const threshold = thresholds.enter;
    return {
      type,
      title,
      threshold,
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
    incidents: [...tile.incidents.values()].sort(newestFirst),
    history,
  };
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
