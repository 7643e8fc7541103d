/** How long a shard may take to take up a stream before somebody should look, an image to be fetched included. ms. */
export const startLimit = 120_000;
const notStarted = `pods have not taken up their streams for ${startLimit / 60_000} minutes`;

/** What each condition of a StreamMonitor says when it is True. In the order in which they are written. */
export const conditionMeanings = {
  Ready: 'every stream that is due is watched',
  Progressing: 'pods are being brought to what the spec says',
  Degraded: 'there is something that somebody should see to',
  Blind: 'streams that should be watched are not, be it that no media arrives',
} as const;

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
    NotStarted: `False: ${notStarted}`,
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
    NotStarted: `True: ${notStarted}`,
    StreamsDown: 'True: streams are watched, and no media arrives',
    Overloaded: 'True: pods get too little CPU for their streams; part of the time is not watched',
    DetectorsFailed: 'True: detectors do not run, of modules or of a newer version; all others do',
    AsExpected: 'False: none of these',
  },
  Blind: {
    StreamsNotWatched: 'True: streams that are due deliver nothing to watch, or nobody watches them',
    NotKnown: 'Unknown: streams are not known to be watched yet, or any more',
    AllWatched: 'False: media of every stream that is due arrives and is watched',
    Suspended: 'False: spec.suspend is true',
  },
} as const satisfies Record<keyof typeof conditionMeanings, Readonly<Record<string, string>>>;

export type ConditionType = keyof typeof conditionMeanings;
export type ConditionReason<T extends ConditionType> = keyof (typeof conditionReasons)[T];
export const conditionTypes = Object.keys(conditionMeanings) as readonly ConditionType[];
