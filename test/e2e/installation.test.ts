import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type ClusterObject, ObjectWatch } from '../integration/cluster/object-watch.ts';
import { eventually } from '../integration/run-process.ts';
import {
  type LivePicture,
  type PackagedSender,
  type PacketSender,
  startHls,
  startHttpTs,
  startLivePicture,
} from '../integration/senders.ts';
import { newWebhookSecret } from '../integration/state-directory.ts';
import { detectors } from './detectors.ts';
import { imageTags } from './image-tags.ts';
import { smallInstallation } from './installation.ts';
import type { LiveNamespace } from './live-namespace.ts';
import { MonitorContainer } from './monitor-container.ts';
import { onlooker, topAs } from './onlooker.ts';
import { Scene } from './scene.ts';

/** Each test goes on from where the one before has left the cluster, as a user would. */
let scene: Scene;
let sports: LiveNamespace;
let hls: PackagedSender;
let road: PacketSender;
let picture: LivePicture;
/** Address of the picture, as pods reach it. */
let pictureUrl: string;

beforeAll(async () => {
  [scene, hls, road, picture] = await Promise.all([
    Scene.open(),
    startHls(),
    startHttpTs(),
    startLivePicture(),
  ]);
  pictureUrl = await scene.doorways.to(picture.url);
});
afterAll(async () => {
  await scene?.close();
  await Promise.all([hls?.stop(), road?.stop(), picture?.stop()]);
});

/** The only pod of the namespace. */
async function onlyPod(namespace: LiveNamespace): Promise<MonitorContainer> {
  const pods = await namespace.pods();
  expect(pods).toHaveLength(1);
  return new MonitorContainer(scene.kubernetes, namespace.name, pods[0]!.metadata.name);
}

test('helm install brings up an operator that answers helm test', async () => {
  const begun = performance.now();
  await scene.installation.install(smallInstallation(imageTags.current));
  console.info(
    `helm install, until its pods are ready: ${((performance.now() - begun) / 1000).toFixed(1)} s`,
  );
  await scene.installation.check();
});

test("the README's example is watched, in a namespace that admits restricted pods only", async () => {
  const namespace = await scene.namespace('live');
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [, yaml] = /```yaml\n(.*?)```/s.exec(readme)!;
  const example = parse(yaml!) as { spec: { streams: { name: string; url: string }[] } };
  for (const stream of example.spec.streams) stream.url = await scene.doorways.to(hls.url);

  const begun = Date.now();
  await namespace.apply(example.spec);
  const names = example.spec.streams.map(({ name }) => name);
  const since = await namespace.watched(names);
  await namespace.condition('Ready', 'True');
  const seconds = names.map((name) => ((since.get(name)! - begun) / 1000).toFixed(1));
  console.info(`from kubectl apply to the first analysed frame: ${seconds.join(', ')} s`);
  expect(await namespace.status()).toMatchObject({ streams: names.length, monitored: names.length });
  for (const pods of ['pods/proxy', 'pods/portforward']) {
    const shown = await topAs(await onlooker(scene.kubernetes, namespace.name, pods));
    expect(shown, `with the right to ${pods}`).toEqual(names.toSorted().map((name) => `${name} Up`));
  }
  await namespace.delete();
  await eventually('its pod is gone', async () => (await namespace.pods()).length === 0, 60);
});

test('a stream that is added reaches the pod that runs, which is not started again', async () => {
  sports = await scene.namespace('sports');
  const freezing = { name: 'freezing', url: pictureUrl };
  await sports.write({ detectors, streams: [freezing] });
  await sports.watched(['freezing']);
  const pod = await onlyPod(sports);
  const annotated = await annotationTimes(sports.name);
  const before = await generation(sports);

  const good = { name: 'good', url: await scene.doorways.to(road.url) };
  const written = Date.now();
  await sports.write({ detectors, streams: [freezing, good] });
  const since = await sports.watched(['freezing', 'good']);
  const mounted = await pod.mountedAt('/etc/streammonitor/assignment');
  const after = await generation(sports);
  annotated.stop();
  const seen = annotated.times.get(after)!;
  console.info(
    `a stream is added: pod annotated after ${seen - written} ms, its file written ${Math.round(mounted - seen)} ms ` +
      `later, first analysed frame ${since.get('good')! - written} ms after kubectl apply`,
  );
  expect(after).toBeGreaterThan(before);
  expect(mounted - seen).toBeLessThan(5_000);
  expect(await pod.restarts()).toBe(0);
  expect(await sports.pods()).toHaveLength(1);
});

test('a defect is told, and its incident goes on under its id when the container is killed', async () => {
  const pod = await onlyPod(sports);
  const injected = Date.now();
  picture.freeze(true);
  const opened = await sports.toldOf('opened');
  console.info(`from the injected defect to the webhook: ${((Date.now() - injected) / 1000).toFixed(1)} s`);
  expect(opened.data.incident).toMatchObject({ detector: 'freeze' });

  const killed = Date.now();
  await pod.kill();
  // Before the container is there again, the last report of the killed one can still be in flight.
  await eventually(
    'the next process watches',
    async () => {
      const report = await sports.streamReport('freezing').catch(() => undefined);
      return report?.firstFrameTime !== undefined && Date.parse(report.firstFrameTime) > killed && report;
    },
    60,
  );
  const blind = Date.parse((await sports.streamReport('freezing'))!.firstFrameTime!) - killed;
  console.info(`a killed container: first analysed frame of the next ${(blind / 1000).toFixed(1)} s later`);
  picture.freeze(false);
  const closed = await sports.toldOf('closed');
  expect(closed.data.incident.id).toBe(opened.data.incident.id);
  expect(new Set(sports.told.map(({ data }) => data.incident.id)).size).toBe(1);
});

test('a Secret that is changed is used by the pod that runs', async () => {
  const pod = await onlyPod(sports);
  const restarts = await pod.restarts();
  const told = sports.told.length;
  const changed = Date.now();
  const next = newWebhookSecret();
  // As a rotation goes: both sign, until the receiver knows the new one alone.
  await sports.writeSecret('webhook', { key: `${next} ${sports.secret}` });
  const mounted = await eventually(
    'the Secret is in the pod',
    async () => {
      const at = await pod.mountedAt('/etc/streammonitor/secrets/webhook');
      return at > changed && at;
    },
    150,
  );
  sports.secret = next;
  picture.freeze(true);
  await sports.toldOf('opened', told);
  picture.freeze(false);
  await sports.toldOf('closed', told);
  console.info(
    `a changed Secret: in the file of the running pod after ${((mounted - changed) / 1000).toFixed(1)} s`,
  );
  expect(sports.webhook.unverified()).toBe(0);
  expect(await pod.restarts()).toBe(restarts);
});

test('what was found is in the store', async () => {
  const streams = [
    { name: 'freezing', url: pictureUrl },
    { name: 'good', url: await scene.doorways.to(road.url) },
  ];
  await sports.suspend({ detectors, streams });
  // What is advisory is told to nobody: a quiet programme, for one.
  const incidents = await sports.query(
    "SELECT DISTINCT stream, detector, recordId, change FROM results WHERE type = 'incident' AND severity <> 'info' AND change IN ('opened', 'closed')",
  );
  const ids = [...new Set(sports.told.map(({ data }) => data.incident.id))];
  const expected = ids.flatMap((recordId) =>
    ['closed', 'opened'].map((change) => ({ stream: 'freezing', detector: 'freeze', recordId, change })),
  );
  expect(ids).toHaveLength(2);
  expect(new Set(incidents)).toEqual(new Set(expected));
  const [watched] = (await sports.query(
    "SELECT sum(monitoredSeconds) AS seconds FROM results WHERE type = 'summary' AND stream = 'good' AND detector = 'freeze'",
  )) as [{ seconds: number }];
  expect(watched.seconds).toBeGreaterThan(5);
});

test('a StreamMonitor that is deleted while no operator runs takes everything with it', async () => {
  await sports.write({ detectors, streams: [{ name: 'freezing', url: pictureUrl }] });
  await sports.watched(['freezing']);
  await scene.installation.scaleOperator(0);
  expect(await sports.managed()).not.toEqual([]);
  const begun = performance.now();
  await sports.delete();
  await eventually('nothing of it is left', async () => (await sports.managed()).length === 0, 90);
  console.info(
    `deleted without an operator: all gone after ${((performance.now() - begun) / 1000).toFixed(1)} s`,
  );
  await scene.installation.scaleOperator(2);
});

test('helm uninstall leaves nothing but the definition of StreamMonitor', async () => {
  await scene.installation.uninstall();
  await eventually(
    'all else is gone',
    async () => {
      const remains = await scene.installation.remains();
      return remains.length === 1 && remains;
    },
    60,
  ).catch(async (error: Error) => {
    throw new Error(`${error.message}: ${await scene.installation.remains()}`);
  });
  expect(await scene.installation.remains()).toEqual([
    'customresourcedefinition.apiextensions.k8s.io/streammonitors.streammonitor.dev',
  ]);
});

/** Generation of the assignment that the only pod follows. */
async function generation(namespace: LiveNamespace): Promise<number> {
  const [pod] = await namespace.pods();
  return (await namespace.report(pod!.metadata.name)).generation;
}

/** When each generation was first seen written on a pod, in ms since 1970. */
async function annotationTimes(namespace: string): Promise<{ times: Map<number, number>; stop: () => void }> {
  const times = new Map<number, number>();
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const watch = new ObjectWatch<ClusterObject>(scene.kubernetes.api, path, '', ({ metadata }) => {
    const written = Number(metadata.annotations?.['streammonitor.dev/generation']);
    if (!times.has(written)) times.set(written, Date.now());
  });
  await watch.start();
  return { times, stop: () => void watch.stop() };
}
