import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';

/** How many tests of a phase passed, failed and were skipped. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const reportSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string(),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()) }),
      ),
    }),
  ),
});

/**
 * Counts the tests in a report of vitest's JSON reporter.
 * @param report the parsed report; `undefined` when vitest wrote none
 * @param exitCode of vitest
 */
export function countTests(report: unknown, exitCode: number | null): TestCounts {
  const parsed = reportSchema.safeParse(report);
  if (!parsed.success) return { passed: 0, failed: 1, skipped: 0 };

  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = parsed.data;
  // A file that does not load, or whose hook fails, has no failed test of its own.
  const brokenFiles = testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const failed = numFailedTests + brokenFiles;
  // Nothing ran, or vitest failed beside the tests: an unhandled error, a crash.
  const unexplained = failed === 0 && (exitCode !== 0 || numPassedTests === 0);
  return {
    passed: numPassedTests,
    failed: unexplained ? 1 : failed,
    skipped: numPendingTests + numTodoTests,
  };
}

/**
 * What a reader has to look at, a line each: the tests that failed, those that passed only when run again, and the
 * files that broke, with the first line of what was wrong.
 * @param report the parsed report; `undefined` when vitest wrote none
 * @param root the folder that paths are shown from
 */
export function findingsOf(report: unknown, root: string): string[] {
  const parsed = reportSchema.safeParse(report);
  if (!parsed.success) return [];

  return parsed.data.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name);
    const tests = assertionResults.filter(({ failureMessages }) => failureMessages.length > 0);
    if (status === 'failed' && tests.length === 0) return [`failed: ${file}: ${firstLine(message)}`];
    return tests.map((test) => {
      const verdict = test.status === 'failed' ? 'failed' : 'passed only when run again';
      return `${verdict}: ${file}: ${test.fullName}: ${firstLine(test.failureMessages[0]!)}`;
    });
  });
}

function firstLine(message: string): string {
  return stripVTControlCharacters(message).split('\n', 1)[0]!.slice(0, 300);
}

/** The sum over phases. */
export function sumCounts(counts: readonly TestCounts[]): TestCounts {
  return counts.reduce(
    (sum, each) => ({
      passed: sum.passed + each.passed,
      failed: sum.failed + each.failed,
      skipped: sum.skipped + each.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
}

/** `12 passed, 0 failed`, and what was skipped when anything was. */
export function formatCounts({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
