import { describe, expect, it } from 'vitest';
import { refuseForbiddenHost } from '../../../monitor/ingress/checked-host.ts';

const denied = { reason: 'EgressDenied' };

describe('a host that ffmpeg connects to by itself', () => {
  it.each(['169.254.169.254', '127.0.0.1', '::1', '::ffff:10.0.0.1', 'localhost'])(
    '%s is refused',
    async (host) => {
      await expect(refuseForbiddenHost(host, [])).rejects.toMatchObject(denied);
    },
  );

  it('may be reached where its range is allowed, and where it is public', async () => {
    await expect(refuseForbiddenHost('127.0.0.1', ['127.0.0.0/8'])).resolves.toBeUndefined();
    await expect(refuseForbiddenHost('93.184.216.34', [])).resolves.toBeUndefined();
  });

  it('is left to ffmpeg where its name leads nowhere', async () => {
    await expect(refuseForbiddenHost('nobody.invalid', [])).resolves.toBeUndefined();
  });
});
