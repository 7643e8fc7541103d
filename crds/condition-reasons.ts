/**
 * Every reason that a condition of a StreamMonitor can have, and what it means. Bounded: alerts and `kubectl wait`
 * rules are written against these words.
 */
export const conditionReasons = {
  Ready: {
    Watching: 'True: every stream that is due is watched, whether its media arrives or not',
    OutsideWindow: 'True: no stream is due now',
    Starting: 'Unknown: streams wait for the first word of the pods that they were given',
    ShardSilent: 'Unknown: pods do not answer, so nobody knows how their streams are',
    Suspended: 'False: spec.suspend is true',
    InvalidSpec: 'False: the spec is refused; streams stay as they were',
    NoStreams: 'False: the spec names no stream, or none that can be used',
    NoCapacity: 'False: streams cannot be placed',
    ApplyFailed: 'False: streams are not watched, as their pods could not be written',
    ShardLost: 'False: streams are without a pod that watches them',
    NotStarted: 'False: pods have not taken up their streams for a minute',
  },
  Progressing: {
    Starting: 'True: streams wait for their pods to take them up',
    Moving: 'True: streams change pods, one after the other',
    Suspending: 'True: pods let go of the streams',
    RolloutHalted: 'False: moves have stopped until somebody has looked',
    Suspended: 'False: spec.suspend is true',
    Complete: 'False: nothing is to be changed',
  },
  Degraded: {
    InvalidSpec: 'True: the spec is refused; streams stay as they were',
    ApplyFailed: 'True: objects of the pods could not be written',
    InvalidStreams: 'True: entries of stream lists cannot be used; the others are watched',
    NoCapacity: 'True: streams cannot be placed',
    ShardLost: 'True: streams are without a pod that watches them',
    NotStarted: 'True: pods have not taken up their streams for a minute',
    StreamsDown: 'True: streams are watched, and no media arrives',
    DetectorsFailed: 'True: detectors of modules do not run; all others do',
    AsExpected: 'False: none of these',
  },
  Blind: {
    StreamsNotWatched: 'True: streams that are due deliver nothing to watch, or nobody watches them',
    NotKnown: 'Unknown: streams are not known to be watched yet, or any more',
    AllWatched: 'False: media of every stream that is due arrives and is watched',
    Suspended: 'False: spec.suspend is true',
  },
} as const;

export type ConditionType = keyof typeof conditionReasons;
export type ConditionReason<T extends ConditionType> = keyof (typeof conditionReasons)[T];
/** In the order in which they are written. */
export const conditionTypes = Object.keys(conditionReasons) as readonly ConditionType[];

/** What a condition says, before it is known since when. */
export interface Verdict<T extends ConditionType = ConditionType> {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: ConditionReason<T>;
  readonly message: string;
}
