/** Every reason of an Event of a StreamMonitor beside those of its conditions. Bounded: tools filter by these words. */
export const eventReasons = {
  DefectOpened: 'a viewer would notice something; names stream, detector, severity and since when',
  DefectClosed: 'that is over, with how long it was there',
  ShardLost: 'streams move to other pods, as theirs are gone',
  RolloutHalted: 'moves have stopped until somebody has looked',
  RolloutResumed: 'moves go on',
  Recovered: 'what somebody should have seen to is over',
  EventsOmitted: 'more happened than is told in single events',
} as const;

/** An Event about a StreamMonitor. */
export interface MonitorEvent {
  readonly type: 'Normal' | 'Warning';
  /** One of `eventReasons`, or of the reasons of a condition. */
  readonly reason: string;
  /** What was done, in CamelCase. */
  readonly action: 'Observe' | 'Detect' | 'Move';
  /** For a person, 1024 characters at most. */
  readonly note: string;
}
