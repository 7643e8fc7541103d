import { expect, test } from 'vitest';
import { planningOf } from '../../../bench/planning.ts';

test('a plan that changes nothing writes nothing, and one stream more writes one assignment', () => {
  const { shards, writes } = planningOf(100, 1);
  expect(writes).toEqual({ first: shards, unchanged: 0, oneMore: 1 });
});
