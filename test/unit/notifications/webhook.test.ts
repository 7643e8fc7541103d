import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { signatureHeaders } from '../../../monitor/notifications/webhook.ts';

const secret = (fill: number) => `whsec_${Buffer.alloc(24, fill).toString('base64')}`;
const body = '{"data":"bølge"}';

describe('signatureHeaders', () => {
  it('is verified by the public library, and not with another secret, id or body', () => {
    const headers = signatureHeaders('event.1', body, [secret(1)]);
    expect(new Webhook(secret(1)).verify(body, headers)).toEqual(JSON.parse(body));
    expect(() => new Webhook(secret(2)).verify(body, headers)).toThrow();
    expect(() => new Webhook(secret(1)).verify(body, { ...headers, 'webhook-id': 'event.2' })).toThrow();
    expect(() => new Webhook(secret(1)).verify(`${body} `, headers)).toThrow();
  });

  it('signs with each of several secrets, for receivers in the middle of a rotation', () => {
    const headers = signatureHeaders('event.1', body, [secret(2), secret(1)]);
    for (const fill of [1, 2]) expect(() => new Webhook(secret(fill)).verify(body, headers)).not.toThrow();
  });

  it('is unsigned without a secret, and tells a malformed one without showing it', () => {
    expect(signatureHeaders('event.1', body, [])).not.toHaveProperty('webhook-signature');
    const fault = (() => {
      try {
        signatureHeaders('event.1', body, ['whsec_not*base64']);
      } catch (error) {
        return error as Error;
      }
    })();
    expect(fault?.message).toMatch(/whsec_ \+ base64/);
    expect(fault?.message).not.toContain('not*base64');
  });
});
