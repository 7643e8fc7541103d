import { isDeepStrictEqual } from 'node:util';
import { type ConditionType, conditionTypes } from '../../../crds/condition-reasons.ts';
import type { StreamMonitorStatus } from '../../../crds/stream-monitor.ts';
import { degraded } from './degraded-condition.ts';
import type { MonitorObservation } from './monitor-observation.ts';
import { blind, progressing } from './progress-conditions.ts';
import { ready } from './ready-condition.ts';
import { type StreamStanding, standings } from './stream-standing.ts';
import type { Verdict } from './verdict.ts';
import { worstStreams } from './worst-streams.ts';

type Condition = NonNullable<StreamMonitorStatus['conditions']>[number];

/**
 * The status of a StreamMonitor, bounded whatever its streams do. It holds no figure that changes by itself: what is
 * observed again gives the same status again.
 * @param previous what the object says now: a condition keeps its time while its status stays
 * @param now ISO 8601
 */
export function monitorStatus(
  observation: MonitorObservation,
  previous: StreamMonitorStatus | undefined,
  now: string,
): StreamMonitorStatus {
  const due = observation.suspended ? [] : standings(observation, Date.parse(now));
  const verdicts: { readonly [T in ConditionType]: Verdict<T> } = {
    Ready: ready(observation, due),
    Progressing: progressing(observation, due),
    Degraded: degraded(observation, due),
    Blind: blind(observation, due),
  };
  const worst = worstStreams(due, previous?.worstStreams);
  return {
    observedGeneration: observation.generation,
    conditions: conditionTypes.map((type) => condition(type, verdicts[type], observation, previous, now)),
    streams: new Set(observation.streams).size,
    monitored: due.filter(isMonitored).length,
    defects: due.reduce((sum, { incidents }) => sum + incidents.length, 0),
    shards: shardsOf(observation),
    ...(worst.length > 0 && { worstStreams: worst }),
  };
}

/** Whether two statuses say the same; times and the order of lists say nothing. Conditions of others are left out. */
export function sameStatus(a: StreamMonitorStatus | undefined, b: StreamMonitorStatus | undefined): boolean {
  return isDeepStrictEqual(meaning(a), meaning(b));
}

function condition(
  type: ConditionType,
  { status, reason, message }: Pick<Condition, 'status' | 'reason' | 'message'>,
  { generation }: MonitorObservation,
  previous: StreamMonitorStatus | undefined,
  now: string,
): Condition {
  const before = previous?.conditions?.find((candidate) => candidate.type === type);
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : now;
  return { type, status, observedGeneration: generation, lastTransitionTime, reason, message };
}

function isMonitored({ watch, phase }: StreamStanding): boolean {
  return watch === 'Watched' && phase === 'Up';
}

function shardsOf({ placements }: MonitorObservation): number {
  return new Set(placements.filter(({ health }) => health !== 'Lost').map(({ shard }) => shard)).size;
}

function meaning(status: StreamMonitorStatus = {}): unknown {
  const {
    observedGeneration,
    conditions = [],
    streams,
    monitored,
    defects,
    shards,
    worstStreams = [],
  } = status;
  return {
    observedGeneration,
    figures: [streams, monitored, defects, shards],
    conditions: conditionTypes.map((type) => {
      const { lastTransitionTime, ...said } = conditions.find((candidate) => candidate.type === type) ?? {};
      return said;
    }),
    worstStreams: new Map(worstStreams.map((stream) => [stream.name, { ...stream }])),
  };
}
