import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { resolveDetectors } from '../../crds/detector-settings.ts';
import type { StreamReport } from '../../crds/shard-report.ts';
import { protectedHls } from './encrypted-media.ts';
import { Origin } from './ingress-origin.ts';
import { eventually } from './run-process.ts';
import { startHls, startRtsp } from './senders.ts';
import { ShardProcess } from './shard-process.ts';
import { startSigningOrigin } from './signing-origin.ts';
import { stateDirectory } from './state-directory.ts';

function stopAfterwards<S extends { stop(): Promise<unknown> }>(started: S): S {
  onTestFinished(async () => {
    await started.stop();
  });
  return started;
}

/** What every process was started with. */
async function commandLines(): Promise<string> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = names.map((name) => readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => ''));
  return (await Promise.all(lines)).join('\n');
}

test('signatures that expire, and a token, a password and a key that rotate, cost seconds', async () => {
  const place = stateDirectory();
  const detectors = { freeze: resolveDetectors().freeze! };
  const hls = stopAfterwards(await startHls());
  const signing = stopAfterwards(await startSigningOrigin(hls.directory, 'stream.m3u8', 5, 'first-token'));
  const camera = stopAfterwards(
    await startRtsp({ credentials: { user: 'reader', password: 'second-password' } }),
  );
  const files = stopAfterwards(await Origin.start());
  const media = { key: randomBytes(16), keyId: randomBytes(16), iv: randomBytes(16) };
  await protectedHls(files.directory, 'keyed.m3u8', media);

  place.writeSecret('live', 'headers', 'Authorization: Bearer first-token');
  place.writeSecret('live', 'camera', camera.url.replace('//', '//reader:first-password@'));
  place.writeSecret('live', 'key', randomBytes(16).toString('hex'));
  const ref = (key: string) => ({ name: 'live', key });
  const shard = await ShardProcess.start(
    {
      ...{ name: 'shard-0', host: '127.64.0.9', secrets: place.secrets },
      settings: { namespace: 'live', name: 'sports', detectors, notifications: [] },
    },
    [
      { name: 'signed', url: signing.url, headersFrom: ref('headers') },
      { name: 'camera', urlFrom: ref('camera') },
      { name: 'keyed', url: files.url('keyed.m3u8'), keyFrom: ref('key') },
    ],
  );
  const becomes = (name: string, what: string, is: (stream: StreamReport) => boolean) =>
    eventually(
      `${name}: ${what}`,
      async () => {
        const stream = (await shard.streams()).find((each) => each.name === name);
        return stream && is(stream) && stream;
      },
      60,
    );
  const isUp = ({ phase }: StreamReport) => phase === 'Up';

  await Promise.all([
    becomes('signed', 'up', isUp),
    becomes('camera', 'refused', ({ reason }) => reason === 'Unauthorized'),
    becomes('keyed', 'undecodable', ({ reason }) => reason === 'WrongKey'),
  ]);
  place.writeSecret('live', 'camera', camera.url.replace('//', '//reader:second-password@'));
  place.writeSecret('live', 'key', media.key.toString('hex'));
  await Promise.all([
    becomes('camera', 'up with the new password', isUp),
    becomes('keyed', 'watched with the new key', ({ phase }) => phase === 'Ended'),
    eventually('the original URL is asked for new signatures', () => signing.resolved >= 2, 60),
  ]);
  expect(signing.expired).toBeGreaterThan(0);

  signing.token = 'second-token';
  await becomes('signed', 'refused', ({ reason }) => reason === 'Unauthorized');
  place.writeSecret('live', 'headers', 'Authorization: Bearer second-token');
  const { blindSeconds } = await becomes('signed', 'up with the new token', isUp);
  expect(blindSeconds).toBeLessThan(60);

  const shown = [await shard.streams(), await shard.wall(), await commandLines()].map((told) =>
    typeof told === 'string' ? told : JSON.stringify(told),
  );
  for (const secret of ['-token', '-password', media.key.toString('hex'), '/s/1']) {
    for (const text of shown) expect(text).not.toContain(secret);
  }
});
