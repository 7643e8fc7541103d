import type { SuppressionReason } from '../../crds/suppression.ts';

/** What was expected of a detector in some stretch of time. Media seconds. */
export interface Expectation {
  /** Of the interval that lasts longest. */
  readonly reason: SuppressionReason;
  /** Name of the slate, where that is the reason. */
  readonly slate?: string;
  /** When the first interval of the stretch began; before the stretch, where it begins in one. */
  readonly from: number;
  /** When the last one ends, as far as it is known. */
  readonly until: number;
}

/** What was expected of a detector between two media times; `undefined` where nothing was. */
export type Expects = (detector: string, from: number, to: number) => Expectation | undefined;

/** Whether a defect alarms, and since when it counts as one: from the end of what was expected, if it lasts on. */
export type Verdict =
  | { readonly alarmFrom: number }
  | { readonly suppressed: SuppressionReason; readonly slate?: string };

/**
 * Judges a defect that has been there from `since` to `time`, which is its minimum duration or more. It alarms where
 * the part before or the part after what was expected lasts for the minimum duration by itself: edges of breaks are
 * not to the frame. All in media seconds; pure.
 */
export function verdictOf(
  expectation: Expectation | undefined,
  since: number,
  time: number,
  minDuration: number,
): Verdict {
  if (!expectation) return { alarmFrom: since };
  const before = expectation.from - since;
  if (before > 0 && before >= minDuration) return { alarmFrom: since };
  const after = time - expectation.until;
  if (after > 0 && after >= minDuration) return { alarmFrom: Math.max(since, expectation.until) };
  const { reason, slate } = expectation;
  return { suppressed: reason, ...(slate !== undefined && { slate }) };
}
