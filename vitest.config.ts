import { defineConfig } from 'vitest/config';
import { chartTests, clusterTests } from './test/cluster-tests.ts';

/**
 * Real servers, senders and browsers: one file at a time, so that none takes another's CPU. They depend on the time
 * that a busy machine grants; a test that passes only when run again is named at the end of the run.
 */
const integration = { testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false, retry: 1 };

export default defineConfig({
  test: {
    projects: [
      // They share no state that could leak: loading every module once for all of them halves their time. The longest
      // takes 2 s, and a busy machine many times that.
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], isolate: false, testTimeout: 20_000 } },
      {
        test: {
          ...integration,
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          exclude: [...clusterTests, ...chartTests],
        },
      },
      { test: { ...integration, name: 'cluster', include: clusterTests } },
      { test: { ...integration, name: 'chart', include: chartTests } },
    ],
  },
});
