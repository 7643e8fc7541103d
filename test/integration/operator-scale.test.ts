import { afterAll, beforeAll, expect, test } from 'vitest';
import { FakeCluster } from './fake-cluster.ts';
import { measureScale } from './operator-scale.ts';

/** More by hand, such as SCALE_STREAMS=5000: minutes, and more memory than a suite should take. */
const streams = Number(process.env.SCALE_STREAMS ?? 500);

let bed: FakeCluster;

beforeAll(async () => {
  bed = await FakeCluster.start(5);
});
afterAll(() => bed?.stop());

test(`${streams} streams are placed, kept without a write, and moved no more than need be`, async () => {
  const figures = await measureScale(bed, streams);
  console.log(JSON.stringify(figures));
  expect(figures.steady.writes).toBe(0);
  expect(figures.restart.writes).toBe(0);
  // A ConfigMap and a Deployment for each shard; a budget and a wall for the pool; a status or two for each
  // StreamMonitor; a word to each pod of a change.
  expect(figures.placingWrites).toBeLessThan(8 * figures.shards + 20);
  expect(figures.grown.moved).toBe(0);
  expect(figures.shrunk.moved).toBeLessThanOrEqual(60);
  expect(figures.lostNode.moved).toBe(figures.lostNode.streams);
}, 1_200_000);
