import { expect, test } from 'vitest';
import { cpuSecondsOf, parseTimes } from '../../../bench/cpu-time.ts';
import { processCpuSeconds, processTree, ticksOf, treeMemoryBytes } from '../../../bench/process-tree.ts';

test('reads user and system seconds of bash’s times, in any locale', () => {
  expect(parseTimes('1m1.250s 0m0.500s')).toBeCloseTo(61.75);
  expect(parseTimes('0m1,250s 0m0,500s')).toBeCloseTo(1.75);
  expect(() => parseTimes('')).toThrow(RangeError);
});

test('a command that fails is an error that names it and its last words, never a figure', async () => {
  await expect(cpuSecondsOf(['sh', '-c', 'echo no such stream >&2; exit 2'], [0, 1])).rejects.toThrow(
    /^sh -c .*exit code 2: no such stream$/s,
  );
});

test('counts a process’s own ticks and those of children that it waited for, whatever its name holds', () => {
  const stat = `7 (a ) (b) S 1 7 7 0 -1 4194304 900 100 0 0 11 12 13 14 20 0 1 0 300`;
  expect(ticksOf(stat)).toBe(11 + 12 + 13 + 14);
});

test('reads this very process', () => {
  expect(processCpuSeconds(process.pid)).toBeGreaterThan(0);
  expect(processTree(process.pid)).toContain(process.pid);
  expect(treeMemoryBytes(process.pid)).toBeGreaterThan(10e6);
  expect(processCpuSeconds(2 ** 30)).toBeUndefined();
});
