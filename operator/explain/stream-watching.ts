import type { Incident } from '../../crds/incident.ts';
import type { ShardReport, StreamReport } from '../../crds/shard-report.ts';
import type { StreamState } from '../../crds/stream-state.ts';

/** How a stream is watched now, as its shards say. Seconds are sums since they took it over. */
export interface StreamWatching extends StreamState {
  readonly video?: string;
  readonly audio?: string;
  readonly monitoredSeconds: number;
  readonly blindSeconds: number;
  readonly defectSeconds: number;
  /** How far the judgement is behind the wall clock. */
  readonly lagSeconds: number;
  /** CPU of its converters, in ms per second: on average, or since the reports before. */
  readonly cpu?: number;
  /** Why a detector cannot tell, by type. */
  readonly unknown: Readonly<Record<string, string>>;
  /** Open, worst first; what was to be expected is marked so. */
  readonly incidents: readonly Incident[];
}

/** A stream of a shard's report, and what the same shard said of it before. */
export interface ReportedStream {
  readonly report: ShardReport;
  readonly stream: StreamReport;
  readonly before?: { readonly report: ShardReport; readonly stream: StreamReport };
}

const phaseOrder = ['Down', 'Starting', 'Ended', 'Up'] as const;
const roleOrder = { owner: 0, demoted: 1, warming: 2 } as const;
const severityOrder = { critical: 0, warning: 1, info: 2 } as const;
/** On less an average says nothing, in seconds. */
const leastSeconds = 1;

/** Of a stream whose detectors are divided, what is worst; while it moves, what its owner says. */
export function watchingOf(reported: readonly ReportedStream[]): StreamWatching | undefined {
  const bySubset = Map.groupBy(reported, ({ stream }) => stream.detectors.join());
  const speakers = [...bySubset.values()].map(
    (parts) => parts.toSorted((a, b) => roleOrder[a.stream.role] - roleOrder[b.stream.role])[0]!,
  );
  const [worst] = speakers.toSorted(
    (a, b) => phaseOrder.indexOf(a.stream.phase) - phaseOrder.indexOf(b.stream.phase),
  );
  if (!worst) return undefined;
  const { phase, reason, message, since, video, audio } = worst.stream;
  const streams = speakers.map(({ stream }) => stream);
  const cpu = speakers.map(cpuOf);
  const incidents = new Map(
    streams.flatMap(({ openIncidents }) => openIncidents.map((incident) => [incident.id, incident])),
  );
  return {
    ...{ phase, reason, message, since },
    ...(video !== undefined && { video }),
    ...(audio !== undefined && { audio }),
    monitoredSeconds: Math.min(...streams.map(({ monitoredSeconds }) => monitoredSeconds)),
    blindSeconds: Math.max(...streams.map(({ blindSeconds }) => blindSeconds)),
    defectSeconds: streams.reduce((sum, { defectSeconds }) => sum + defectSeconds, 0),
    lagSeconds: Math.max(...speakers.map(lagOf)),
    ...(cpu.every((part) => part !== undefined) && { cpu: cpu.reduce((sum, part) => sum + part, 0) }),
    unknown: Object.assign({}, ...streams.map(({ unknown }) => unknown)),
    incidents: [...incidents.values()].sort(worstFirst),
  };
}

/** Every stream of some reports, by `namespace/monitor/stream`. `before`: what was said last, by `bootId`. */
export function reportedStreams(
  reports: readonly ShardReport[],
  before: ReadonlyMap<string, ShardReport> = new Map(),
): Map<string, ReportedStream[]> {
  const all = reports.flatMap((report) =>
    report.streams.map((stream): ReportedStream => {
      const last = before.get(report.bootId);
      const same = last?.streams.find((other) => pairOf(other) === pairOf(stream));
      return { report, stream, ...(last && same && { before: { report: last, stream: same } }) };
    }),
  );
  return Map.groupBy(all, ({ stream }) => `${stream.monitor}/${stream.name}`);
}

/** Those that somebody has to know of. */
export function openDefects({ incidents }: Pick<StreamWatching, 'incidents'>): Incident[] {
  return incidents.filter(({ suppressed }) => suppressed === undefined);
}

function pairOf({ monitor, name, detectors }: StreamReport): string {
  return `${monitor}/${name} ${detectors.join()}`;
}

function lagOf({ report, stream }: ReportedStream): number {
  return Math.max(0, Date.parse(report.time) - Date.parse(stream.watermarkTime)) / 1000;
}

function cpuOf({ report, stream, before }: ReportedStream): number | undefined {
  const elapsed = before && (Date.parse(report.time) - Date.parse(before.report.time)) / 1000;
  if (elapsed !== undefined && elapsed >= leastSeconds) {
    return ((stream.cpuSeconds - before!.stream.cpuSeconds) / elapsed) * 1000;
  }
  const seconds = stream.monitoredSeconds + stream.blindSeconds;
  return seconds < leastSeconds ? undefined : (stream.cpuSeconds / seconds) * 1000;
}

function worstFirst(a: Incident, b: Incident): number {
  return severityOrder[a.severity] - severityOrder[b.severity] || b.score - a.score;
}
