import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { MountedSecrets } from '../../../monitor/secrets/mounted-secrets.ts';
import { StreamWatching } from '../../../monitor/shard/stream-watching.ts';

/** State of a stream whose keys are in a Secret with this text, once it could not be opened. */
async function refused(text: string) {
  const directory = mkdtempSync(join(tmpdir(), 'streammonitor-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  mkdirSync(join(directory, 'drm'));
  writeFileSync(join(directory, 'drm', 'keys'), text);
  const watching = new StreamWatching({
    identity: { namespace: 'live', monitor: 'sports', stream: 'one' },
    assignment: {
      ...{
        monitor: 'live/sports',
        name: 'one',
        rendition: 'highest',
        priority: 50,
        detectors: [],
        role: 'owner',
      },
      // Refused by the address policy, so that nothing leaves the process.
      ...{ url: 'http://169.254.1.1/x.m3u8', keyFrom: { name: 'drm', key: 'keys' } },
    },
    detectors: [],
    secrets: new MountedSecrets(directory),
    allowedRanges: [],
    pipeDirectory: directory,
    origin: Date.now(),
    adopt: () => undefined,
    onRestart: () => {},
    emit: () => {},
    logger: pino({ level: 'silent' }),
  });
  watching.start();
  await expect.poll(() => watching.watcher.state.phase, { interval: 5 }).toBe('Down');
  const { state } = watching.watcher;
  await watching.stop('close');
  return state;
}

it('names the Secret whose text is no key, and never the text', async () => {
  expect(await refused('0123')).toMatchObject({
    reason: 'Unauthorized',
    message: 'Secret drm, key keys: line 1 is not a key of 32 hexadecimal digits',
  });
  expect(await refused('0123456789abcdef0123456789abcdef')).toMatchObject({ reason: 'EgressDenied' });
});
