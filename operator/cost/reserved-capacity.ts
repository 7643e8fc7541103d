/** A stretch of time in which so many pods are needed. */
export interface Stretch {
  readonly hours: number;
  readonly pods: number;
}

/** How many pods to reserve, and what that saves. Money is for the whole of the time that was looked at. */
export interface Reservation {
  readonly hours: number;
  readonly peak: number;
  readonly mean: number;
  readonly pods: number;
  readonly onDemand: number;
  /** The reserved pods, used or not, and the others on demand. */
  readonly withReserve: number;
  /** What reserving the peak would come to. */
  readonly peakReserved: number;
}

/**
 * The newsvendor rule: one more pod is worth reserving while the share of time in which it is used is at least the price
 * of a reserved hour over that of one on demand (Arrow, Harris & Marschak, Optimal Inventory Policy, Econometrica 19,
 * 1951: the critical ratio).
 * @param podHour price of a pod for an hour on demand
 * @param share price of a reserved hour over that of one on demand, above 0, at most 1
 */
export function reservation(stretches: readonly Stretch[], podHour: number, share: number): Reservation {
  const sum = (of: (stretch: Stretch) => number) => stretches.reduce((total, each) => total + of(each), 0);
  const hours = sum((stretch) => stretch.hours);
  const peak = stretches.reduce((most, { pods }) => Math.max(most, pods), 0);
  const pods = reservedPods(stretches, hours * share);
  const onDemand = sum((stretch) => stretch.hours * stretch.pods) * podHour;
  const above = sum((stretch) => stretch.hours * Math.max(0, stretch.pods - pods)) * podHour;
  return {
    hours,
    peak,
    mean: hours > 0 ? onDemand / podHour / hours || 0 : 0,
    pods,
    onDemand,
    withReserve: pods * hours * podHour * share + above,
    peakReserved: peak * hours * podHour * share,
  };
}

/** The most pods of which each is used for at least so many hours. */
function reservedPods(stretches: readonly Stretch[], leastHours: number): number {
  let used = 0;
  for (const { hours, pods } of stretches.toSorted((a, b) => b.pods - a.pods)) {
    used += hours;
    // Sums of hours differ in the last bit from their product with a share.
    if (used >= leastHours * (1 - 1e-12)) return pods;
  }
  return 0;
}
