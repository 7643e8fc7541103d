import { expect, test } from 'vitest';
import { type Flow, OverloadWatch } from '../../../monitor/watch/overload-watch.ts';

/** What it says of a minute, asked twice a second. */
function lagsOf(flow: (seconds: number) => Flow): number[] {
  const watch = new OverloadWatch();
  return Array.from({ length: 121 }, (_, step) => watch.observe(flow(step / 2), 500 * step));
}

test('a decoder that takes half of what comes falls behind by half a second each second', () => {
  const lags = lagsOf((seconds) => ({ media: seconds / 2, waits: true }));
  expect(lags.slice(0, 20)).toEqual(Array(20).fill(0));
  expect(lags[20]).toBe(5);
  expect(lags.at(-1)).toBe(30);
});

test('a source that is slow, or sends nothing, keeps nobody waiting', () => {
  expect(Math.max(...lagsOf((seconds) => ({ media: seconds / 2, waits: false })))).toBe(0);
});

test('segments that come at once wait in between', () => {
  const flow = (seconds: number) => ({ media: seconds, waits: seconds % 6 < 5 });
  expect(Math.max(...lagsOf(flow))).toBe(0);
});

test('the recent past that a source sends at once is judged faster than it lasts', () => {
  expect(Math.max(...lagsOf((seconds) => ({ media: 2 * seconds, waits: true })))).toBe(0);
});

test('it is over when the decoder has taken everything', () => {
  const lags = lagsOf((seconds) => ({ media: Math.min(seconds, 20 + seconds / 2), waits: seconds < 30 }));
  expect(lags[59]).toBe(0);
  const slow = lagsOf((seconds) => ({ media: seconds / 2, waits: seconds < 30 }));
  expect(slow[59]).toBeGreaterThan(10);
  expect(slow[60]).toBe(0);
});
