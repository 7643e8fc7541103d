import { expect, it } from 'vitest';
import { KeyCheck } from '../../../monitor/watch/key-check.ts';

function verdicts(seconds: number, damagePerSecond: number): boolean[] {
  const check = new KeyCheck();
  return Array.from({ length: seconds }, () => {
    for (let line = 0; line < damagePerSecond; line++) check.damage();
    return Array.from({ length: 25 }, () => check.frame()).some((wrong) => wrong);
  });
}

it('calls a key wrong when nearly every picture of a second is damaged', () => {
  expect(verdicts(3, 25)).toEqual([true, true, true]);
  expect(verdicts(20, 10)).not.toContain(true);
});
