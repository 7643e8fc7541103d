import type { Incident } from './incident.ts';
import type { StreamPhase, StreamReason, StreamState } from './stream-state.ts';

/** Whom a page tells of. */
export interface PageStreamName {
  readonly namespace: string;
  readonly monitor: string;
  readonly name: string;
}

/** An incident with the name of its detector for a person, from the detector's manifest. */
export type PageIncident = Incident & { readonly title?: string };

/** What a tile tells of an incident. */
export type TileIncident = Pick<
  PageIncident,
  | 'id'
  | 'state'
  | 'detector'
  | 'title'
  | 'kind'
  | 'channel'
  | 'severity'
  | 'suppressed'
  | 'startTime'
  | 'endTime'
>;

/** One tile of the wall. Nothing in it changes while all is well but the picture: a wall of thousands stays cheap. */
export interface PageTile extends PageStreamName, StreamState {
  /** Path of the newest thumbnail (JPEG), changing with the picture; absent before the first. */
  readonly thumbnail?: string;
  /** What is watched, for a person: `1280×720, 25 fps, h264`, `2 channels, 48 kHz, aac`. */
  readonly video?: string;
  readonly audio?: string;
  /** How many detectors cannot tell. */
  readonly unknown: number;
  /** Since when the process that watches the stream does not answer, ISO 8601: what else is told is of then. */
  readonly unheardSince?: string;
  /** Open incidents, those that ended within the last ten minutes and the last one, newest first. */
  readonly incidents: readonly TileIncident[];
  /** Changes of phase within the last ten minutes and the one before, oldest first. */
  readonly history?: readonly PhaseChange[];
}

/** Everything but its curves that is known of one stream. */
export interface PageStream extends PageStreamName, StreamState {
  readonly thumbnail?: string;
  readonly video?: string;
  readonly audio?: string;
  readonly monitoredSeconds: number;
  readonly blindSeconds: number;
  readonly detectors: readonly PageDetector[];
  /** Open incidents and the latest closed ones (at most 50), newest first. */
  readonly incidents: readonly PageIncident[];
  /** The latest changes of phase (at most 50), oldest first: what a timeline shows as not watched. */
  readonly history?: readonly PhaseChange[];
}

export interface PageDetector {
  readonly type: string;
  /** From its manifest: the name for a person, and the scores from which a defect is present and below which it is over. */
  readonly title?: string;
  readonly threshold?: number;
  readonly exit?: number;
  /** Latest score, 0 … 1; absent before the first judgement. */
  readonly score?: number;
  /** Why the detector cannot tell. */
  readonly unknown?: string;
}

/** A figure of each of the last seconds (at most 300), oldest first; `null` where there was none. */
export interface Recent {
  /** Second of the last value, since 1970. */
  readonly until: number;
  readonly values: readonly (number | null)[];
}

/** One audio channel in the last second, in dBFS; below −99 it counts as silent and is told as −99. */
export interface ChannelLevel {
  /** Such as `FL`. */
  readonly name: string;
  /** Highest sample. */
  readonly peak: number;
  /** Root mean square. */
  readonly rms: number;
}

/** The sound of a stream, as far as it has any. */
export interface PageSound {
  readonly channels: readonly ChannelLevel[];
  /** Loudness in LUFS, its range in LU and the true peak in dBTP (EBU R 128), where the loudness detector measures them. */
  readonly figures: Readonly<Partial<Record<SoundFigure, number>>>;
  readonly momentary: Recent;
  readonly shortTerm: Recent;
}

export type SoundFigure = 'momentary' | 'shortTerm' | 'integrated' | 'range' | 'truePeak';

/** Answer of `GET /api/streams/{namespace}/{monitor}/{name}`. */
export interface PageStreamDetail extends PageStream {
  readonly time: string;
  readonly unheardSince?: string;
  /** Scores by type of detector. */
  readonly curves: Readonly<Record<string, Recent>>;
  readonly sound?: PageSound;
}

/** Answer of `GET /api/incidents/{id}`: an incident as long as it is kept, open or not. */
export interface PageIncidentDetail {
  readonly time: string;
  readonly region?: string;
  readonly incident: PageIncident;
}

/** From `since` (wall clock, ISO 8601) until the next change, the stream was in this phase. */
export interface PhaseChange {
  readonly phase: StreamPhase;
  readonly reason: StreamReason;
  readonly since: string;
}

/** Answer of `GET /api/wall`: all that is known, for programs. Served alike by a shard and by `run`. */
export interface Wall {
  readonly time: string;
  readonly region?: string;
  readonly streams: readonly PageStream[];
}

/** Answer of `GET /api/tiles`: what the wall shows. Served alike by a shard, by `run` and by the operator. */
export interface TileChanges {
  readonly time: string;
  readonly region?: string;
  /** To be given back as `?since=` for what changed after this. */
  readonly cursor: string;
  /** All tiles, instead of those that changed. */
  readonly complete: boolean;
  readonly tiles: readonly PageTile[];
  /** Keys of tiles that are gone, as `streamKey` makes them. */
  readonly removed: readonly string[];
}

/** Paths of the page's HTTP contract. */
export const pageRoutes = {
  wall: '/api/wall',
  tiles: '/api/tiles',
  /** + `/{namespace}/{monitor}/{name}` */
  streams: '/api/streams',
  /** + `/{Incident.id}` */
  incidents: '/api/incidents',
  /** + `/{namespace}/{monitor}/{stream}.jpg` */
  thumbnails: '/api/thumbnails',
  /** + `/{Incident.evidence}` */
  evidence: '/api/evidence',
} as const;

/** Names a stream within a wall, and in the page's URLs. */
export function streamKey({ namespace, monitor, name }: PageStreamName): string {
  return `${namespace}/${monitor}/${name}`;
}

/** The tiles after changes; an unchanged tile stays the same object. */
export function appliedChanges(
  before: ReadonlyMap<string, PageTile>,
  { complete, tiles, removed }: Pick<TileChanges, 'complete' | 'tiles' | 'removed'>,
): ReadonlyMap<string, PageTile> {
  if (!complete && tiles.length === 0 && removed.length === 0) return before;
  const after = new Map(complete ? [] : before);
  for (const key of removed) after.delete(key);
  for (const tile of tiles) after.set(streamKey(tile), tile);
  return after;
}
