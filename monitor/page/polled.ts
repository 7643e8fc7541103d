import { useEffect, useState } from 'preact/hooks';
import { fetchJson, HttpError } from './wall-feed.ts';

const pollMilliseconds = 1000;

/** What a path of the page API answers, asked for every second while the page is seen. */
export interface Polled<T> {
  readonly value?: T;
  /** There is no such thing: it is asked for on, in case it comes back. */
  readonly missing: boolean;
  /** It could not be asked for; `value` is what was told before. */
  readonly failed: boolean;
}

/** @param path of the page API; another path begins anew */
export function usePolled<T>(path: string): Polled<T> {
  const [state, setState] = useState<Polled<T> & { readonly of: string }>(() => unknown(path));
  useEffect(() => {
    let timer: number | undefined;
    let current = true;
    const poll = async () => {
      clearTimeout(timer);
      if (document.hidden) return;
      const next = await fetchJson<T>(path).then(
        (value) => ({ value, missing: false, failed: false }),
        (error: unknown) => {
          const missing = error instanceof HttpError && error.status === 404;
          return { missing, failed: !missing };
        },
      );
      if (!current) return;
      setState((before) => ({ ...(before.of === path && !next.missing && before), ...next, of: path }));
      timer = window.setTimeout(poll, pollMilliseconds);
    };
    document.addEventListener('visibilitychange', poll);
    poll();
    return () => {
      current = false;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', poll);
    };
  }, [path]);
  return state.of === path ? state : unknown(path);
}

function unknown<T>(of: string): Polled<T> & { readonly of: string } {
  return { missing: false, failed: false, of };
}
