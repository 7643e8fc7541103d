import { describe, expect, it } from 'vitest';
import { retryAfterSeconds, verdictOf } from '../../../monitor/notifications/response-policy.ts';

const now = Date.parse('2026-01-31T23:00:00Z');

describe('verdictOf', () => {
  it.each([
    [200, 'delivered'],
    [204, 'delivered'],
    [299, 'delivered'],
    [301, 'retry'],
    [400, 'refused'],
    [401, 'retry'],
    [403, 'refused'],
    [408, 'retry'],
    [410, 'refused'],
    [425, 'retry'],
    [429, 'retry'],
    [500, 'retry'],
    [503, 'retry'],
  ] as const)('%i is %s', (status, result) => {
    expect(verdictOf(status, undefined, now).result).toBe(result);
  });

  it('honours Retry-After as seconds and as a date', () => {
    expect(verdictOf(503, '7', now)).toMatchObject({ retryAfter: 7 });
    expect(retryAfterSeconds('Sat, 31 Jan 2026 23:00:30 GMT', now)).toBe(30);
    expect(retryAfterSeconds('Sat, 31 Jan 2026 22:00:00 GMT', now)).toBe(0);
    expect(retryAfterSeconds('soon', now)).toBeUndefined();
    expect(retryAfterSeconds(undefined, now)).toBeUndefined();
  });
});
