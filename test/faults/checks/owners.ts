import type { Check } from '../check.ts';

/** An API server that has just started refuses everybody until it has read its roles: that is no lack of a right. */
function isOfStart(line: unknown): boolean {
  return /RBAC: \[.*not found/.test(JSON.stringify(line));
}

export default {
  name: 'owners',
  afterAll: ({ live, operators }) => [
    ...live.history.conflicts.map((found) => ({ expected: 'one owner of each stream at any time', found })),
    ...operators.refusals
      .filter((line) => !isOfStart(line))
      .map((line) => ({
        expected: 'an operator is refused nothing',
        found: JSON.stringify(line),
      })),
  ],
} satisfies Check;
