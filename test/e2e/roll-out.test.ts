import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually } from '../integration/run-process.ts';
import {
  type LivePicture,
  type PacketSender,
  startHttpTs,
  startLivePicture,
} from '../integration/senders.ts';
import { detectors } from './detectors.ts';
import { imageTags } from './image-tags.ts';
import { release, smallInstallation } from './installation.ts';
import type { Beginning, Coverage, LiveNamespace } from './live-namespace.ts';
import { previousChart } from './previous-chart.ts';
import { Scene } from './scene.ts';

let scene: Scene;
let road: PacketSender;
let picture: LivePicture;
let directory: string;

beforeAll(async () => {
  [scene, road, picture, directory] = await Promise.all([
    Scene.open(),
    startHttpTs(),
    startLivePicture(),
    mkdtemp(join(tmpdir(), 'streammonitor-e2e-')),
  ]);
});
afterAll(async () => {
  await scene?.close();
  await Promise.all([road?.stop(), picture?.stop(), rm(directory, { recursive: true, force: true })]);
});

afterEach(() => scene.installation.purge());

const values = (tag: string) => smallInstallation(tag);

/** Three streams that can be read any number of times. */
async function spec() {
  const [steady, moving] = [await scene.doorways.to(road.url), await scene.doorways.to(picture.url)];
  const streams = [
    { name: 'one', url: steady },
    { name: 'two', url: steady },
    { name: 'picture', url: moving },
  ];
  return { detectors, streams };
}

async function watchedNamespace(name: string): Promise<[LiveNamespace, Map<string, Beginning>]> {
  const namespace = await scene.namespace(name);
  const monitored = await spec();
  await namespace.write(monitored);
  return [namespace, await namespace.begun(monitored.streams.map((stream) => stream.name))];
}

/** Names of the shards whose pods run this image now. */
async function shardsOn(namespace: LiveNamespace, tag: string): Promise<Set<string>> {
  const pods = await namespace.pods();
  const ofImage = pods.filter((pod) => pod.spec.containers[0]!.image.endsWith(`:${tag}`));
  return new Set(ofImage.map(({ metadata }) => metadata.labels['streammonitor.dev/shard']!));
}

/** Waits until every stream is on pods of this image, and those of the other are gone. Seconds that took. */
async function rolledOut(namespace: LiveNamespace, tag: string, begun: number): Promise<number> {
  await eventually(
    `all streams are on ${tag}`,
    async () => {
      const shards = await shardsOn(namespace, tag);
      const pods = await namespace.pods();
      const owners = [...namespace.owners.values()];
      return owners.length === 3 && owners.every((shard) => shards.has(shard)) && pods.length === shards.size;
    },
    180,
  );
  return (performance.now() - begun) / 1000;
}

/** No second is missing, and none is there twice. */
function expectWatched(coverage: ReadonlyMap<string, Coverage>): void {
  expect([...coverage.keys()].sort()).toEqual(['one', 'picture', 'two']);
  for (const [stream, { missing, blind }] of coverage) {
    expect(Math.abs(missing), stream).toBeLessThan(2);
    expect(blind, stream).toBeLessThan(0.5);
  }
}

function described(coverage: ReadonlyMap<string, Coverage>, { longestWithoutOwner }: LiveNamespace): string {
  const all = [...coverage.values()];
  return (
    `wall time less monitored: ${inSeconds(all.map(({ missing }) => missing))} s; ` +
    `blind: ${inSeconds(all.map(({ blind }) => blind))} s; ` +
    `longest without an owner: ${longestWithoutOwner.toFixed(2)} s`
  );
}

function inSeconds(values: Iterable<number>): string {
  return [...values].map((value) => value.toFixed(2)).join(', ');
}

test('upgrade, roll-back, a lost leader and a drained node: every stream is watched throughout', async () => {
  const previous = await previousChart(directory);
  await scene.installation.install(values(imageTags.current), previous.path);
  const [namespace, beginnings] = await watchedNamespace('roll-outs');

  let begun = performance.now();
  await scene.installation.upgrade(values(imageTags.next));
  const upgraded = await rolledOut(namespace, imageTags.next, begun);

  begun = performance.now();
  await scene.installation.rollBack();
  const rolledBack = await rolledOut(namespace, imageTags.current, begun);

  const leader = await eventually('an operator leads', () => scene.installation.leader(), 60);
  begun = performance.now();
  await scene.kubernetes.kubectl(['delete', 'pod', '-n', release.namespace, leader, '--wait=false']);
  await eventually(
    'another operator leads',
    async () => {
      const next = await scene.installation.leader();
      return next !== undefined && next !== leader;
    },
    60,
  );
  const succeeded = (performance.now() - begun) / 1000;

  begun = performance.now();
  const node = (await namespace.pods())[0]!.spec.nodeName!;
  // Refused until the streams are elsewhere, and tried again: so kubectl does.
  const drain = ['--ignore-daemonsets', '--delete-emptydir-data', '--timeout=3m'];
  await scene.kubernetes.kubectl(['drain', node, ...drain]);
  const drained = (performance.now() - begun) / 1000;
  const nodesLeft = new Set((await namespace.pods()).map(({ spec }) => spec.nodeName));
  await scene.kubernetes.kubectl(['uncordon', node]);

  // With no node to move to, the streams have to stay where they are, and their pods too.
  const nodes = await scene.kubernetes.list<{ metadata: { name: string } }>('/api/v1/nodes');
  const names = nodes.map(({ metadata }) => metadata.name);
  await scene.kubernetes.kubectl(['cordon', ...names]);
  const owners = new Map(namespace.owners);
  await sleep(10_000);
  const refusals = await namespace.evict();
  await scene.kubernetes.kubectl(['uncordon', ...names]);
  const ended = await namespace.suspend(await spec());

  const coverage = await namespace.coverage(beginnings, ended);
  console.info(
    `upgrade from the chart of ${previous.revision}: all streams on the next image after ${upgraded.toFixed(1)} s, ` +
      `back after ${rolledBack.toFixed(1)} s; another leader after ${succeeded.toFixed(1)} s; ` +
      `node drained after ${drained.toFixed(1)} s; ` +
      described(coverage, namespace),
  );
  expect(nodesLeft).not.toContain(node);
  expect(owners.size).toBe(3);
  expect(new Set(refusals)).toEqual(new Set([429]));
  expect(namespace.history.conflicts).toEqual([]);
  expectWatched(coverage);
  expect(namespace.told).toEqual([]);
});

test('an installation for one namespace: nothing is lost by a roll-out, and how much by an eviction', async () => {
  const [served, other] = [await scene.namespace('served'), await scene.namespace('unserved')];
  await scene.installation.install({ ...values(imageTags.current), watchNamespace: 'served' });
  const monitored = await spec();
  const names = monitored.streams.map(({ name }) => name);
  await Promise.all([served, other].map((namespace) => namespace.write(monitored)));
  const beginnings = await served.begun(names);

  const begun = performance.now();
  await scene.installation.upgrade({ ...values(imageTags.next), watchNamespace: 'served' });
  const seconds = await rolledOut(served, imageTags.next, begun);
  const moved = await served.suspend(monitored);
  const coverage = await served.coverage(beginnings, moved);
  const description = described(coverage, served);

  await served.write(monitored);
  await served.watched(names);
  const answers = await served.evict();
  const evicted = Date.now();
  const next = await eventually(
    'the next pod watches',
    async () => {
      const times = (await Promise.all(names.map((name) => served.streamReport(name)))).map((report) =>
        Date.parse(report?.firstFrameTime ?? ''),
      );
      return times.every((time) => time > evicted) && times;
    },
    120,
  );
  await served.suspend(monitored);

  const blind = next.map((time) => (time - evicted) / 1000);
  console.info(
    `one namespace: rolled out after ${seconds.toFixed(1)} s; ${description}; ` +
      `an evicted pod: first analysed frames of the next ${inSeconds(blind)} s later`,
  );
  expect(answers).toEqual([201]);
  expectWatched(coverage);
  expect(await other.pods()).toEqual([]);
});
