import type { shardApiVersion } from './assignment.ts';
import type { Incident } from './incident.ts';
import type { StreamState } from './stream-state.ts';

/** What a shard says of one of its (stream, detector subset) pairs. Seconds are sums since the shard took it over. */
export interface StreamReport extends StreamState {
  /** `namespace/name` of the StreamMonitor. */
  readonly monitor: string;
  readonly name: string;
  readonly role: 'owner' | 'warming';
  readonly detectors: readonly string[];
  /** Wall clock of the first analysed frame, ISO 8601. */
  readonly firstFrameTime?: string;
  readonly monitoredSeconds: number;
  readonly blindSeconds: number;
  readonly defectSeconds: number;
  /** CPU of this stream's converter, in seconds. */
  readonly cpuSeconds: number;
  /** Why a detector cannot tell, by type. */
  readonly unknown: Readonly<Record<string, string>>;
  readonly openIncidents: readonly Incident[];
  /** Media seconds up to which every incident has been judged and handed on. */
  readonly watermark: number;
}

/** What a shard says of itself: served at `/report`, polled by the operator. */
export interface ShardReport {
  readonly apiVersion: typeof shardApiVersion;
  readonly kind: 'ShardReport';
  readonly shard: string;
  /** Random, new at every start of the process. */
  readonly bootId: string;
  readonly generation: number;
  readonly time: string;
  readonly startedAt: string;
  /** CPU of the whole shard, converters included, in seconds. */
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
  /** What waits for delivery, result records not yet sent included: a shard without streams is deleted at 0. */
  readonly spoolBytes: number;
  /** Records given up because the spool was full; never negative, never reset while the process lives. */
  readonly dropped: { readonly notifications: number; readonly results: number };
  /** Why the current assignment document was refused, when it was. */
  readonly assignmentError?: string;
  readonly streams: readonly StreamReport[];
}
