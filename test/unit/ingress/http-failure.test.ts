import { describe, expect, it } from 'vitest';
import { networkFailure, statusFailure } from '../../../monitor/ingress/http-failure.ts';
import { IngressError } from '../../../monitor/ingress/ingress.ts';

describe('failures over HTTP', () => {
  it.each([
    [200, undefined],
    [206, undefined],
    [401, 'Unauthorized'],
    [403, 'Unauthorized'],
    [404, 'NotFound'],
    [410, 'NotFound'],
    [429, 'UpstreamError'],
    [503, 'UpstreamError'],
  ])('status %i is %s', (status, reason) => {
    expect(statusFailure(status, 'playlist')?.reason).toBe(reason);
  });

  it('tells the code of a network error and nothing of its message', () => {
    const secret = Object.assign(new Error('connect 10.0.0.1 /path?token=abc'), { code: 'ECONNREFUSED' });
    for (const error of [
      secret,
      new Error('fetch failed', { cause: secret }),
      new AggregateError([secret]),
    ]) {
      const failure = networkFailure(error, 'segment');
      expect(failure.reason).toBe('Unreachable');
      expect(failure.message).toBe('the host refuses the connection (segment)');
    }
  });

  it('tells an open connection that gives nothing from a host that cannot be reached', () => {
    const silent = Object.assign(new Error('body timeout'), { code: 'UND_ERR_BODY_TIMEOUT' });
    expect(networkFailure(silent, 'stream').reason).toBe('NoFrames');
  });

  it('passes on what the address check said', () => {
    const denied = new IngressError('EgressDenied', 'no');
    expect(networkFailure(new Error('connect', { cause: denied }), 'key')).toBe(denied);
  });

  it('tells certificate trouble by its code', () => {
    const error = Object.assign(new Error('certificate has expired'), { code: 'CERT_HAS_EXPIRED' });
    expect(networkFailure(error, 'playlist').message).toMatch(/TLS.*CERT_HAS_EXPIRED/);
  });
});
