import { expect, test } from 'vitest';
import { fuzzShard } from '../fuzz/hostile-shard.ts';
import { makeSamples } from '../fuzz/samples.ts';

test('healthy streams notice nothing of hostile neighbours in their shard', async () => {
  const result = await fuzzShard({ seed: 9, runs: 15, samples: makeSamples(), seconds: 12 });
  expect(result.breaches).toEqual([]);
  expect(Object.values(result.reasons).reduce((sum, count) => sum + count, 0)).toBe(15);
  // A shard that cannot answer holds up all of its streams.
  expect(result.slowestAnswer).toBeLessThan(5000);
  expect(result.residentMiB).toBeLessThan(1500);
});
