import { type FailureCause, KubeError, type KubeErrorCode } from './kube-error.ts';

/** The fields of a `Status` (meta/v1) that say why a call failed. */
export interface FailureStatus {
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: { readonly retryAfterSeconds?: number; readonly causes?: readonly FailureCause[] };
}

/** Longest text that is taken over from a server. */
const maximumMessage = 1024;

/**
 * The failure that an answer or an ERROR event of a watch tells of.
 * @param call what was asked, for example `update configmaps live/shard-1`
 * @param status HTTP status
 * @param body the answer where it is a `Status`
 * @param retryAfter the header, in seconds
 */
export function statusError(
  call: string,
  status: number,
  body: FailureStatus | undefined,
  retryAfter?: number,
): KubeError {
  const message = body?.message ?? `the server answered ${status} without saying why`;
  return new KubeError(codeOf(status, body), `${call}: ${presentable(message)}`, {
    status,
    reason: body?.reason || undefined,
    retryAfter: retryAfter ?? body?.details?.retryAfterSeconds,
    causes: body?.details?.causes?.map(({ field, reason, message: text }) => ({
      field,
      reason,
      message: text === undefined ? undefined : presentable(text),
    })),
  });
}

function codeOf(status: number, body: FailureStatus | undefined): KubeErrorCode {
  switch (status) {
    case 401:
      return 'Unauthorized';
    case 403:
      return 'Forbidden';
    case 404:
      return 'NotFound';
    case 408:
    case 504:
      return 'Timeout';
    case 409:
      return body?.reason === 'AlreadyExists' ? 'AlreadyExists' : 'Conflict';
    case 410:
      return 'Gone';
    case 413:
      return 'TooLarge';
    case 429:
      return 'Throttled';
  }
  if (status < 500) return 'Invalid';
  // The store's refusal of an object that is too large is passed on as a fault of the server.
  return /request is too large|larger than max/.test(body?.message ?? '') ? 'TooLarge' : 'Server';
}

/**
 * The server quotes what it refuses: a URL with a key in it, or a password in the wrong field, would travel into
 * logs and conditions. The field and the rule stay.
 */
function presentable(message: string): string {
  return message
    .replace(/((?:Invalid|Unsupported|Duplicate) value): (?:"(?:[^"\\]|\\.)*"|\{.*\}|\[.*\]|[^:\s]+)/g, '$1')
    .replace(/\b([a-z][a-z0-9+.-]*):\/\/[^\s"'`]+/gi, '$1://…')
    .replace(/\bbearer\s+\S+/gi, 'Bearer …')
    .slice(0, maximumMessage);
}
