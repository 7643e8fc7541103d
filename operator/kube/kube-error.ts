/** Why a call failed, in the words that callers decide by. */
export type KubeErrorCode =
  | 'Conflict'
  | 'AlreadyExists'
  | 'NotFound'
  | 'Gone'
  | 'Throttled'
  | 'Forbidden'
  | 'Unauthorized'
  | 'Invalid'
  | 'TooLarge'
  | 'Timeout'
  | 'Network'
  | 'Server';

/** A field that the server refused. */
export interface FailureCause {
  /** For example `spec.replicas`. */
  readonly field?: string;
  /** For example `FieldValueInvalid`. */
  readonly reason?: string;
  readonly message?: string;
}

/** What is known of a failed call beside its code. */
export interface KubeErrorDetails {
  /** HTTP status, or the code inside an ERROR event of a watch. */
  readonly status?: number;
  /** The server's own word, such as `AlreadyExists`, or the system's, such as `ECONNREFUSED`. */
  readonly reason?: string;
  /** Seconds that the server asks to wait. */
  readonly retryAfter?: number;
  readonly causes?: readonly FailureCause[];
}

/** Any failure of a call. Neither message nor properties hold credentials, or values of the fields refused. */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly code: KubeErrorCode;
  readonly status: number | undefined;
  readonly reason: string;
  /** Seconds that the server asks to wait. */
  readonly retryAfter: number | undefined;
  readonly causes: readonly FailureCause[];
  /** Whether the very same call may succeed later. After `Timeout` and `Network` a write may have been done. */
  readonly retryable: boolean;

  constructor(code: KubeErrorCode, message: string, details: KubeErrorDetails = {}) {
    super(message);
    this.code = code;
    this.status = details.status;
    this.reason = details.reason ?? code;
    this.retryAfter = details.retryAfter;
    this.causes = details.causes ?? [];
    this.retryable = retryableCodes.has(code);
  }
}

const retryableCodes: ReadonlySet<KubeErrorCode> = new Set(['Throttled', 'Timeout', 'Network', 'Server']);

/** Whether `error` is a failure of that kind. */
export function isKubeError(error: unknown, code: KubeErrorCode): error is KubeError {
  return error instanceof KubeError && error.code === code;
}
