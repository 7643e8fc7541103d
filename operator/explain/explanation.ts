import type { Assignment, StreamAssignment, StreamRole } from '../../crds/assignment.ts';
import type { ShardReport } from '../../crds/shard-report.ts';
import type { StreamMonitorStatus, StreamSpec } from '../../crds/stream-monitor.ts';
import type { MonitorSource } from '../controllers/monitor-sources.ts';
import { declaredCost, expectedVideo } from '../planner/cost.ts';
import { isWatchTime } from '../planner/watch-window.ts';
import { labelKeys } from '../resources/labels.ts';
import type { PodAnswer } from '../shards/pod-reports.ts';
import { currentPod, type ShardPod } from '../shards/shard-objects.ts';
import { type DetectorExplanation, explainDetectors } from './detector-explanation.ts';
import { reportedStreams, type StreamWatching, watchingOf } from './stream-watching.ts';

/** What the cluster says of a StreamMonitor. */
export interface ExplainFacts {
  readonly source: MonitorSource;
  /** Of its namespace. */
  readonly assignments: readonly Assignment[];
  /** Of its namespace; absent where they may not be seen. */
  readonly pods: readonly ShardPod[] | undefined;
  /** Of its shards that were asked, by name. */
  readonly answers?: ReadonlyMap<string, PodAnswer>;
  /** What shards said the last time, by `bootId`. */
  readonly before?: ReadonlyMap<string, ShardReport>;
  /** Why streams cannot be placed, by name, where the status does not say it. */
  readonly shed?: ReadonlyMap<string, string>;
  /** ms since 1970. */
  readonly now: number;
}

/** A (stream, detector subset) on a shard. Costs in ms CPU per second. */
export interface PlacementExplanation {
  readonly shard: string;
  readonly role: StreamRole;
  readonly pod?: string;
  readonly node?: string;
  /** ISO 8601. */
  readonly since?: string;
  readonly reason?: string;
  /** Shard that it came from. */
  readonly from?: string;
  readonly cost?: number;
  readonly detectors: readonly string[];
}

/**
 * - `Placed`: on its shards.
 * - `Moving`: changing shards.
 * - `Leaving`: no longer asked for, and not let go of yet.
 * - `Suspended`, `OutsideWindow`: not to be watched now.
 * - `NoCapacity`: cannot be placed.
 * - `Waiting`: not placed yet.
 */
export type StreamState = (typeof streamStates)[number];
export const streamStates = [
  'Placed',
  'Moving',
  'Leaving',
  'Suspended',
  'OutsideWindow',
  'NoCapacity',
  'Waiting',
] as const;

export interface StreamExplanation {
  readonly name: string;
  readonly state: StreamState;
  /** One sentence. */
  readonly why: string;
  /** What the status says where the stream needs attention: its phase, reason and message. */
  readonly attention?: string;
  /** How it is watched now; absent where its shards were not asked, or do not answer. */
  readonly watching?: StreamWatching;
  /** Why its shards do not answer: one sentence each. */
  readonly silent?: readonly string[];
  /** Those that run, by type. */
  readonly detectors: readonly DetectorExplanation[];
  /** Built-in ones that do not. */
  readonly disabled: readonly string[];
  /** On all its shards, in ms CPU per second. */
  readonly cost: number;
  /** What of the cost is for decoding more than once, as declared, as its detectors are divided. */
  readonly extraDecode: number;
  readonly placements: readonly PlacementExplanation[];
}

export interface MonitorExplanation {
  readonly namespace: string;
  readonly name: string;
  /** What is wrong with it or with its stream lists: one sentence each. */
  readonly problems: readonly string[];
  readonly conditions: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason: string;
    readonly message: string;
  }[];
  /** By name. */
  readonly streams: readonly StreamExplanation[];
}

interface Placed {
  readonly shard: string;
  readonly entry: StreamAssignment;
}

/** Where each stream of a StreamMonitor runs, since when, why and at what cost, or why it does not. */
export function explain(facts: ExplainFacts): MonitorExplanation {
  const { source, assignments } = facts;
  const { namespace = '', name } = source.object.metadata;
  const status = statusOf(source);
  const placed = Map.groupBy(
    assignments.flatMap(({ shard, streams }) =>
      streams.filter(({ monitor }) => monitor === source.key).map((entry): Placed => ({ shard, entry })),
    ),
    ({ entry }) => entry.name,
  );
  const specs = new Map(source.streams.map((stream) => [stream.name, stream]));
  const answers = [...(facts.answers ?? [])];
  const reports = answers.flatMap(([, answer]) => ('report' in answer ? [answer.report] : []));
  const reported = reportedStreams(reports, facts.before);
  const problems = new Map(
    answers.flatMap(([shard, answer]) => ('problem' in answer ? [[shard, answer.problem] as const] : [])),
  );
  const pods = Map.groupBy(facts.pods ?? [], ({ metadata }) => metadata.labels?.[labelKeys.shard] ?? '');
  return {
    namespace,
    name,
    problems: problemsOf(source),
    conditions: (status?.conditions ?? []).map(({ type, status, reason, message }) => ({
      type,
      status,
      reason,
      message,
    })),
    streams: [...new Set([...specs.keys(), ...placed.keys()])].sort().map((stream) => {
      const on = placed.get(stream) ?? [];
      const spec = specs.get(stream);
      const attention = attentionOf(status, stream);
      const watching = watchingOf(reported.get(`${source.key}/${stream}`) ?? []);
      const silent = [...new Set(on.flatMap(({ shard }) => problems.get(shard) ?? []))];
      return {
        name: stream,
        ...stateOf(facts, status, stream, spec, on),
        ...(attention !== undefined && { attention }),
        ...(watching && { watching }),
        ...(silent.length > 0 && { silent }),
        ...explainDetectors(
          source.monitor?.spec,
          spec,
          on.map(({ entry }) => entry),
          watching,
        ),
        cost: on.reduce((sum, { entry }) => sum + (entry.placement?.cost ?? 0), 0),
        extraDecode: extraDecode(on),
        placements: on.map((each) => placementOf(each, pods.get(each.shard) ?? [])),
      };
    }),
  };
}

function stateOf(
  { source, now, shed }: ExplainFacts,
  status: StreamMonitorStatus | undefined,
  name: string,
  spec: StreamSpec | undefined,
  placed: readonly Placed[],
): Pick<StreamExplanation, 'state' | 'why'> {
  const suspended = source.monitor?.spec.suspend === true;
  const outside = spec !== undefined && !isWatchTime(spec.window, now);
  const idle: Pick<StreamExplanation, 'state' | 'why'> | undefined = suspended
    ? { state: 'Suspended', why: 'spec.suspend is true' }
    : outside
      ? { state: 'OutsideWindow', why: windowText(spec, now) }
      : undefined;
  if (placed.length > 0) {
    // Of a StreamMonitor that is refused nothing can be said to be asked for: its streams stay.
    const unwanted =
      idle ?? (spec || source.invalid.length > 0 ? undefined : { why: 'it is not asked for any more' });
    if (unwanted) return { state: 'Leaving', why: `${unwanted.why}; its shard has not let go of it yet` };
    return placedState(placed);
  }
  if (idle) return idle;
  const full = status?.worstStreams?.find((stream) => stream.name === name && stream.reason === 'NoCapacity');
  const why = shed?.get(name) ?? full?.message;
  if (full || why !== undefined) return { state: 'NoCapacity', why: why ?? 'no shard has room for it' };
  return { state: 'Waiting', why: waitingFor(source, status) };
}

function placedState(placed: readonly Placed[]): Pick<StreamExplanation, 'state' | 'why'> {
  const of = (role: StreamRole) => placed.filter(({ entry }) => entry.role === role);
  const [target] = [...of('warming'), ...of('owner').filter(({ entry }) => entry.adopt)];
  const [demoted] = of('demoted');
  if (!target && !demoted) {
    const [first] = placed;
    return { state: 'Placed', why: first!.entry.placement?.reason ?? 'no reason was kept' };
  }
  if (!target) return { state: 'Moving', why: `${demoted!.shard} is letting go of it` };
  const { reason, from } = target.entry.placement ?? {};
  const step =
    target.entry.role === 'owner'
      ? `${target.shard} has taken over`
      : demoted
        ? `${demoted.shard} hands over to ${target.shard}`
        : target.entry.exclusive
          ? `to ${target.shard}, which opens it once ${from ?? 'the other shard'} has let go`
          : `${target.shard} warms up and ${from ?? 'the other shard'} speaks for it`;
  return { state: 'Moving', why: reason === undefined ? step : `${step}: ${reason}` };
}

function waitingFor({ object, monitor }: MonitorSource, status: StreamMonitorStatus | undefined): string {
  if (!monitor) return 'the StreamMonitor is not valid, so nothing of it runs';
  const seen = status?.observedGeneration;
  if (seen === undefined) return 'no operator has seen the StreamMonitor yet: is one running?';
  if (seen !== object.metadata.generation) return 'the operator has not acted on the latest change yet';
  const trouble = status?.conditions?.find(({ type, status }) => type === 'Degraded' && status === 'True');
  return trouble ? `not placed: ${trouble.message}` : 'the operator has not placed it yet';
}

function windowText({ window }: StreamSpec, now: number): string {
  const { start, end } = window ?? {};
  if (start !== undefined && Date.parse(start) > now) return `its window opens at ${start}`;
  return `its window closed at ${end}`;
}

function attentionOf(status: StreamMonitorStatus | undefined, name: string): string | undefined {
  const worst = status?.worstStreams?.find((stream) => stream.name === name);
  if (!worst || worst.reason === 'NoCapacity') return undefined;
  const { phase, reason, message } = worst;
  return `${phase}, ${reason}${message === undefined ? '' : `: ${message}`}`;
}

/** Each further subset decodes the stream again. */
function extraDecode(placed: readonly Placed[]): number {
  const subsets = new Set(placed.map(({ entry }) => entry.detectors.toSorted().join()));
  if (subsets.size < 2) return 0;
  return Math.round((subsets.size - 1) * declaredCost(expectedVideo(placed[0]!.entry.rendition), [], {}));
}

function placementOf({ shard, entry }: Placed, pods: readonly ShardPod[]): PlacementExplanation {
  const pod = currentPod(pods);
  const { since, reason, from, cost } = entry.placement ?? {};
  return {
    shard,
    role: entry.role,
    ...(pod && { pod: pod.metadata.name }),
    ...(pod?.spec?.nodeName !== undefined && { node: pod.spec.nodeName }),
    ...(since !== undefined && { since }),
    ...(reason !== undefined && { reason }),
    ...(from !== undefined && { from }),
    ...(cost !== undefined && { cost }),
    detectors: entry.detectors.toSorted(),
  };
}

function problemsOf({ invalid, listProblems }: MonitorSource): string[] {
  return [
    ...invalid.map(({ path, message }) => `${path} ${message}`.trim()),
    ...listProblems.map(({ configMap, key, index, message }) => {
      const place = [configMap, ...(key === undefined ? [] : [`key ${key}`])];
      if (index !== undefined) place.push(`index ${index}`);
      return `ConfigMap ${place.join(', ')}: ${message}`;
    }),
  ];
}

/** What stands there was checked by the API server. */
function statusOf({ object }: MonitorSource): StreamMonitorStatus | undefined {
  return object.status as StreamMonitorStatus | undefined;
}
