import type { Check } from '../check.ts';

export default {
  name: 'owners',
  afterAll: ({ live, operators }) => [
    ...live.history.conflicts.map((found) => ({ expected: 'one owner of each stream at any time', found })),
    ...operators.refusals.map((line) => ({
      expected: 'an operator is refused nothing',
      found: JSON.stringify(line),
    })),
  ],
} satisfies Check;
