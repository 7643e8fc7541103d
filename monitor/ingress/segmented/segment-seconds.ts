/** No segment lasts longer than a day. */
const longest = 86_400;

/** A duration in seconds that others may count with, of the one that a playlist or manifest tells. */
export function segmentSeconds(told: number | undefined): number {
  return told !== undefined && told > 0 ? Math.min(told, longest) : 0;
}
