import { readdirSync, readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { expect, test } from 'vitest';
import { busyClusterTests, busyTests, chartTests, clusterTests } from '../../integration-tests.ts';

const folder = join(import.meta.dirname, '../../integration');
const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts'));
const isListed = (globs: readonly string[]) => (file: string) =>
  globs.some((glob) => matchesGlob(`test/integration/${file}`, glob));
const usesCluster = (file: string) =>
  /from '(\.\/(cluster|fake-cluster|live-cluster|operator-lane|helm|chart-release)|\.\.\/(faults\/run|scale\/scale-run))\b/.test(
    readFileSync(join(folder, file), 'utf8'),
  );

test.each(files)('%s runs once what it needs is there', (file) => {
  expect(isListed([...clusterTests, ...chartTests])(file)).toBe(usesCluster(file));
});

test('what runs alone is there, and listed where it belongs', () => {
  expect(files.filter(isListed(busyTests))).toHaveLength(busyTests.length);
  expect(files.filter(isListed(busyTests)).filter(usesCluster)).toEqual([]);
  expect(files.filter(isListed(busyClusterTests))).toHaveLength(busyClusterTests.length);
  expect(files.filter(isListed(busyClusterTests)).filter((file) => !isListed(clusterTests)(file))).toEqual(
    [],
  );
});
