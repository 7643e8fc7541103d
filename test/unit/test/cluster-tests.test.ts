import { readdirSync, readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { expect, test } from 'vitest';
import { chartTests, clusterTests } from '../../cluster-tests.ts';

const folder = join(import.meta.dirname, '../../integration');
const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts'));
const isListed = (file: string) =>
  [...clusterTests, ...chartTests].some((glob) => matchesGlob(`test/integration/${file}`, glob));
const usesCluster = (file: string) =>
  /from '(\.\/(cluster|fake-cluster|live-cluster|operator-lane|helm|chart-release)|\.\.\/faults\/run)\b/.test(
    readFileSync(join(folder, file), 'utf8'),
  );

test.each(files)('%s runs once what it needs is there', (file) => {
  expect(isListed(file)).toBe(usesCluster(file));
});
