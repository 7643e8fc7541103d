/**
 * What `work` comes to, if it does so in time. It is not ended: what it comes to later is left aside, failures
 * included.
 * @param limit ms
 * @throws Error when the time is over; the signal's reason when it is aborted; what `work` throws
 */
export function within<T>(limit: number, signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const onAbort = () => reject(signal.reason);
  const timer = setTimeout(() => reject(new Error(`no answer within ${limit / 1000} s`)), limit);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  work.then(resolve, reject);
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  });
}
