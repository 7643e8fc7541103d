import { expect, test } from 'vitest';
import { type DecoderWork, HangWatch } from '../../../monitor/watch/hang-watch.ts';

/** Whether a decoder whose work goes so, half a second a step, is ever said to hang; and at which step. */
function hangsAt(work: readonly DecoderWork[]): number {
  const watch = new HangWatch();
  return work.findIndex((done, step) => watch.observe(done, 500 * step));
}
const steps = (count: number, at: (step: number) => DecoderWork) =>
  Array.from({ length: count }, (_, step) => at(step));

test('one that works through what it is given does not hang', () => {
  expect(hangsAt(steps(40, (step) => ({ given: 1000 * step, cpu: step / 100 })))).toBe(-1);
});

test('one that is given nothing does not hang', () => {
  expect(hangsAt(steps(40, () => ({ given: 1000, cpu: 1 })))).toBe(-1);
});

test('one that is given a segment after a long pause does not hang', () => {
  const given = (step: number) => 1000 * Math.floor(step / 20);
  // It gets to work a second after each segment.
  expect(hangsAt(steps(100, (step) => ({ given: given(step), cpu: Math.floor((step - 2) / 20) })))).toBe(-1);
});

test('one that is given more and does nothing hangs after 3 s', () => {
  expect(hangsAt(steps(40, (step) => ({ given: 1000 * step, cpu: 1 })))).toBe(8);
});

test('one that is given something once, after which its reader waits, hangs as well', () => {
  expect(hangsAt(steps(40, (step) => ({ given: step < 10 ? 1000 : 2000, cpu: 1 })))).toBe(17);
});
