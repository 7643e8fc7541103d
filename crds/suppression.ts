/** Why a defect was to be expected. */
export const suppressionReasons = ['schedule'] as const;
export type SuppressionReason = (typeof suppressionReasons)[number];
