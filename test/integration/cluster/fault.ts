import type { ApiCall } from './api-call.ts';

/** One line of a watch, as the server sent it. */
export interface WatchLine {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: { readonly metadata: { readonly name?: string; readonly namespace?: string } };
}

/** What the proxy does with a call instead of passing it on. */
export type Fault =
  /**
   * Another answer: an error, or a list that was recorded earlier. `reaches`: the server carries the request out
   * all the same, and its answer is lost.
   */
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** By default a Status object as the API server writes it. */
      readonly body?: unknown;
      /** Seconds. */
      readonly retryAfter?: number;
      readonly reaches?: boolean;
    }
  /** The connection is reset. */
  | { readonly kind: 'cut'; readonly reaches?: boolean }
  /** The connection stays and nothing ever comes. */
  | { readonly kind: 'hang'; readonly reaches?: boolean }
  /** Passed on so many milliseconds later. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** Each event of a watch is handed over, to be sent as often, as late and in such order as wanted, or never. */
  | {
      readonly kind: 'events';
      readonly change: (event: WatchLine, send: (event: WatchLine) => void) => void;
    };

/** A fault and the calls that meet it. */
export interface FaultRule {
  readonly matches: (call: ApiCall) => boolean;
  readonly fault: Fault;
  /** How many calls meet it; all by default. */
  readonly times?: number;
}

/** `reason` of a Status by its code: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
const reasons: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** The body of an error, as the API server writes it. */
export function statusObject(code: number): Record<string, unknown> {
  const reason = reasons[code] ?? '';
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `injected ${code}`,
    reason,
    code,
  };
}
