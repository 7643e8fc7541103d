import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { LiveCluster, liveSettings } from './live-cluster.ts';
import { type PacketSender, startHttpTs } from './senders.ts';
import { watchFreeze } from './watched-freeze.ts';

const image = (tag: string) => `registry.example/streammonitor:${tag}`;

let folder: string;
let live: LiveCluster;
let road: PacketSender;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'streammonitor-images-'));
  // A monitor that may open no stream of these tests: it is ready, and sees nothing.
  const blind = join(folder, 'blind');
  const executable = fileURLToPath(new URL('../../bin/streammonitor', import.meta.url));
  await writeFile(
    blind,
    `#!/bin/bash\nargs=()\nfor arg; do [[ $arg == --allow-range=* ]] || args+=("$arg"); done\nexec '${executable}' "\${args[@]}"\n`,
  );
  await chmod(blind, 0o755);
  const images = { [image('broken')]: '/bin/false', [image('blind')]: blind };
  [live, road] = await Promise.all([LiveCluster.start({ images }), startHttpTs()]);
});
afterAll(async () => {
  await live?.stop();
  await road?.stop();
  if (folder) await rm(folder, { recursive: true });
});

const settings = liveSettings({ warmTimeout: '3s', startTimeout: '30s' });

test('a roll-out of pods that never see a picture halts while the old ones watch on, and goes on with others', async () => {
  await live.startOperator({ image: image('1'), settings });
  const { there, picture, id } = await watchFreeze(live, 'halted', { good: road.url }, onTestFinished);
  const owners = there.owners;
  let message: string | undefined;
  const bads = { broken: 'has no pod that is ready', blind: 'see why it gets no picture' };
  for (const [bad, reason] of Object.entries(bads)) {
    const before = await there.streamReport('good');
    await live.startOperator({ image: image(bad), settings });
    message = await there.condition(
      'Progressing',
      'RolloutHalted',
      (text) => text !== message && text.includes(reason),
    );
    expect(there.owners).toEqual(owners);
    const after = await there.streamReport('good');
    expect(after).toMatchObject({ role: 'owner', phase: 'Up', firstFrameTime: before!.firstFrameTime });
    expect(after!.monitoredSeconds).toBeGreaterThan(before!.monitoredSeconds + 1);
    console.info(`${bad}: ${message}`);
  }
  const begun = performance.now();
  await live.startOperator({ image: image('2'), settings });
  const old = new Set(owners.values());
  await there.settled('all on pods of the good image', 2, (shard) => !old.has(shard));
  for (const shard of there.owners.values())
    expect(there.pod(shard).pod.spec.containers[0].image).toBe(image('2'));
  await there.condition('Progressing', 'Complete');
  console.info(
    `rolled out ${((performance.now() - begun) / 1000).toFixed(1)} s after the operator was started`,
  );
  picture.freeze(false);
  await there.toldOf('closed');
  expect(there.summary()).toEqual({ changes: ['opened', 'closed'], ids: [id], repetitions: 0 });
  await live.history.when('only shards that are needed are left', () => there.shards.length === 1, 90);
});

test('no pair ever had two owners, and no operator was refused anything', () => {
  expect(live.history.conflicts).toEqual([]);
  expect(live.refusals).toEqual([]);
});
