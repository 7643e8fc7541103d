import { type Assignment, type StreamAssignment, shardApiVersion } from '../../../crds/assignment.ts';
import type { TileChanges } from '../../../crds/page-api.ts';
import type { ShardReport, StreamReport } from '../../../crds/shard-report.ts';
import type { StreamPhase, StreamReason } from '../../../crds/stream-state.ts';

/** What a test wants a simulated shard to say of one stream; what is left out is as of a healthy one. */
export interface StreamBehaviour {
  readonly phase?: StreamPhase;
  readonly reason?: StreamReason;
  readonly message?: string;
  /** CPU that the stream takes, in ms per second; by default what the operator plans with. */
  readonly cpu?: number;
  /** `false`: nothing has been analysed yet, as of a stream that is still being opened. */
  readonly firstFrame?: boolean;
  readonly openIncidents?: StreamReport['openIncidents'];
}

/** One run of a simulated shard's process. */
export interface SimulatedBoot {
  readonly bootId: string;
  /** ms since the epoch. */
  readonly startedAt: number;
  /** When each stream and its role were first assigned, in ms since the epoch, by `streamKey`. */
  readonly since: ReadonlyMap<string, number>;
}

/** CPU of a stream that nobody said anything of, in ms per second. */
const ordinaryCpu = 100;

export function streamKey({ monitor, name, detectors }: StreamAssignment): string {
  return `${monitor}/${name}/${detectors.join()}`;
}

/** What the page shows of the same streams. */
export function simulatedTiles(streams: ShardReport['streams'], now: number): TileChanges {
  const tiles = streams.map(({ monitor, name, phase, reason, message, since, openIncidents }) => {
    const [namespace = '', monitorName = ''] = monitor.split('/');
    const state = { phase, reason, message, since };
    return { namespace, monitor: monitorName, name, ...state, unknown: 0, incidents: openIncidents };
  });
  return { time: isoTime(now), cursor: `simulated.${now}`, complete: true, tiles, removed: [] };
}

/**
 * The report of a shard that does what it is assigned to.
 * @param now ms since the epoch
 */
export function simulatedReport(
  assignment: Assignment,
  boot: SimulatedBoot,
  behaviourOf: (stream: StreamAssignment) => StreamBehaviour,
  now: number,
): ShardReport {
  const streams = assignment.streams.map((stream) =>
    streamReport(stream, boot.since.get(streamKey(stream)) ?? now, behaviourOf(stream), now),
  );
  return {
    apiVersion: shardApiVersion,
    kind: 'ShardReport',
    shard: assignment.shard,
    bootId: boot.bootId,
    generation: assignment.generation,
    time: isoTime(now),
    startedAt: isoTime(boot.startedAt),
    cpuSeconds: streams.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, (now - boot.startedAt) / 100_000),
    memoryBytes: 100e6 + streams.length * 50e6,
    spoolBytes: 0,
    dropped: { notifications: 0, results: 0 },
    streams,
  };
}

function streamReport(
  { monitor, name, role, detectors, exclusive, placement }: StreamAssignment,
  since: number,
  {
    phase = 'Up',
    reason = 'Receiving',
    message = '',
    cpu,
    firstFrame = true,
    openIncidents = [],
  }: StreamBehaviour,
  now: number,
): StreamReport {
  const seconds = (now - since) / 1000;
  // A stream that allows one reader is opened by its owner alone.
  const watched = firstFrame && phase !== 'Down' && !(exclusive && role !== 'owner');
  return {
    ...{ phase, reason, message, since: isoTime(since), monitor, name, role, detectors },
    ...(watched && { firstFrameTime: isoTime(since) }),
    monitoredSeconds: watched ? seconds : 0,
    blindSeconds: watched ? 0 : seconds,
    defectSeconds: 0,
    cpuSeconds: (seconds * (cpu ?? placement?.cost ?? ordinaryCpu)) / 1000,
    unknown: {},
    openIncidents,
    closedIncidents: [],
    watermarkTime: isoTime(now),
  };
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
