/** Why a defect was to be expected. */
export const suppressionReasons = ['schedule', 'break', 'slate'] as const;
export type SuppressionReason = (typeof suppressionReasons)[number];
