import { beforeAll, expect, test } from 'vitest';
import { Random } from '../accuracy/random.ts';
import { makeSamples, type Samples } from '../fuzz/samples.ts';
import { targets } from '../fuzz/targets.ts';
import { untrusted } from '../fuzz/untrusted.ts';

/** A short `npm run fuzz`, without its thread: what hangs here ends with the time-out of the test. */
const seed = 9;
const runs = 60;

let samples: Samples;
beforeAll(() => {
  samples = makeSamples();
});

test.each(targets)('$name reads hostile inputs', async (target) => {
  for (let index = 0; index < runs; index++) {
    const finding = await untrusted(target, target.input(new Random(seed, target.name, index), samples));
    expect(
      finding?.error,
      `input ${index}: npm run fuzz -- --only ${target.name} --seed ${seed}`,
    ).toBeUndefined();
  }
});
