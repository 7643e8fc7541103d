import { describe, expect, it } from 'vitest';
import { KubeError } from '../../../operator/kube/kube-error.ts';
import { isStaleConnection, networkError } from '../../../operator/kube/network-error.ts';

function systemError(code: string, message = 'text'): Error {
  return Object.assign(new Error(message), { code });
}

describe('the failure of a request without an answer', () => {
  it.each([
    ['ECONNREFUSED', 'Network', false],
    ['ENOTFOUND', 'Network', false],
    ['ECONNRESET', 'Network', true],
    ['UND_ERR_SOCKET', 'Network', true],
    ['UND_ERR_HEADERS_TIMEOUT', 'Timeout', false],
    ['UND_ERR_BODY_TIMEOUT', 'Timeout', false],
    ['UND_ERR_CONNECT_TIMEOUT', 'Timeout', false],
  ])('%s is %s', (reason, code, isStale) => {
    const error = networkError('list pods', systemError(reason));
    expect(error).toMatchObject({ code, reason, retryable: true, message: 'list pods: text' });
    expect(isStaleConnection(error)).toBe(isStale);
  });

  it('leaves a failure that is known as it is', () => {
    const known = new KubeError('NotFound', 'text');
    expect(networkError('list pods', known)).toBe(known);
  });

  it('has a text where the system gives none', () => {
    expect(networkError('list pods', systemError('ECONNREFUSED', '')).message).toBe(
      'list pods: ECONNREFUSED',
    );
  });
});
