import { describe, expect, it } from 'vitest';
import { KubeError } from '../../../operator/kube/kube-error.ts';
import { statusError } from '../../../operator/kube/status-error.ts';

describe('the failure that an answer tells of', () => {
  it.each([
    [400, undefined, 'Invalid', false],
    [401, 'Unauthorized', 'Unauthorized', false],
    [403, 'Forbidden', 'Forbidden', false],
    [404, 'NotFound', 'NotFound', false],
    [408, 'Timeout', 'Timeout', true],
    [409, 'AlreadyExists', 'AlreadyExists', false],
    [409, 'Conflict', 'Conflict', false],
    [410, 'Expired', 'Gone', false],
    [413, 'RequestEntityTooLarge', 'TooLarge', false],
    [422, 'Invalid', 'Invalid', false],
    [429, 'TooManyRequests', 'Throttled', true],
    [500, 'InternalError', 'Server', true],
    [503, undefined, 'Server', true],
    [504, 'Timeout', 'Timeout', true],
  ])('%i %s is %s', (status, reason, code, retryable) => {
    expect(statusError('get pods a/b', status, { reason, message: 'text' })).toMatchObject({
      code,
      status,
      retryable,
      reason: reason ?? code,
      message: 'get pods a/b: text',
    });
  });

  it('knows an object that the store finds too large', () => {
    const etcd = { message: 'etcdserver: request is too large' };
    expect(statusError('create pods', 500, etcd).code).toBe('TooLarge');
    const grpc = { message: 'rpc error: trying to send message larger than max (3145728 vs. 2097152)' };
    expect(statusError('create pods', 500, grpc).code).toBe('TooLarge');
  });

  it('takes the pause from the header before that in the body', () => {
    const body = { details: { retryAfterSeconds: 7 } };
    expect(statusError('list pods', 429, body).retryAfter).toBe(7);
    expect(statusError('list pods', 429, body, 2).retryAfter).toBe(2);
    expect(statusError('list pods', 429, undefined).retryAfter).toBeUndefined();
  });

  it('says so where the server gives no reason', () => {
    expect(statusError('list pods', 502, undefined).message).toBe(
      'list pods: the server answered 502 without saying why',
    );
  });

  it.each([
    [
      'spec.url: Invalid value: "rtmp://user:secret@host/app": must hold no userinfo',
      'spec.url: Invalid value: must hold no userinfo',
    ],
    ['a: Invalid value: "with \\"secret\\" quotes": why', 'a: Invalid value: why'],
    ['a: Unsupported value: "secret": supported values: "x"', 'a: Unsupported value: supported values: "x"'],
    ['a[1]: Duplicate value: "secret"', 'a[1]: Duplicate value'],
    ['a: Invalid value: {"key":"secret"}: why', 'a: Invalid value: why'],
    ['a: Invalid value: -1234: must be above 0', 'a: Invalid value: must be above 0'],
    ['cannot reach https://host/path?key=secret now', 'cannot reach https://… now'],
    ['sent Bearer secret here', 'sent Bearer … here'],
  ])('leaves values out of "%s"', (message, expected) => {
    const error = statusError('create things', 422, {
      message,
      details: { causes: [{ field: 'a', message }] },
    });
    expect(error.message).toBe(`create things: ${expected}`);
    expect(error.causes).toEqual([{ field: 'a', reason: undefined, message: expected }]);
    expect(error).toBeInstanceOf(KubeError);
  });

  it('takes over no more than a screen of text', () => {
    expect(statusError('get pods', 500, { message: 'x'.repeat(100_000) }).message.length).toBeLessThan(1100);
  });
});
