import { defineConfig } from 'vitest/config';
import { busyClusterTests, busyTests, chartTests, clusterTests } from './test/integration-tests.ts';

/**
 * Real servers, senders and browsers. They depend on the time that a busy machine grants; a test that passes only when
 * run again is named at the end of the run.
 */
const integration = { testTimeout: 120_000, hookTimeout: 120_000, retry: 1 };
/** Two files at a time: together they take about one of two processors. */
const sideBySide = { ...integration, maxWorkers: 2, sequence: { groupOrder: 1 } };
const oneByOne = { ...integration, fileParallelism: false };

export default defineConfig({
  test: {
    projects: [
      // They share no state that could leak: loading every module once for all of them halves their time. The longest
      // takes 2 s, and a busy machine many times that.
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], isolate: false, testTimeout: 20_000 } },
      {
        test: {
          ...sideBySide,
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          exclude: [...clusterTests, ...chartTests, ...busyTests],
        },
      },
      { test: { ...oneByOne, name: 'integration-busy', include: busyTests } },
      { test: { ...sideBySide, name: 'cluster', include: clusterTests, exclude: busyClusterTests } },
      { test: { ...oneByOne, name: 'cluster-busy', include: busyClusterTests } },
      { test: { ...oneByOne, name: 'chart', include: chartTests } },
    ],
  },
});
