/** After a fault in the analysis itself, a watching is started anew, not at once. In ms. */
export const faultPauseMilliseconds = 5000;

/** Seconds to wait before the n-th attempt in a row (from 0), with a random part so that streams do not retry together. */
export function backOffSeconds(attempt: number, random: number): number {
  const longest = 30;
  const base = Math.min(longest, 0.5 * 2 ** attempt);
  return base * (0.5 + random / 2);
}
