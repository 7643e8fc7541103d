import type { ConditionReason, ConditionType } from '../../../crds/condition-reasons.ts';

/** What a condition says, before it is known since when. */
export interface Verdict<T extends ConditionType = ConditionType> {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: ConditionReason<T>;
  readonly message: string;
}
