import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseStreamMonitors } from '../../../crds/stream-monitor-file.ts';

const root = join(import.meta.dirname, '../../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const makefile = readFileSync(join(root, 'Makefile'), 'utf8');

test.each(['README.md', 'docs/notifications.md'])('the examples of %s are valid', (page) => {
  const text = readFileSync(join(root, page), 'utf8');
  const examples = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml]) => yaml!);
  expect(examples.length).toBeGreaterThan(0);
  for (const example of examples) expect(parseStreamMonitors(example, page)).toHaveLength(1);
});

test('the make targets that README.md names exist', () => {
  for (const [, target] of readme.matchAll(/\bmake ([a-z\d]+)/g))
    expect(makefile, `make ${target}`).toMatch(new RegExp(`^${target}:`, 'm'));
});

test('README.md names every detector', () => {
  const catalogue = JSON.parse(readFileSync(join(root, 'crds/generated/detectors.json'), 'utf8')) as object;
  for (const type of Object.keys(catalogue))
    expect(readme.includes(`\`${type}\``), `${type} in the table of detectors`).toBe(true);
});
