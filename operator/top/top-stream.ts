import type { Incident } from '../../crds/incident.ts';
import type { ShardReport } from '../../crds/shard-report.ts';
import type { StreamPhase } from '../../crds/stream-state.ts';
import type { MonitorExplanation, StreamExplanation, StreamState } from '../explain/explanation.ts';
import { openDefects, reportedStreams, type StreamWatching, watchingOf } from '../explain/stream-watching.ts';

/** A line of `top`. What only a shard that answers can say is absent without. */
export interface TopStream {
  readonly namespace: string;
  readonly monitor: string;
  readonly stream: string;
  /** Its phase; `Unknown` where its shards do not answer; else why it is not watched. */
  readonly state: StreamPhase | 'Unknown' | StreamState;
  readonly reason: string;
  /** One sentence, where there is more to say. */
  readonly message: string;
  /** Open incidents, worst first, without what was to be expected. */
  readonly defects: readonly Pick<
    Incident,
    'id' | 'detector' | 'kind' | 'severity' | 'score' | 'startTime' | 'channel'
  >[];
  readonly monitoredSeconds?: number;
  readonly blindSeconds?: number;
  readonly defectSeconds?: number;
  /** How far the judgement is behind the wall clock. */
  readonly lagSeconds?: number;
  /** CPU of its converters, in ms per second. */
  readonly cpu?: number;
  /** Why a detector cannot tell, by type. */
  readonly unknown: Readonly<Record<string, string>>;
}

/** Streams of shards that were asked directly. `before`: what they said last, by `bootId`. */
export function topOfReports(
  reports: readonly ShardReport[],
  before: ReadonlyMap<string, ShardReport>,
): TopStream[] {
  return [...reportedStreams(reports, before)].map(([key, reported]) => {
    const [namespace = '', monitor = '', stream = ''] = key.split('/');
    return { namespace, monitor, stream, ...watched(watchingOf(reported)!) };
  });
}

/** Streams of a cluster's StreamMonitors, those included that no shard speaks of. */
export function topOfMonitor({ namespace, name: monitor, streams }: MonitorExplanation): TopStream[] {
  return streams.map((explanation) => {
    const { name: stream, watching } = explanation;
    return {
      ...{ namespace, monitor, stream },
      ...(watching ? watched(watching) : notWatched(explanation)),
    };
  });
}

type Standing = Omit<TopStream, 'namespace' | 'monitor' | 'stream'>;

function watched(watching: StreamWatching): Standing {
  const { phase, reason, message, unknown, monitoredSeconds, blindSeconds, defectSeconds, lagSeconds, cpu } =
    watching;
  return {
    ...{ state: phase, reason, message },
    defects: openDefects(watching).map(({ id, detector, kind, severity, score, startTime, channel }) => ({
      ...{ id, detector, kind, severity, score, startTime },
      ...(channel !== undefined && { channel }),
    })),
    ...{ monitoredSeconds, blindSeconds, defectSeconds, lagSeconds, unknown },
    ...(cpu !== undefined && { cpu }),
  };
}

function notWatched({ state, why, placements, silent = [], attention }: StreamExplanation): Standing {
  if (placements.length === 0) return { state, reason: state, message: why, defects: [], unknown: {} };
  // The operator asks by a way of its own, so that it may know more than who looks on.
  const told = [...(attention === undefined ? [] : [`the operator says ${attention}`]), ...silent];
  const message = told.length > 0 ? told.join('; ') : 'its pod cannot be seen';
  return { state: 'Unknown', reason: 'ShardSilent', message, defects: [], unknown: {} };
}
