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

/** Most Events of a StreamMonitor that are told one by one; a last one sums up the others. */
export const eventsPerMinute = 20;
