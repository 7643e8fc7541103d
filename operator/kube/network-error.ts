import { KubeError } from './kube-error.ts';

const timeouts: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);

const staleReasons: ReadonlySet<string> = new Set([
  'UND_ERR_SOCKET',
  'UND_ERR_CLOSED',
  'ECONNRESET',
  'EPIPE',
]);

/**
 * The failure of a request that got no answer, or not all of it.
 * @param call what was asked, for example `list pods`
 */
export function networkError(call: string, error: unknown): KubeError {
  if (error instanceof KubeError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = code ?? (error as Error).name;
  return new KubeError(timeouts.has(reason) ? 'Timeout' : 'Network', `${call}: ${message || reason}`, {
    reason,
  });
}

/** Whether the server closed a connection that was kept for the next request, just as that was sent. */
export function isStaleConnection(error: unknown): boolean {
  return error instanceof KubeError && staleReasons.has(error.reason);
}
