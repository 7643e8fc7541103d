import type { Dispatcher } from 'undici';
import type { Verdict } from '../spool/delivery.ts';

/**
 * 4xx that say "not now" (RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4), or "not with these credentials" (RFC 9110
 * §15.5.2): each attempt is signed with the Secret of its moment, and one that is rotated takes its time to get here.
 */
const temporary = new Set([401, 408, 425, 429]);

/**
 * What a webhook's answer means. As Standard Webhooks have it, 2xx is success, and everything else, redirects
 * included, is not. 4xx is final, since the same request will not please later, apart from those of `temporary`; 3xx,
 * 5xx and the rest are tried again. `now`: wall clock in ms.
 */
export function verdictOf(status: number, retryAfter: string | undefined, now: number): Verdict {
  if (status >= 200 && status < 300) return { result: 'delivered' };
  const reason = `HTTP ${status}`;
  if (status >= 400 && status < 500 && !temporary.has(status)) return { result: 'refused', reason };
  const seconds = retryAfterSeconds(retryAfter, now);
  return { result: 'retry', reason, ...(seconds !== undefined && { retryAfter: seconds }) };
}

/** The same of an answer as it came. */
export function verdictOfAnswer({
  statusCode,
  headers,
}: Pick<Dispatcher.ResponseData, 'statusCode' | 'headers'>): Verdict {
  const retryAfter = headers['retry-after'];
  return verdictOf(statusCode, Array.isArray(retryAfter) ? retryAfter[0] : retryAfter, Date.now());
}

/** Seconds to wait by a Retry-After header, given as seconds or as a date (RFC 9110 §10.2.3). */
export function retryAfterSeconds(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000);
}
