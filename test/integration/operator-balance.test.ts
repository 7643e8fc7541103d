import { afterAll, beforeAll, expect, test } from 'vitest';
import { LiveCluster, liveSettings } from './live-cluster.ts';
import type { LiveNamespace } from './live-namespace.ts';
import { type PacketSender, startHttpTs } from './senders.ts';

const names = ['one', 'two', 'three', 'four', 'five', 'six'];

let live: LiveCluster;
let road: PacketSender;
let there: LiveNamespace;

beforeAll(async () => {
  [live, road] = await Promise.all([LiveCluster.start(), startHttpTs()]);
  there = await live.namespace('balance');
});
afterAll(async () => {
  await live?.stop();
  await Promise.all([road?.stop(), there?.stop()]);
});

const write = (streams: readonly string[]) =>
  there.write({ streams: streams.map((name) => ({ name, url: road.url })) });

const settings = (streams: number) => liveSettings({ streams, movesInFlight: 1 });

/** Streams that are on their way at the moment. */
const moving = () => there.placed.filter(({ stream }) => stream.role === 'warming').length;

/** Waits until all is done; the streams that have another owner than before, and the most that moved at once. */
async function settled(what: string, streams: number, shards: number) {
  const before = there.owners;
  let most = 0;
  await live.history.when(
    `${what}: ${streams} streams on ${shards} shards`,
    () => {
      most = Math.max(most, moving());
      return there.isSettled(streams) && new Set(there.owners.values()).size === shards;
    },
    90,
  );
  const moved = [...there.owners].filter(([name, shard]) => before.has(name) && before.get(name) !== shard);
  return { moved: moved.length, most };
}

test('as shards get smaller, larger and fewer streams, as few streams move as can be, one at a time', async () => {
  await live.startOperator({ settings: settings(6) });
  await write(names);
  await there.watched(names);
  expect(there.shards).toHaveLength(1);

  await live.startOperator({ settings: settings(4) });
  const smaller = await settled('smaller', 6, 2);
  await live.startOperator({ settings: settings(6) });
  const larger = await settled('larger', 6, 1);
  await live.history.when('the empty shard is gone', () => there.shards.length === 1, 90);

  await live.startOperator({ settings: settings(4) });
  await settled('smaller again', 6, 2);
  await there.watched(names);
  // Two leave the fuller shard: what is left fits on one.
  const [fuller] = [...Map.groupBy(there.owners, ([, shard]) => shard)].sort(
    (a, b) => b[1].length - a[1].length,
  );
  const leaving = new Set(fuller![1].slice(0, 3).map(([name]) => name));
  await write(names.filter((name) => !leaving.has(name)));
  const fewer = await settled('fewer', 3, 1);
  await live.history.when('the empty shard is gone', () => there.shards.length === 1, 90);

  console.info(
    `moved when shards got smaller: ${smaller.moved}, larger: ${larger.moved}, when half of the streams left: ${fewer.moved}; ` +
      `at once: ${Math.max(smaller.most, larger.most, fewer.most)}; without an owner for ` +
      `${[...live.history.ownerless('balance').values()].flat().map((gap) => gap.toFixed(1))} s`,
  );
  expect([smaller, larger]).toEqual([
    { moved: 2, most: 1 },
    { moved: 2, most: 1 },
  ]);
  expect(fewer.moved).toBeLessThanOrEqual(2);
  expect(fewer.most).toBe(1);
  expect(there.told).toEqual([]);
  expect(live.history.conflicts).toEqual([]);
  expect(live.refusals).toEqual([]);
});
