import type { StreamReason } from '../../crds/stream-state.ts';
import { IngressError } from './ingress.ts';

/** The error for a status other than success, or `undefined` for a success. */
export function statusFailure(status: number, what: string): IngressError | undefined {
  if (status >= 200 && status < 300) return undefined;
  if (status === 401 || status === 403) {
    return new IngressError('Unauthorized', `the origin refused the ${what} with HTTP ${status}`);
  }
  if (status === 404 || status === 410) {
    return new IngressError('NotFound', `the origin has no such ${what} (HTTP ${status})`);
  }
  return new IngressError('UpstreamError', `the origin answered HTTP ${status} for the ${what}`);
}

/**
 * The error for a request or body that failed below HTTP. Only error codes are told on: messages of the network
 * stack hold addresses and URLs.
 */
export function networkFailure(error: unknown, what: string): IngressError {
  const known = findIngressError(error);
  if (known) return known;
  const code = errorCode(error);
  if (code === 'UND_ERR_BODY_TIMEOUT') {
    return new IngressError('NoFrames', `the connection is open but the origin sends no more (${what})`);
  }
  const told = sentences[code];
  if (told) return new IngressError('Unreachable', `${told} (${what})`);
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_/.test(code)) {
    return new IngressError('Unreachable', `the TLS connection was refused: ${code} (${what})`);
  }
  return new IngressError('Unreachable', `the connection failed: ${code} (${what})`);
}

const passing: ReadonlySet<StreamReason> = new Set(['Unreachable', 'UpstreamError', 'NotFound', 'NoFrames']);

/** Whether another attempt a little later may succeed. */
export function isPassing(error: unknown): boolean {
  return error instanceof IngressError && passing.has(error.reason);
}

const sentences: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the host name does not resolve',
  EAI_AGAIN: 'the host name could not be resolved: DNS does not answer',
  ECONNREFUSED: 'the host refuses the connection',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to the network of the host',
  ETIMEDOUT: 'the host does not answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'the host does not answer in time',
  UND_ERR_HEADERS_TIMEOUT: 'the origin accepted the request and did not answer in time',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
};

function findIngressError(error: unknown): IngressError | undefined {
  if (error instanceof IngressError) return error;
  if (error instanceof AggregateError) return error.errors.map(findIngressError).find((found) => found);
  return error instanceof Error && error.cause ? findIngressError(error.cause) : undefined;
}

function errorCode(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return errorCode(error.errors[0]);
  if (!(error instanceof Error)) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.cause ? errorCode(error.cause) : error.name;
}
