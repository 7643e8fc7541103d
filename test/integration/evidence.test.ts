import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import { EvidenceStore } from '../../monitor/evidence/evidence-store.ts';
import { Notifier } from '../../monitor/notifications/notifier.ts';
import { ResultWriter } from '../../monitor/results/result-writer.ts';
import { MountedSecrets } from '../../monitor/secrets/mounted-secrets.ts';
import { Spool } from '../../monitor/spool/spool.ts';
import type { Picture } from '../../monitor/watch/watch-event.ts';
import { assignment, identity, opened } from '../unit/notifications/incidents.ts';
import { startS3Server } from './s3-server.ts';
import { newWebhookSecret, stateDirectory } from './state-directory.ts';
import { startWebhookServer } from './webhook-server.ts';

/** A gradient under noise, as a camera sends it. */
function noisy(width: number, height: number): Picture {
  const data = new Uint8Array(width * height);
  let state = 1;
  for (let index = 0; index < data.length; index++) {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    data[index] = 30 + ((index % width) / width) * 180 + (state >>> 27);
  }
  return { width, height, channels: 1, data };
}

test('one picture reaches the webhook, the bucket and the page, and can be decoded', async () => {
  const directory = stateDirectory();
  const secret = newWebhookSecret();
  const s3 = await startS3Server();
  onTestFinished(() => s3.remove());
  const receiver = await startWebhookServer(() => secret);
  onTestFinished(() => receiver.close());
  directory.writeSecret('webhook', 'key', secret);
  const { accessKeyId, secretAccessKey, endpoint, region, bucket } = s3;
  directory.writeSecret('s3', 'credentials', JSON.stringify({ accessKeyId, secretAccessKey }));

  const logger = pino({ level: 'silent' });
  const common = {
    spool: new Spool({ directory: join(directory.state, 'spool'), maximumBytes: 10_000_000, logger }),
    secrets: new MountedSecrets(directory.secrets),
    logger,
    onOutcome: () => {},
  };
  const store = new EvidenceStore({ directory: join(directory.state, 'evidence'), logger });
  const notifier = new Notifier(common);
  const results = new ResultWriter({ ...common, stateDirectory: directory.state, bootId: randomUUID() });
  onTestFinished(async () => {
    await notifier.close();
    await results.close();
  });
  const credentialsFrom = { name: 's3', key: 'credentials' };
  const target = { s3: { bucket, prefix: 'live/', region, endpoint, forcePathStyle: true, credentialsFrom } };
  const settings = assignment({ results: target }, [
    { url: receiver.url, secretFrom: { name: 'webhook', key: 'key' } },
  ]);
  notifier.configure(settings.monitors, settings.region);
  results.configure(settings);

  const evidence = {
    lastGood: noisy(1920, 1080),
    worst: noisy(1920, 1080),
    scores: Array.from({ length: 150 }, (_, index) => [index / 5, index / 150] as const),
  };
  const event = { ...opened({ evidence: 'incident-1.jpg' }), evidence };
  const picture = store.add(event.incident, evidence);
  notifier.handle(identity, event, picture);
  results.handle(identity, event, picture);
  expect(await notifier.drain(10)).toBe(true);
  expect(await results.drain(10)).toBe(true);

  const jpeg = (await store.read('incident-1.jpg'))!;
  const { format, width, height } = await sharp(jpeg).metadata();
  expect({ format, width, height }).toEqual({ format: 'jpeg', width: 1280, height: 480 });
  expect(readFileSync(join(s3.bucketDirectory, 'live/evidence/incident-1.jpg')).equals(jpeg)).toBe(true);
  const { data } = receiver.deliveries[0]!.event;
  expect(data.incident.evidence).toBe('incident-1.jpg');
  expect(data.scores).toHaveLength(150);
  expect(Buffer.from(data.picture!.base64, 'base64').equals(jpeg)).toBe(true);
});
