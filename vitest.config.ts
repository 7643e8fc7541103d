import { defineConfig } from 'vitest/config';
import { chartTests, clusterTests } from './test/cluster-tests.ts';

/** Real servers, senders and browsers: one file at a time, so that none takes another's CPU. */
const integration = { testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false };

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
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
