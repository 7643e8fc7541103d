/** How long to wait between attempts. */
export interface RetryPolicy {
  /** Delay before the first retry, in seconds; doubles with each. */
  readonly initialSeconds: number;
  readonly maximumSeconds: number;
}

/** A receiver that was down is served again within half a minute of its return. */
export const defaultRetryPolicy: RetryPolicy = { initialSeconds: 0.5, maximumSeconds: 30 };

/** Longest rest that a receiver may ask for, in seconds: a mistaken header must not silence it for days. */
const longestRetryAfter = 3600;

/**
 * Seconds until the next attempt after `failures` in a row: exponential with "equal jitter" (M. Brooker,
 * "Exponential Backoff And Jitter", AWS Architecture Blog, 2015), and never sooner than the receiver asked.
 * `random` is uniform in 0 … 1.
 */
export function retryDelay(policy: RetryPolicy, failures: number, random: number, retryAfter = 0): number {
  const ceiling = Math.min(policy.maximumSeconds, policy.initialSeconds * 2 ** (failures - 1));
  return Math.max(ceiling / 2 + (ceiling / 2) * random, Math.min(retryAfter, longestRetryAfter));
}
