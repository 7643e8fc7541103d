import type { ConditionType } from '../../../crds/condition-reasons.ts';
import type { StreamMonitorStatus } from '../../../crds/stream-monitor.ts';
import type { MonitorEvent } from './monitor-event.ts';

type Condition = NonNullable<StreamMonitorStatus['conditions']>[number];

/** Events of conditions that flipped; none for what stays, whatever its message. */
export function conditionEvents(
  previous: StreamMonitorStatus | undefined,
  next: StreamMonitorStatus,
): MonitorEvent[] {
  const before = (type: ConditionType) => conditionOf(previous, type);
  const after = (type: ConditionType) => conditionOf(next, type);
  return [
    ...degradedEvents(before('Degraded'), after('Degraded')),
    ...readyEvents(before('Ready'), after('Ready'), after('Degraded')),
    ...rolloutEvents(before('Progressing'), after('Progressing')),
  ];
}

/** Blind is told by these too: whatever is blind for long is degraded. */
function degradedEvents(before: Condition | undefined, after: Condition | undefined): MonitorEvent[] {
  if (!after) return [];
  if (after.status === 'True') {
    if (before?.status === 'True' && before.reason === after.reason) return [];
    return [{ type: 'Warning', reason: after.reason, action: 'Observe', note: after.message }];
  }
  if (before?.status !== 'True') return [];
  return [{ type: 'Normal', reason: 'Recovered', action: 'Observe', note: `${before.reason} is over.` }];
}

function readyEvents(
  before: Condition | undefined,
  after: Condition | undefined,
  degraded: Condition | undefined,
): MonitorEvent[] {
  if (!after || before?.status === after.status) return [];
  // That it is not known yet is no news of an object that was just made, nor is what was said already.
  if (after.status === 'Unknown' && before?.status !== 'True') return [];
  if (after.status === 'False' && degraded?.status === 'True' && degraded.reason === after.reason) return [];
  const calm = after.status === 'True' || after.reason === 'Suspended' || after.reason === 'Starting';
  return [
    { type: calm ? 'Normal' : 'Warning', reason: after.reason, action: 'Observe', note: after.message },
  ];
}

function rolloutEvents(before: Condition | undefined, after: Condition | undefined): MonitorEvent[] {
  const was = before?.reason === 'RolloutHalted';
  const is = after?.reason === 'RolloutHalted';
  if (was === is) return [];
  return is
    ? [{ type: 'Warning', reason: 'RolloutHalted', action: 'Move', note: after.message }]
    : [{ type: 'Normal', reason: 'RolloutResumed', action: 'Move', note: 'Moves go on.' }];
}

function conditionOf(status: StreamMonitorStatus | undefined, type: ConditionType): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}
