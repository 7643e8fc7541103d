import { expect, onTestFinished, test } from 'vitest';
import { resolveDetectors } from '../../crds/detector-settings.ts';
import { clip, startHttpTs } from './senders.ts';
import { ShardProcess } from './shard-process.ts';
import { stateDirectory } from './state-directory.ts';

test('a transport stream without sound is seen at once: its program map says that there is none', async () => {
  const sender = await startHttpTs({ source: clip('road', { tracks: 'video' }) });
  onTestFinished(() => sender.stop());
  const settings = { namespace: 'live', name: 'sports', detectors: resolveDetectors(), notifications: [] };
  const { secrets } = stateDirectory();
  const shard = await ShardProcess.start({ name: 'one', host: '127.64.0.11', settings, secrets });
  const begun = Date.now();
  shard.write([{ name: 'silent', url: sender.url }]);
  const { firstFrameTime } = await shard.reports(
    'a picture',
    (stream) => stream.firstFrameTime !== undefined,
  );
  // ffmpeg would look for another track for 5 s.
  expect(Date.parse(firstFrameTime!) - begun).toBeLessThan(5_000);
});
