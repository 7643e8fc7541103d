import { expect, test } from 'vitest';
import { countTests, findingsOf, formatCounts, sumCounts } from '../../test-counts.ts';

const report = (over: object) => ({
  numPassedTests: 0,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
  ...over,
});

const file = (status: string, assertionResults: object[]) => ({
  name: '/project/test/unit/some.test.ts',
  status,
  message: 'SyntaxError: x\n  at y',
  assertionResults,
});

test('counts what passed, failed and was skipped', () => {
  const counted = countTests(
    report({
      numPassedTests: 3,
      numFailedTests: 1,
      numPendingTests: 1,
      numTodoTests: 1,
      testResults: [file('failed', [{ fullName: 'a', status: 'failed', failureMessages: ['Error: no'] }])],
    }),
    1,
  );
  expect(counted).toEqual({ passed: 3, failed: 1, skipped: 2 });
});

test('a file that does not load is a failure', () => {
  const testResults = [file('failed', [])];
  expect(countTests(report({ numPassedTests: 3, testResults }), 1).failed).toBe(1);
});

test('no report, no test at all, or an unexplained exit code is a failure', () => {
  expect(countTests(undefined, 0).failed).toBe(1);
  expect(countTests(report({}), 0).failed).toBe(1);
  expect(countTests(report({ numPassedTests: 2 }), null).failed).toBe(1);
  expect(countTests(report({ numPassedTests: 2 }), 0).failed).toBe(0);
});

test('names what failed, what passed only when run again, and what did not load', () => {
  const testResults = [
    file('failed', [
      { fullName: 'good', status: 'passed', failureMessages: [] },
      { fullName: 'shaky', status: 'passed', failureMessages: ['Error: late\n  at z'] },
      {
        fullName: 'bad',
        status: 'failed',
        failureMessages: ['\u001b[31mAssertionError: 1\u001b[39m\n  at z'],
      },
    ]),
    file('failed', []),
  ];
  expect(findingsOf(report({ testResults }), '/project')).toEqual([
    'passed only when run again: test/unit/some.test.ts: shaky: Error: late',
    'failed: test/unit/some.test.ts: bad: AssertionError: 1',
    'failed: test/unit/some.test.ts: SyntaxError: x',
  ]);
  expect(findingsOf(undefined, '/project')).toEqual([]);
});

test('sums phases and names skipped tests only when there are any', () => {
  const one = { passed: 1, failed: 0, skipped: 0 };
  expect(formatCounts(sumCounts([one, one]))).toBe('2 passed, 0 failed');
  expect(formatCounts(sumCounts([one, { passed: 0, failed: 2, skipped: 3 }]))).toBe(
    '1 passed, 2 failed, 3 skipped',
  );
});
