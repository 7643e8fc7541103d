import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ResultFile } from '../accuracy/result-file.ts';

const root = join(import.meta.dirname, '../..');
const name = 'washed-out-picture';
const written = [
  `monitor/detectors/${name}.ts`,
  `test/unit/detectors/${name}.test.ts`,
  `test/accuracy/injections/${name}.ts`,
];

/** A copy of the project, in which a detector is added by the guide alone. */
let copy: string;

/** Runs a script of the copy. @throws Error with all that it wrote when it fails */
function node(script: string, ...args: string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: copy,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${script} ${args.join(' ')}\n${stdout}${stderr}`);
}

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'streammonitor-test-'));
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const files = execFileSync('git', list, { cwd: root, encoding: 'utf8' }).split('\0');
  for (const file of files.filter(Boolean)) cpSync(join(root, file), join(copy, file), { force: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  node('docs/build/new-detector.ts', name);
  for (const part of ['crds', 'charts', 'docs']) node(`${part}/build/generate.ts`);
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

test('what npm run new-detector writes is formatted, and of the right types', () => {
  node('node_modules/@biomejs/biome/bin/biome', 'check', '--vcs-enabled=false', ...written);
  writeFileSync(
    join(copy, 'tsconfig.new.json'),
    JSON.stringify({ extends: './tsconfig.json', include: ['monitor/**/*.d.ts'], files: written }),
  );
  node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.new.json');
});

test('its test passes, and those that ask whether every detector is everywhere', () => {
  const tests = [
    written[1]!,
    'test/unit/crds',
    'test/unit/docs',
    'test/unit/charts',
    'test/unit/test/readme',
  ];
  node('node_modules/vitest/vitest.mjs', 'run', '--project=unit', ...tests);
});

test('it appears in the CRD, the reference, the README and the page of detectors by itself', () => {
  for (const page of [
    'crds/streammonitor.dev_streammonitors.yaml',
    'crds/generated/stream-monitor.md',
    'README.md',
    'docs/detectors.md',
  ])
    expect(readFileSync(join(copy, page), 'utf8'), page).toContain(name);
});

test('it finds what its media case injects, and nothing else', () => {
  const figures = join(copy, 'figures.json');
  const few = ['--media', 'test/media', '--events', '1', '--lines', '120', '--parallel', '1'];
  node('test/accuracy/accuracy.ts', ...few, '--class', name, '--json', figures);
  const { classes } = JSON.parse(readFileSync(figures, 'utf8')) as ResultFile;
  expect(classes).toHaveLength(1);
  expect(classes[0]!.tally.events).toBeGreaterThan(0);
  expect(classes[0]).toMatchObject({ quality: { recall: { value: 1 }, precision: { value: 1 } } });
});

test('a name that is taken or cannot be is refused with the fix', () => {
  expect(() => node('docs/build/new-detector.ts', name)).toThrow('is there already: choose another name');
  expect(() => node('docs/build/new-detector.ts', 'Washed')).toThrow('lower-case letters');
});
