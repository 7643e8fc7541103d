import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { peek, readAll } from '../../../monitor/ingress/resource.ts';

async function* dripping(): AsyncGenerator<Buffer> {
  for (;;) {
    await sleep(5);
    yield Buffer.of(1);
  }
}

async function* whole(): AsyncGenerator<Buffer> {
  yield Buffer.from('whole');
}

describe('a body that comes a byte now and then', () => {
  const tooSlow = { reason: 'UpstreamError', message: expect.stringMatching(/too slow/) };

  it('is given up, although its connection never pauses for long', async () => {
    await expect(readAll(dripping(), 1000, 'playlist', 40)).rejects.toMatchObject(tooSlow);
    await expect(peek(dripping(), 1000, 40)).rejects.toMatchObject(tooSlow);
  });

  it('is read when it is there in time', async () => {
    expect(String(await readAll(whole(), 1000, 'playlist', 1000))).toBe('whole');
    expect(String((await peek(whole(), 3, 1000)).head)).toBe('who');
  });
});
